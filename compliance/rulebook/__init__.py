"""The law as dated, cited data, and the pure functions that answer from it. No Django here.

`default()` is the rulebook of this release; `answer(ask, facts)` is the one door to every
calculator. See docs/rulebook.md.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from compliance.rulebook.book import Law, Rulebook
from compliance.rulebook.types import Answer, RightLine


@cache
def default() -> Rulebook:
    """Return the rulebook of this release, loaded once. Raises BookRefused if its data is wrong."""
    from compliance.rulebook.loader import load_rulebook

    return load_rulebook()


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


__all__ = ["Answer", "Law", "RightLine", "Rulebook", "answer", "asks", "default", "rights_on_purchase"]
