"""Prepared replies: which placeholders they may have, and their text for one complaint.

``{{name}}`` is a value of the complaint. ``{{law:withdrawal.period}}`` is what the rulebook says where its complainant
lives, and ``{{source:withdrawal.period}}`` where that is written; no legal figure stands in a prepared reply itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

PLAIN = ("name", "number", "order", "product", "seller")
LEGAL = ("law", "source")
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def placeholders(body: str) -> tuple[str, ...]:
    """Return the placeholders of a text, each once, in order."""
    return tuple(dict.fromkeys(_PLACE.findall(body)))


def unknown_in(body: str, *, is_rule: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the placeholders that mean nothing, and braces that open or close none."""
    strange = [place for place in placeholders(body) if not _is_known(place, is_rule)]
    rest = _PLACE.sub("", body)
    return (*strange, *(brace for brace in ("{{", "}}") if brace in rest))


def _is_known(place: str, is_rule: Callable[[str], bool]) -> bool:
    kind, _colon, name = place.partition(":")
    return place in PLAIN or (kind in LEGAL and is_rule(name))


def laws_in(body: str) -> tuple[str, ...]:
    """Return the names of the rules that a text asks for."""
    parts = (place.partition(":") for place in placeholders(body))
    return tuple(dict.fromkeys(name for kind, _colon, name in parts if kind in LEGAL and name))


def filled(body: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced; one without a value stays as it is and is seen."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], body)
