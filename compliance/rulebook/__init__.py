"""The law as dated, cited data, and the pure functions that answer from it. No Django here.

`default()` is the rulebook of this release; `answer(ask, facts)` is the one door to every
calculator. See docs/rulebook.md.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from compliance.rulebook.book import Law, Rulebook
from compliance.rulebook.types import Answer


@cache
def default() -> Rulebook:
    """Return the rulebook of this release, loaded once. Raises BookRefused if its data is wrong."""
    from compliance.rulebook.loader import load_rulebook

    return load_rulebook()


def answer(ask: str, facts: dict[str, Any]) -> Answer:
    """Answer one question of the rights calculators. Raises Invalid for bad facts, naming the field."""
    from compliance.rulebook.calculators import answer as answer_from

    return answer_from(ask, facts, default())


__all__ = ["Answer", "Law", "Rulebook", "answer", "default"]
