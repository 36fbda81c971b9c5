"""Filters as conditions on the index. Each carries its parameters; nothing typed ever becomes SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.domain.filters import FLAGS, Filters
from catalog.domain.landed import Rates
from catalog.models import Category
from compliance.rulebook.rates import RateMissing, convert
from marketplace.kernel.money import Money

COLUMNS = {"origin": "i.origin", "seller": "i.seller_country", "brand": "i.brand", "condition": "i.condition"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a WHERE clause over the index, which is called `i`, and the words, called `w`."""

    sql: str
    parameters: list[Any]


def source(matches: Iterable[Condition]) -> str:
    """Return the index, beside the words where words are looked for: `i`, and `w`."""
    words = " JOIN catalog_listingwords w ON w.listing_id = i.listing_id" if any(matches) else ""
    return f"catalog_listingindex i{words}"


def joined(conditions: Iterable[Condition]) -> Condition:
    """Return conditions that must all hold as one."""
    parts = list(conditions)
    return Condition(
        " AND ".join(part.sql for part in parts) or "true",
        [value for part in parts for value in part.parameters],
    )


def filter_conditions(filters: Filters, currency: str, fx: Rates) -> dict[str, Condition]:
    """Return the condition of each filter that is set, by its name (both ends of a price range are "price")."""
    found = {
        name: Condition(f"{column} = ANY(%s)", [list(getattr(filters, name))])
        for name, column in COLUMNS.items()
        if getattr(filters, name)
    }
    if filters.category:
        found["category"] = Condition("i.category_id = ANY(%s)", [_category_ids(filters.category)])
    found |= {name: Condition(f"i.{name}", []) for name in FLAGS if getattr(filters, name)}
    price = _price(filters, filters.price_currency or currency, fx)
    return found | ({"price": price} if price else {})


def _category_ids(codes: tuple[str, ...]) -> list[int]:
    return list(Category.objects.filter(code__in=codes).values_list("pk", flat=True))


def _price(filters: Filters, currency: str, fx: Rates) -> Condition | None:
    """Return the range in EUR cents; a price that cannot be converted narrows nothing."""
    ends = [(filters.price_min, ">="), (filters.price_max, "<=")]
    try:
        parts = [
            Condition(f"i.price {sign} %s", [euro_cents(Money(minor, currency), fx)])
            for minor, sign in ends
            if minor is not None
        ]
    except RateMissing:
        return None
    return joined(parts) if parts else None


def euro_cents(amount: Money, fx: Rates) -> int:
    """Return an amount in EUR cents, as the index holds prices."""
    return round(convert(amount.amount, amount.currency, "EUR", fx) * 100)


def from_euro_cents(cents: int, currency: str, fx: Rates) -> Money:
    """Return EUR cents of the index in a currency."""
    return Money.of(convert(Decimal(cents) / 100, "EUR", currency, fx), currency)
