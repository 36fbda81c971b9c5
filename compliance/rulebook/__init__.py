"""The law as dated, cited data, and the pure functions that answer from it. No Django here.

`default()` is the rulebook of this release; `answer(ask, facts)` is the one door to every
calculator. See docs/rulebook.md.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from compliance.rulebook.book import Law, Rulebook
from compliance.rulebook.types import Answer, RightLine

_in_use: list[Rulebook] = []  # the release's book with what officers accepted, if they did


@cache
def release() -> Rulebook:
    """Return the rulebook as released, loaded once. Raises BookRefused if its data is wrong."""
    from compliance.rulebook.loader import load_rulebook

    return load_rulebook()


def default() -> Rulebook:
    """Return the rulebook in use: the release's, unless `use` put an amended one in its place."""
    return _in_use[0] if _in_use else release()


def use(book: Rulebook | None) -> None:
    """Let this process answer from an amended book; None goes back to the release's."""
    _in_use[:] = [book] if book is not None else []


def answer(ask: str, facts: dict[str, Any]) -> Answer:
    """Answer one question of the rights calculators. Raises Invalid for bad facts, naming the field."""
    from compliance.rulebook.calculators import answer as answer_from

    return answer_from(ask, facts, default())


def asks() -> tuple[str, ...]:
    """Return the questions that `answer` knows."""
    from compliance.rulebook.calculators import ASKS

    return tuple(ASKS)


def rights_on_purchase(facts: dict[str, Any]) -> tuple[RightLine, ...]:
    """Return the lines of the card "Your rights on this purchase"; see cards.py for the facts."""
    from compliance.rulebook.cards import rights_on_purchase as lines_for

    return lines_for(facts, default())


__all__ = [
    "Answer",
    "Law",
    "RightLine",
    "Rulebook",
    "answer",
    "asks",
    "default",
    "release",
    "rights_on_purchase",
    "use",
]
