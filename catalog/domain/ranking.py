"""The orders a list can have, and what decides them. What is said here is what the shop says to shoppers.

Without a query, "recommended" counts: rating (drawn towards the mean while ratings are few), whether it is
in stock, and how complete its page is (pictures, languages). A listing that breaks a rule of a market for too long
stands last there and is not recommended (`LIMITED`). With a query, how well and where the words match
comes first, and the recommended order decides among equals. Nothing is personal and nobody can pay for a place.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.domain.errors import BadCursor

PARAMETERS = ("words", "rating", "in_stock", "completeness")  # stated on the search page, in this order
MEAN_STARS, MEAN_WEIGHT = 3.8, 5  # a listing without ratings stands where five average ones would put it
BIGGEST = 2**63
LIMITED = -1_000_000_000  # added to the rank of a limited listing: below every other one, also among matches
CANDIDATES = 1_000  # so many best-placed listings are ranked by words when more of them match


class Sort(StrEnum):
    """The orders a shopper can choose."""

    RECOMMENDED = "recommended"
    PRICE_UP = "price"
    PRICE_DOWN = "price-down"
    NEWEST = "newest"
    RATING = "rating"

    @property
    def column(self) -> str:
        """The column of the index that holds the order."""
        return COLUMNS[self]

    @property
    def ascending(self) -> bool:
        return self is Sort.PRICE_UP


COLUMNS = {
    Sort.RECOMMENDED: "rank",
    Sort.PRICE_UP: "price",
    Sort.PRICE_DOWN: "price",
    Sort.NEWEST: "newest",
    Sort.RATING: "rating",
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the order, the value it was sorted by, and its id."""

    sort: Sort
    value: int | str  # an instant in ISO form where the newest come first
    listing: int

    def encode(self) -> str:
        """Return the place as an opaque piece of an address."""
        raw = json.dumps([self.sort, self.value, self.listing], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, sort: Sort) -> Cursor:
        """Return the place an address names in a list of this order.

        :raises BadCursor: if it is not one we handed out, or of another order.
        """
        try:
            of, value, listing = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
            if of != sort or type(listing) is not int or not 0 <= listing < BIGGEST:
                raise ValueError(text)
            return cls(sort, _value(value, sort), listing)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise BadCursor(field="after") from None


def _value(value: object, sort: Sort) -> int | str:
    if sort is Sort.NEWEST and isinstance(value, str):
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError(value)
        return value
    if sort is Sort.NEWEST or type(value) is not int or abs(value) >= BIGGEST:
        raise ValueError(value)
    return value
