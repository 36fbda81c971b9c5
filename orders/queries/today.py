"""What needs a merchant's attention today, from apps above: each counts what is theirs and names the page that lists it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Need:
    """So many things, in words of the active language, and where they are listed.

    `meaning`: blocked for what is late already, attention for what should be done, information for the rest.
    """

    count: int
    label: str
    url: str
    meaning: str
    note: str = ""


Asked = Callable[[frozenset[int], date], list[Need]]
_ASKED: dict[str, Asked] = {}


def register(name: str, ask: Asked) -> None:
    """Register ``ask(keys of merchants, today)`` under a name; the same name again replaces it."""
    _ASKED[name] = ask


def needs_of(merchant_ids: frozenset[int], today: date) -> list[Need]:
    """Return what all upper apps say, those with nothing to do as well."""
    return [need for ask in _ASKED.values() for need in ask(merchant_ids, today)]
