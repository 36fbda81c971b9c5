from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import CurrencyMismatch, Money, UnknownCurrency, total

amounts = st.integers(min_value=-(10**12), max_value=10**12)


def test_an_amount_is_rounded_half_up_to_the_decimals_of_its_currency():
    assert [
        Money.of("1.005", "EUR").minor,
        Money.of("1234.5", "JPY").minor,
        Money.of("1.2345", "KWD").minor,
    ] == [
        101,
        1235,
        1235,
    ]


def test_an_amount_shows_exactly_its_decimals():
    assert [str(Money(4290, "EUR")), str(Money(4290, "JPY")), str(Money(4290, "KWD"))] == [
        "42.90 EUR",
        "4290 JPY",
        "4.290 KWD",
    ]


def test_an_amount_is_written_as_people_write_it():
    assert Money(129900, "EUR").display("de") == "1.299,00\xa0€"


def test_different_currencies_are_never_added():
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")


def test_an_unknown_currency_is_refused():
    with pytest.raises(UnknownCurrency):
        Money.of("1", "XYZ")


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Invalid):
        Money.of(text, "EUR")


@given(amounts.map(abs), st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=12))
def test_shares_always_add_up_to_the_whole(minor, weights):
    shares = Money(minor, "EUR").split(weights)

    assert total(shares, "EUR") == Money(minor, "EUR")


@given(st.integers(min_value=0, max_value=10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=12))
def test_a_share_is_never_a_cent_away_from_its_proportion(minor, weights):
    shares = Money(minor, "EUR").split(weights)

    exact = [Decimal(minor) * weight / sum(weights) for weight in weights]
    assert [abs(share.minor - want) < 1 for share, want in zip(shares, exact, strict=True)] == [True] * len(
        weights
    )


@given(amounts, amounts)
def test_adding_and_taking_away_is_exact(a, b):
    assert Money(a, "EUR") + Money(b, "EUR") - Money(b, "EUR") == Money(a, "EUR")
