"""What the offline carrier asks: by zone, method and weight."""

from __future__ import annotations

import pytest

from marketplace.kernel.money import Money
from returns.carriers.tariff import price_of, zone_of


@pytest.mark.parametrize(
    ("one", "other", "zone"),
    [
        ("DE", "DE", "home"), ("US-CA", "US", "home"), ("DE", "FR", "union"), ("DE", "GB", "world"),
        ("US-CA", "DE", "world"), ("DE", "XX", "world"),
    ],
)  # fmt: skip
def test_the_zone_is_of_the_two_countries(one: str, other: str, zone: str):
    assert (zone_of(one, other), zone_of(other, one)) == (zone, zone)


@pytest.mark.parametrize(
    ("grams", "price"), [(1, 399), (2000, 399), (2001, 499), (31500, 1299), (31501, 2598), (94500, 3897)]
)
def test_the_price_rises_in_steps_and_what_is_too_heavy_for_one_goes_in_several(grams: int, price: int):
    found = price_of(sent_from="DE", sent_to="DE", method="drop_off", grams=grams)
    assert found == Money(price, "EUR")


def test_to_have_it_fetched_costs_more_everywhere():
    for to in ("DE", "FR", "US"):
        asked = [
            price_of(sent_from="DE", sent_to=to, method=method, grams=900).minor
            for method in ("drop_off", "pick_up")
        ]
        assert asked == sorted(set(asked))
