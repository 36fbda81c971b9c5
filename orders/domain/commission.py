"""What the marketplace takes of a sale: its own dated tariff (tariff.csv), and the tax on that service.

The tariff is the marketplace's own and no law. A row holds from its day until a later row of the same seller
and category; the longest category that a leaf belongs to decides ("food" for "food.honey", "" for all).
The place of a service to a business is where the business is (Directive 2006/112/EC art. 44); to a private
person who is established elsewhere an electronic service is taxed where that person is (art. 58).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from compliance.rulebook import lookups
from marketplace.kernel.money import Money

UNION = "EU"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the tariff. `percent` is of the goods without tax."""

    since: date
    seller: str  # trader, private
    category: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Commission:
    """What is taken of one line: an amount without tax, its tax, and what both follow from."""

    amount_minor: int
    tax_minor: int
    because: Mapping[str, str]  # percent, since, category, tax (domestic, reverse_charge …), tax_percent

    @property
    def total_minor(self) -> int:
        return self.amount_minor + self.tax_minor


@lru_cache(maxsize=1)
def tariff() -> tuple[Rate, ...]:
    """Return the rows of the tariff, the oldest first."""
    with (HERE / "tariff.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Rate(date.fromisoformat(row["from"]), row["seller"], row["category"], Decimal(row["percent"]))
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda row: row.since))


def rate_for(*, seller: str, category: str, on: date, rows: Iterable[Rate] | None = None) -> Rate:
    """Return the row that holds for a seller's goods of a category on a day.

    :raises LookupError: before the first tariff, or for a kind of seller without one.
    """
    found = [
        row
        for row in (tariff() if rows is None else rows)
        if row.seller == seller and row.since <= on and _is_under(category, row.category)
    ]
    if not found:
        raise LookupError(f"There is no tariff for a {seller} seller on {on}.")
    return max(found, key=lambda row: (len(row.category), row.since))


def _is_under(leaf: str, category: str) -> bool:
    return not category or leaf == category or leaf.startswith(f"{category}.")


def commission_of(
    *, goods: Money, seller: str, seller_country: str, vat_id: str, home: str, category: str, on: date
) -> Commission:
    """Return what is taken of goods (without tax) that are sold on a day.

    :param home: the country where the marketplace is established; its tax and the sellers' follow the rulebook.
    """
    rate = rate_for(seller=seller, category=category, on=on)
    amount = goods.times(rate.percent / 100)
    kind, percent = _tax(seller, seller_country, vat_id, home, on)
    tax = amount.times(percent / 100)
    because = {
        "percent": f"{rate.percent.normalize():f}",
        "since": rate.since.isoformat(),
        "category": rate.category,
        "tax": kind,
        "tax_percent": f"{percent.normalize():f}",
    }
    return Commission(amount.minor, tax.minor, because)


def _tax(seller: str, country: str, vat_id: str, home: str, on: date) -> tuple[str, Decimal]:
    """Return how the commission is taxed, and at which rate in percent."""
    is_business = seller == "trader"
    in_union = lookups.customs_territory(country, on) == UNION
    if country == home:
        return "domestic", _standard(home, on)
    if is_business and (vat_id or not in_union):
        return ("reverse_charge" if in_union else "outside"), Decimal(0)
    if not in_union:
        return "outside", Decimal(0)
    return ("domestic", _standard(home, on)) if is_business else ("seller_country", _standard(country, on))


def _standard(country: str, on: date) -> Decimal:
    rate = lookups.vat_rate(country, "standard", on)
    if rate is None:
        raise LookupError(f"The rulebook knows no standard rate of tax of {country} on {on}.")
    return rate.percent
