"""Who sells as a trader: months at the edge of the window, days as they are written, what is owed before a listing."""

from __future__ import annotations

from typing import Any

import pytest

from compliance import rulebook
from marketplace.kernel.errors import Invalid

FACTS = {"market": "US", "on": "2026-11-23"}


def month(name: str | None, new: int = 250, gross: str = "6000") -> dict[str, Any]:
    named = {"month": name} if name else {}
    return named | {"new": new, "gross": {"amount": gross, "currency": "USD"}}


def ask(*sales: dict[str, Any], **more: Any) -> dict[str, Any]:
    return rulebook.answer("trader_status", FACTS | {"sales": list(sales)} | more).answer


@pytest.mark.parametrize(
    ("named", "qualified_on"),
    [("2024-11", None), ("2024-12", "2024-12-31"), ("2024-12-01", "2024-12-31"), ("2026-11", "2026-11-30")],
)
def test_the_window_reaches_back_twenty_four_months_with_this_one(named: str, qualified_on: str | None):
    assert ask(month(named))["qualified_on"] == qualified_on


def test_either_all_months_are_named_or_none():
    assert ask(month(None, 100, "3000"), month(None, 100, "3000"))["qualified_on"] == "2026-11-30"
    with pytest.raises(Invalid) as refused:
        ask(month("2026-10"), month(None))
    assert refused.value.field == "sales[1].month"


@pytest.mark.parametrize("named", ["2026-1", "2026-10-011", "October", "2026-13"])
def test_a_month_is_written_as_a_date_begins(named: str):
    with pytest.raises(Invalid) as refused:
        ask(month(named))
    assert refused.value.field == "sales[0].month"


@pytest.mark.parametrize(
    ("facts", "states"),
    [
        ({"registered": True}, {"identify": "done", "verify": "now", "disclose": "now"}),
        ({"registered": False}, {"identify": "now", "verify": "now", "disclose": "now"}),
        ({"registered": False, "details_given_on": "2026-11-01"}, {"identify": "done", "verify": "now", "disclose": "now"}),
        ({"registered": True, "verified_on": "2026-11-01"}, {"identify": "done", "verify": "done", "disclose": "now"}),
    ],
)  # fmt: skip
def test_what_is_owed_before_the_first_listing(facts: dict[str, Any], states: dict[str, str]):
    told = rulebook.answer("trader_status", {"market": "DE", "on": "2026-11-23"} | facts).answer
    assert {one["what"]: one["state"] for one in told["obligations"]} == states
