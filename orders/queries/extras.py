"""What upper apps add to an order's page: steps that happened, and the one thing to do next. Said in the active language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ExtraStep:
    """One more step of an order (its public id). `state`: done, current, next, problem."""

    order: str
    label: str
    state: str
    at: datetime | None
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class NextThing:
    """What the shopper can do now; the smallest `rank` is shown."""

    order: str
    text: str
    url: str
    label: str
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Extras:
    steps: tuple[ExtraStep, ...] = ()
    next_things: tuple[NextThing, ...] = ()


Asked = Callable[[int, str, str], Extras]
_ASKED: dict[str, Asked] = {}


def register(name: str, ask: Asked) -> None:
    """Register ``ask(group's key, group's token, language)`` under a name; the same name again replaces it."""
    _ASKED[name] = ask


def extras_of(group: Any, language: str) -> Extras:
    """Return what all upper apps add, steps by time."""
    found = [ask(group.pk, group.token, language) for ask in _ASKED.values()]
    steps = [step for one in found for step in one.steps]
    things = [thing for one in found for thing in one.next_things]
    return Extras(
        tuple(sorted(steps, key=lambda step: (step.at is None, step.at and step.at.timestamp()))),
        tuple(sorted(things, key=lambda thing: thing.rank)),
    )
