"""The unit price: when it is due, per which unit, and how it is rounded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rulebook import default
from compliance.rulebook.calculators.unit_price import answer
from marketplace.kernel.errors import Invalid

FACTS = {
    "market": "DE",
    "on": "2026-11-23",
    "price": "2.49",
    "currency": "EUR",
    "net_quantity": {"value": "200", "unit": "g"},
    "category": "food.honey",
}


def ask(**change: Any) -> dict[str, Any]:
    return answer({**FACTS, **change}, default()).answer


@pytest.mark.parametrize(
    ("change", "expect"),
    [
        ({}, (True, "12.45", "1 kg")),
        ({"net_quantity": {"value": "750", "unit": "ml"}, "price": "9.99"}, (True, "13.32", "1 l")),
        ({"net_quantity": {"value": "1", "unit": "kg"}}, (False, "2.49", "1 kg")),
        ({"net_quantity": {"value": "3", "unit": "pcs"}}, (False, None, "")),
        (
            {"net_quantity": {"value": "8", "unit": "ml"}, "category": "cos.skin_care"},
            (False, "311.25", "1 l"),
        ),
        ({"category": "cos.perfume", "net_quantity": {"value": "50", "unit": "ml"}}, (False, "49.80", "1 l")),
        ({"market": "FR", "category": "cos.perfume"}, (True, "12.45", "1 kg")),
        ({"net_quantity": {"value": "250", "unit": "cm"}, "category": "tex.home"}, (True, "1.00", "1 m")),
        ({"market": "CH", "currency": "CHF", "base": "100 g"}, (True, "1.25", "100 g")),
        ({"market": "US", "currency": "USD"}, (False, "12.45", "1 kg")),
        ({"market": "JP", "currency": "JPY", "price": "300"}, (False, "1500", "1 kg")),
    ],
)
def test_worked_case(change: dict[str, Any], expect: tuple[bool, str | None, str]) -> None:
    found = ask(**change)
    assert (found["required"], found["unit_price"], found["per"]) == expect


def test_what_costs_nothing_costs_nothing_a_kilogram() -> None:
    assert ask(price="0")["unit_price"] == "0.00"
    with pytest.raises(Invalid):
        ask(price="-0.01")


@pytest.mark.parametrize("value", ["1e-400", "1e400", "NaN", True, None, "-1"])
def test_a_quantity_that_nobody_sells_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        ask(net_quantity={"value": value, "unit": "g"})
    assert refused.value.field == "net_quantity.value"


@given(st.integers(1, 10**6), st.integers(1, 10**5))
def test_grams_and_kilograms_say_the_same(cents: int, grams: int) -> None:
    price = f"{cents // 100}.{cents % 100:02d}"
    in_grams = ask(price=price, net_quantity={"value": str(grams), "unit": "g"})
    in_kilograms = ask(price=price, net_quantity={"value": f"{grams / 1000:.3f}", "unit": "kg"})
    assert in_grams["unit_price"] == in_kilograms["unit_price"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"net_quantity": {"value": "0", "unit": "g"}}, "net_quantity.value"),
        ({"net_quantity": {"value": "1", "unit": "stone"}}, "net_quantity.unit"),
        ({"net_quantity": "200 g"}, "net_quantity"),
        ({"base": "100 g"}, "base"),
        ({"price": None}, "price"),
        ({"price": 2.49}, "price"),
        ({"price": True}, "price"),
        ({"shade": "red"}, "shade"),
    ],
)
def test_what_is_not_right_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(**change)
    assert refused.value.field == field
