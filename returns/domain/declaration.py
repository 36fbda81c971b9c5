"""What is declared, as it is frozen and as the calculators are asked about it. Pure.

Shape of ``content``::

    version, who {name, email}, market, language, time_zone, means, declared_at, button (the words that were pressed),
    contracts [{order, seller, concluded_at, lines [{line, title, quantity, bought}]}], as_written (free words of
    who could not name an order, or of a letter)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.rulebook.exemptions import FACTS
from compliance.rulebook.types import Answer

VERSION = 1
# Why a line is judged as it is; each is said in words by returns.web.words.
GROUNDS = (
    "in_time", "before_delivery", "promise", "late", "exempt", "no_right", "private_seller", "already", "unknown",
)  # fmt: skip


def with_proof(facts: Mapping[str, Any], consent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a contract with only those consents that are stored: without the proof the right stays open."""
    proven = {fact for kind in consent for fact in FACTS.get(kind, ())}
    needed = {fact for names in FACTS.values() for fact in names}
    return {name: value for name, value in facts.items() if name not in needed or name in proven}


def judge(answer: Answer) -> tuple[bool | None, str]:
    """Return whether a declaration binds (None: the law is not known), and the ground in one word."""
    told = answer.answer
    if told["right_exists"] is None:
        return None, "unknown"
    if not told["right_exists"]:
        ground = str(told["ground"] or "")
        if ground == "private_seller":
            return False, ground
        return False, "exempt" if ".exception" in ground else "no_right"
    if told["in_time"] is None:
        return None, "unknown"
    if not told["in_time"]:
        return False, "late"
    if told["last_day"] is None:
        return True, "before_delivery"
    return True, "promise" if told["ground"] == "voluntary" else "in_time"
