"""What a shopper narrows a list by, as it stands in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

CHOICES = ("category", "origin", "seller", "brand", "condition")  # several values, any of which will do
FLAGS = ("in_stock", "free_returns", "verified", "guarantee", "reduced")
RANGE = ("price_min", "price_max")  # in minor units of the shopper's currency
MOST = 20  # values of one choice


@dataclass(frozen=True, slots=True)
class Filters:
    """Choices (values that any will do), flags (True: only these) and a price range."""

    category: tuple[str, ...] = ()  # leaf codes
    origin: tuple[str, ...] = ()  # country of origin
    seller: tuple[str, ...] = ()  # the merchant's country
    brand: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    in_stock: bool = False
    free_returns: bool = False
    verified: bool = False
    guarantee: bool = False
    reduced: bool = False
    price_min: int | None = None
    price_max: int | None = None
    price_currency: str = ""  # what the range is in, if not in the shopper's currency

    @classmethod
    def read(cls, given: Mapping[str, Sequence[str]]) -> Filters:
        """Return the filters in an address ({name: [values]}); what makes no sense is left out."""
        choices = {
            name: tuple(dict.fromkeys(v[:120] for v in given.get(name, ()) if v))[:MOST] for name in CHOICES
        }
        flags = {name: any(value == "1" for value in given.get(name, ())) for name in FLAGS}
        prices = {name: _whole(given.get(name, ())) for name in RANGE}
        return cls(**choices, **flags, **prices)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the filters as they stand in an address, in one order."""
        found: list[tuple[str, str]] = []
        for name in (field.name for field in fields(self) if field.name != "price_currency"):
            value: Any = getattr(self, name)
            values = value if isinstance(value, tuple) else () if value in (None, False) else (value,)
            found += [(name, "1" if one is True else str(one)) for one in values]
        return found

    def __bool__(self) -> bool:
        return bool(self.pairs())


def _whole(values: Sequence[str]) -> int | None:
    text = values[0].strip() if values else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None
