"""Refunds: sums that add up for every order, and facts that make no sense are named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance import rulebook
from marketplace.kernel.errors import Invalid

BASE = {"market": "DE", "currency": "EUR", "concluded_on": "2026-11-02"}


def refund(**facts: Any) -> dict[str, Any]:
    return rulebook.answer("refund_amount", BASE | facts).answer


amounts = st.integers(0, 1_000_000).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
lines = st.lists(
    st.integers(1, 20).flatmap(
        lambda quantity: st.fixed_dictionaries({
            "price": amounts, "quantity": st.just(quantity), "withdrawn_quantity": st.integers(0, quantity),
            "returned_value_loss": amounts, "loss_evidence": st.booleans(),
        })
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(lines, amounts, amounts, amounts)
def test_the_refund_is_the_sum_of_its_parts_and_never_more_than_was_paid(
    bought: list[dict[str, Any]], delivery: str, standard: str, duty: str
):
    told = refund(lines=bought, delivery_paid=delivery, cheapest_standard_delivery=standard, duty_paid=duty)
    paid = (
        sum(Decimal(line["price"]) * line["quantity"] for line in bought) + Decimal(delivery) + Decimal(duty)
    )
    parts = [Decimal(part["amount"]) for part in told["parts"]]
    assert Decimal(told["refund"]) == sum(parts)
    assert 0 <= Decimal(told["refund"]) <= paid
    assert Decimal(told["consumer_owes"]) == -sum(part for part in parts if part < 0)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({}, "lines"),
        ({"lines": [{"quantity": 1}]}, "lines[0].price"),
        ({"lines": [{"price": "1", "quantity": 1, "withdrawn_quantity": 2}]}, "lines[0].withdrawn_quantity"),
        ({"lines": [{"price": "-1"}]}, "lines[0].price"),
        ({"lines": [{"price": "1", "quantity": 1_000_001}]}, "lines[0].quantity"),
        ({"lines": [{"price": "1"}], "currency": "XYZ"}, "currency"),
        ({"lines": [{"price": "1", "quantity": 2, "withdrawn_quantity": 1}], "whole_order": True, "delivery_paid": "1"}, "whole_order"),
        ({"service": {"price": "1", "started_on_express_request": True, "informed": True}}, "service.period_days"),
        ({"lines": [{"price": "1", "colour": "red"}]}, "lines[0].colour"),
    ],
)  # fmt: skip
def test_facts_that_make_no_sense_are_named(facts: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        refund(**facts)
    assert refused.value.field == field


def test_a_loss_of_a_single_cent_is_taken_off():
    line = {"price": "10.00", "quantity": 1, "withdrawn_quantity": 1, "loss_evidence": True}
    assert [refund(lines=[line | {"returned_value_loss": loss}])["refund"] for loss in ("0.00", "0.01")] == [
        "10.00",
        "9.99",
    ]


def test_where_the_law_is_silent_the_answer_says_so():
    told = refund(market="SG", lines=[{"price": "10"}], delivery_paid="4")
    assert (told["refund"], told["certain"]) == ("10.00", False)


def test_yen_have_no_decimals():
    assert refund(currency="JPY", lines=[{"price": "1500", "quantity": 2}])["refund"] == "3000"
