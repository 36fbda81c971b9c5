"""The rights calculators: one pure function per question, ``answer(facts, book) -> Answer``.

Each module reads the facts of its question strictly (an unknown field is refused by name) and
looks everything else up in the rulebook. Modules load when first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

from compliance.rulebook.book import Rulebook
from compliance.rulebook.types import Answer
from marketplace.kernel.errors import Invalid

# ask -> (module, function)
ASKS: Mapping[str, tuple[str, str]] = {
    "withdrawal": ("withdrawal", "answer"),
    "withdrawal_declaration": ("withdrawal", "answer_declaration"),
    "return_deadline": ("returning", "answer_deadline"),
    "return_cost": ("returning", "answer_cost"),
    "refund_deadline": ("refund", "answer"),
    "refund_amount": ("refund_amount", "answer"),
    "delivery": ("delivery", "answer"),
    "guarantee": ("guarantee", "answer"),
    "landed_price": ("landed_price", "answer"),
    "trader_status": ("trader_status", "answer"),
    "prior_price": ("prior_price", "answer"),
    "deadline": ("deadline", "answer"),
    "clearance": ("clearance", "answer"),
    "clock": ("clock", "answer"),
}


class UnknownAsk(Invalid):
    code: ClassVar[str] = "unknown_ask"
    title: ClassVar[str] = "There is no such calculator."


def answer(ask: str, facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer one question. Raises UnknownAsk, or Invalid naming the field that is wrong."""
    if ask not in ASKS:
        raise UnknownAsk(f"We cannot answer {ask!r}. We answer: {', '.join(ASKS)}.", field="ask")
    if not isinstance(facts, Mapping):
        raise Invalid("The facts are not an object.", field="facts")
    return _calculator(ask)(facts, book)


@cache
def _calculator(ask: str) -> Callable[[Mapping[str, Any], Rulebook], Answer]:
    module, function = ASKS[ask]
    return getattr(import_module(f"{__name__}.{module}"), function)
