"""Edges of landed prices, refunds and withdrawals that a small mistake would move, each worked from its rule."""

from __future__ import annotations

from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook.calculators.landed.work import share_out


def told(ask: str, **facts: Any) -> dict[str, Any]:
    return rulebook.answer(ask, facts).answer


def american(value: str, on: str = "2026-11-23", origin: str = "DE", ship_from: str = "DE") -> dict[str, Any]:
    return told(
        "landed_price", market="US", ship_from=ship_from, on=on, currency="USD", importer_scheme="none",
        lines=[{"hs": "610910", "origin": origin, "value": value, "category": "tex.clothing"}],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [(3, [0, 0], [2, 1]), (4, [0, 0], [2, 2]), (5, [1, 1, 1], [2, 2, 1]), (0, [1, 2], [0, 0]), (7, [0], [7])],
)
def test_shares_add_up_even_where_nothing_weighs_anything(
    total: int, weights: list[int], shares: list[int]
) -> None:
    assert share_out(total, weights, [(i,) for i in range(len(weights))]) == shares


def test_the_fee_of_a_formal_entry_has_a_most() -> None:
    """19 CFR 24.23: a percentage, at least and at most so much."""
    fees = [american(value)["fee_lines"][0]["amount"] for value in ("3000.00", "400000.00", "800000.00")]
    assert fees == ["33.58", "651.50", "651.50"]


@pytest.mark.parametrize(
    ("origin", "ship_from", "is_free"),
    [("CN", "DE", False), ("DE", "CN", True), ("", "CN", False), ("", "DE", True), ("HK", "HK", False)],
)
def test_where_goods_were_made_decides_and_only_without_it_where_they_come_from(
    origin: str, ship_from: str, is_free: bool
) -> None:
    """Before August 2025 goods up to USD 800 were free of duty, those of China and Hong Kong no longer since May."""
    found = american("50.00", on="2025-06-02", origin=origin, ship_from=ship_from)
    assert (found["duty"] == "0.00") is is_free


@pytest.mark.parametrize(
    ("informed_on", "last_day"),
    [("2026-12-07", "2026-12-21"), ("2027-12-07", "2027-12-21"), ("2027-12-08", "2027-12-07")],
)
def test_who_is_told_on_the_last_day_of_the_twelve_months_still_has_fourteen_days(
    informed_on: str, last_day: str
) -> None:
    """Directive 2011/83/EU Art. 10(2): within twelve months of the initial period, which ended on 7 December 2026."""
    found = told(
        "withdrawal", market="DE", concluded_on="2026-11-16", deliveries=[{"received_on": "2026-11-23"}],
        information_given=False, information_given_on=informed_on,
    )  # fmt: skip
    assert found["last_day"] == last_day


def test_digital_content_that_does_not_conform_is_paid_back_within_fourteen_days() -> None:
    """Directive (EU) 2019/770 Art. 18(1); goods wait for their return."""
    facts = {"market": "DE", "reason": "non_conforming", "declared_on": "2026-11-02"}
    days = {
        kind: told("refund_deadline", contract_type=kind, **facts)["due_on"]
        for kind in ("goods", "digital_content")
    }
    assert days == {"goods": None, "digital_content": "2026-11-16"}


def test_a_seller_waits_only_for_goods_that_come_after_the_time_to_pay() -> None:
    """Directive 2011/83/EU Art. 13(3)."""
    answers = [
        rulebook.answer(
            "refund_deadline", {"market": "DE", "declared_on": "2026-11-02", "goods_back_on": day}
        )
        for day in ("2026-11-16", "2026-11-17")
    ]
    said = [any("could wait until" in line for line in one.explain) for one in answers]
    assert ([one.answer["due_on"] for one in answers], said) == (["2026-11-16", "2026-11-17"], [False, True])


def test_a_remedy_that_was_given_is_not_open_again_and_the_other_is() -> None:
    """Directive (EU) 2019/771 Art. 13(2): repair or replacement."""
    facts = {"market": "DE", "concluded_on": "2026-06-01", "delivered_on": "2026-06-05"}
    told_of = [{"remedy": "replacement", "outcome": "done"}]
    assert told("guarantee", **facts, remedy_history=told_of)["remedies_open"] == ["repair"]


@pytest.mark.parametrize(
    ("shipped_on", "status"), [("2026-12-20", "shipped_late"), ("2026-12-21", "cancelled")]
)
def test_what_is_sent_on_the_very_day_on_which_silence_cancels_is_not_cancelled(
    shipped_on: str, status: str
) -> None:
    """16 CFR 435.2(b)(1): cancelled unless shipped within thirty days of the day that was promised."""
    found = told(
        "delivery", market="US", concluded_on="2026-11-02", ship_promise_on="2026-11-20", shipped_on=shipped_on,
        notices=[{"sent_on": "2026-11-18"}], today="2026-12-30",
    )  # fmt: skip
    assert found["status"] == status
