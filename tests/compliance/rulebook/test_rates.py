"""Exchange rates: named by pair, crossed through the euro, never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rulebook.rates import (
    RateMissing,
    convert,
    convert_money,
    ecb_history,
    parse_rates,
    penultimate_wednesday,
)
from marketplace.kernel.money import Money

RATES = {"EUR/USD": "1.08", "EUR/GBP": "0.84", "EUR/JPY": "162"}


@pytest.mark.parametrize(
    ("amount", "source", "target", "expect"),
    [
        ("100", "EUR", "USD", "108.00"),
        ("108", "USD", "EUR", "100.00"),
        ("84", "GBP", "JPY", "16200"),
        ("5", "CHF", "CHF", "5.00"),
    ],
)
def test_direct_inverse_and_crossed(amount: str, source: str, target: str, expect: str) -> None:
    assert convert_money(Money.of(amount, source), target, RATES) == Money.of(expect, target)


def test_a_missing_rate_is_said() -> None:
    with pytest.raises(RateMissing) as missing:
        convert(Decimal(1), "EUR", "CHF", RATES)
    assert missing.value.data == {"source": "EUR", "target": "CHF"}


@given(st.decimals("0.01", "100000", places=2), st.sampled_from(["USD", "GBP", "JPY"]))
def test_there_and_back_is_the_same(amount: Decimal, currency: str) -> None:
    rates = parse_rates(RATES)
    there = convert(amount, "EUR", currency, rates)
    assert abs(convert(there, currency, "EUR", rates) - amount) < Decimal("1e-15")


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2026, 10, 21), (2026, 11, 18), (2026, 12, 23), (2024, 2, 21), (2025, 12, 24)]
)
def test_the_day_whose_rates_the_customs_use(year: int, month: int, day: int) -> None:
    assert penultimate_wednesday(year, month) == date(year, month, day)


def test_the_shipped_history_has_the_dollar_of_a_day() -> None:
    found = {(one.on, one.currency): one.rate for one in ecb_history(since=date(2026, 10, 29))}
    assert found[date(2026, 10, 30), "USD"] == Decimal("1.1172")
