"""The tariff by seller, category and day; the tax on the commission by where the seller is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from compliance.rulebook.categories import categories
from marketplace.kernel.money import Money
from orders.domain.commission import Rate, commission_of, rate_for, tariff

ON = date(2026, 11, 23)


def taken(seller: str, country: str, vat_id: str = "", category: str = "tex.apparel") -> tuple[int, int, str]:
    found = commission_of(
        goods=Money(10_000, "EUR"), seller=seller, seller_country=country, vat_id=vat_id, home="DE",
        category=category, on=ON,
    )  # fmt: skip
    return found.amount_minor, found.tax_minor, found.because["tax"]


@pytest.mark.parametrize(
    ("seller", "country", "vat_id", "expected"),
    [
        ("trader", "DE", "", (1200, 228, "domestic")),
        ("trader", "FR", "FR12345678901", (1200, 0, "reverse_charge")),
        ("trader", "FR", "", (1200, 228, "domestic")),
        ("trader", "CN", "", (1200, 0, "outside")),
        ("private", "FR", "", (500, 100, "seller_country")),
        ("private", "US", "", (500, 0, "outside")),
    ],
)
def test_the_tax_follows_the_seller(seller: str, country: str, vat_id: str, expected: tuple[int, int, str]):
    assert taken(seller, country, vat_id) == expected


def test_the_longest_category_and_the_latest_day_decide():
    rows = [
        Rate(date(2026, 1, 1), "trader", "", Decimal(12)),
        Rate(date(2026, 1, 1), "trader", "food", Decimal(8)),
        Rate(date(2026, 6, 1), "trader", "food", Decimal(9)),
        Rate(date(2027, 1, 1), "trader", "food", Decimal(1)),
    ]
    found = [
        rate_for(seller="trader", category=category, on=on, rows=rows).percent
        for category, on in (("food.honey", ON), ("food.honey", date(2026, 2, 1)), ("foodless", ON))
    ]
    assert found == [9, 8, 12]


def test_before_the_first_tariff_there_is_none():
    with pytest.raises(LookupError):
        rate_for(seller="trader", category="food.honey", on=date(2020, 1, 1))


def test_every_category_of_the_tariff_is_one_of_goods():
    known = {leaf.split(".")[0] for leaf in categories()}
    assert {row.category for row in tariff()} - {""} <= known
