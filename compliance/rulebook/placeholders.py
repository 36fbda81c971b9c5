"""Texts with places: ``{{name}}`` for a value, ``{{law:withdrawal.period}}`` for what the rulebook says, and
``{{source:withdrawal.period}}`` for where that is written. No legal figure stands in such a text itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

LEGAL = ("law", "source")
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def placeholders(body: str) -> tuple[str, ...]:
    """Return the placeholders of a text, each once, in order."""
    return tuple(dict.fromkeys(_PLACE.findall(body)))


def unknown_in(body: str, *, plain: Iterable[str], is_rule: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the placeholders that mean nothing, and braces that open or close none."""
    known = tuple(plain)
    strange = [place for place in placeholders(body) if not _is_known(place, known, is_rule)]
    rest = _PLACE.sub("", body)
    return (*strange, *(brace for brace in ("{{", "}}") if brace in rest))


def _is_known(place: str, plain: tuple[str, ...], is_rule: Callable[[str], bool]) -> bool:
    kind, _colon, name = place.partition(":")
    return place in plain or (kind in LEGAL and is_rule(name))


def laws_in(body: str) -> tuple[str, ...]:
    """Return the names of the rules that a text asks for."""
    parts = (place.partition(":") for place in placeholders(body))
    return tuple(dict.fromkeys(name for kind, _colon, name in parts if kind in LEGAL and name))


def filled(body: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced; one without a value stays as it is and is seen."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], body)
