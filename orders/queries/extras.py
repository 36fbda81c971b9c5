"""What upper apps add to an order's page: steps, the one thing to do next, the ways that are open. In the active language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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
class OpenWays:
    """Which ways back an order's pieces have left; `why` says in one sentence why there is none any more.

    `ended` are the pieces for which the contract is over, by the line's public id. `open_lines` are the lines whose
    rights still mean something: the contract goes on for some piece of them.
    """

    order: str
    may_withdraw: bool
    may_exchange: bool
    open_lines: frozenset[str]
    ended: Mapping[str, int] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Extras:
    steps: tuple[ExtraStep, ...] = ()
    next_things: tuple[NextThing, ...] = ()
    ways: tuple[OpenWays, ...] = ()


Asked = Callable[[Any, str, date], Extras]
_ASKED: dict[str, Asked] = {}


def register(name: str, ask: Asked) -> None:
    """Register ``ask(group with its parts, language, today)`` under a name; the same name again replaces it."""
    _ASKED[name] = ask


def extras_of(group: Any, language: str, today: date) -> Extras:
    """Return what all upper apps add, steps by time.

    :param group: a checkout as `orders.queries.orders.find_group` returns it.
    :param today: the day where the shopper is.
    """
    found = [ask(group, language, today) for ask in _ASKED.values()]
    steps = [step for one in found for step in one.steps]
    things = [thing for one in found for thing in one.next_things]
    return Extras(
        tuple(sorted(steps, key=lambda step: (step.at is None, step.at and step.at.timestamp()))),
        tuple(sorted(things, key=lambda thing: thing.rank)),
        tuple(way for one in found for way in one.ways),
    )
