"""What the offline carrier asks for a return, from its tariff (tariff.csv): by zone, method and weight.

The prices are the test carrier's own, made up; no real carrier asks them. Zones: ``home`` within a country,
``union`` between two countries of the European Union, ``world`` for everything else.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from compliance import rulebook
from compliance.rulebook.book import UnknownJurisdiction
from marketplace.kernel.money import Money

UNKNOWN_GRAMS = 1000  # a piece whose weight nobody said
Steps = tuple[tuple[int, int, str], ...]


def price_of(*, sent_from: str, sent_to: str, method: str, grams: int) -> Money:
    """Return the price of a return between two countries (or parts of one).

    What is heavier than one parcel may be goes in as many of the heaviest kind as it takes.

    :raises KeyError: for a method that the tariff does not know.
    """
    steps = _tariff()[zone_of(sent_from, sent_to), method]
    for most, price, currency in steps:
        if grams <= most:
            return Money(price, currency)
    most, price, currency = steps[-1]
    return Money(price * -(-grams // most), currency)


def zone_of(one: str, other: str) -> str:
    """Return the zone of a way between two countries; "US-CA" is in "US"."""
    here, there = one.split("-")[0], other.split("-")[0]
    if here == there:
        return "home"
    book = rulebook.default()
    try:
        return "union" if book.is_under(here, "EU") and book.is_under(there, "EU") else "world"
    except UnknownJurisdiction:  # sellers may sit where nobody of ours lives
        return "world"


@lru_cache(maxsize=1)
def _tariff() -> dict[tuple[str, str], Steps]:
    found: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    with (Path(__file__).parent / "tariff.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            step = (int(row["up_to_grams"]), int(row["price_minor"]), row["currency"])
            found.setdefault((row["zone"], row["method"]), []).append(step)
    return {key: tuple(sorted(steps)) for key, steps in found.items()}
