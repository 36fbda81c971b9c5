"""The orders a list can have, and what decides them. What is said here is what the shop says to shoppers.

Without a query, "recommended" counts: rating (drawn towards the mean while ratings are few), whether it is
in stock, and how complete its page is (pictures, languages). With a query, how well and where the words match
comes first, and the recommended order decides among equals. Nothing is personal and nobody can pay for a place.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.errors import BadCursor

PARAMETERS = ("words", "rating", "in_stock", "completeness")  # stated on the search page, in this order
MEAN_STARS, MEAN_WEIGHT = 3.8, 5  # a listing without ratings stands where five average ones would put it
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
    """The last row of a page: the value it was sorted by and its id."""

    value: int | str
    listing: int

    def encode(self) -> str:
        """Return the place as an opaque piece of an address."""
        raw = json.dumps([self.value, self.listing], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Return the place an address names.

        :raises BadCursor: if it is not one we handed out.
        """
        try:
            value, listing = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError, binascii.Error):
            raise BadCursor(field="after") from None
        if not isinstance(listing, int) or isinstance(listing, bool) or not isinstance(value, int | str):
            raise BadCursor(field="after")
        return cls(value, listing)


def weighted_rating(average: float | None, count: int) -> int:
    """Return thousandths of a star: the average drawn towards the mean as if by five mean ratings."""
    total = (average or 0.0) * count + MEAN_STARS * MEAN_WEIGHT
    return round(1000 * total / (count + MEAN_WEIGHT))
