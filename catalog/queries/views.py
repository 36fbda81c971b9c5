"""What pages show, frozen: built here once, cached, and drawn by templates that decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings

from catalog.domain.ranking import Sort
from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture in several widths."""

    name: str
    widths: tuple[int, ...]
    width: int
    height: int
    alt: str

    def url(self, width: int = 640) -> str:
        """Return the address of the smallest file at least this wide, else of the widest."""
        fitting = [w for w in self.widths if w >= width]
        return f"{settings.MEDIA_URL}pictures/{self.name}-{fitting[0] if fitting else self.widths[-1]}.webp"

    @property
    def src(self) -> str:
        return self.url()

    @property
    def srcset(self) -> str:
        """Every width, as an <img srcset>."""
        return ", ".join(f"{self.url(w)} {w}w" for w in self.widths)


@dataclass(frozen=True, slots=True)
class PriceView:
    """What one unit costs a shopper in one market, in their currency, all in."""

    shown: Money  # the price as this market shows prices: with its VAT or GST, or without a sales tax
    goods: Money  # net
    shipping: Money
    duty: Money
    tax: Money
    fees: Money
    total: Money
    at_checkout: Money
    at_border: Money  # what a carrier will ask for on delivery
    state: str  # guaranteed, estimated, partial
    certain: bool
    reasons: tuple[str, ...]  # why it is not certain
    importer: str  # buyer, seller, none …
    who_collects: str
    min_days: int
    max_days: int
    service: str
    prior: Money | None = None  # the lowest price of the days before the reduction, as the law counts them
    prior_from: date | None = None  # the days that were looked at
    prior_to: date | None = None
    percent_off: int | None = None  # never rounded up
    unit: Money | None = None  # unit price
    unit_label: str = ""  # "kg", "100 ml"
    explain: tuple[str, ...] = ()
    rulings: tuple[dict[str, Any], ...] = ()
    landed: Mapping[str, Any] = field(default_factory=dict)  # the whole answer, on the product page


@dataclass(frozen=True, slots=True)
class CardView:
    """A listing in a list."""

    listing_id: int
    listing: str  # public id
    slug: str
    title: str
    language: str  # of the title
    picture: PictureView | None
    merchant: str
    merchant_name: str
    merchant_slug: str
    merchant_country: str
    is_verified: bool
    free_returns: bool
    is_trader: bool
    price: PriceView | None  # None: not sent to this market at present
    has_more_prices: bool  # "from"
    in_stock: bool
    condition: str
    rating: float | None
    rating_count: int
    is_promoted: bool  # paid placement, which would be labelled; nothing sets it


@dataclass(frozen=True, slots=True)
class Count:
    """How many, up to a cap: 1,000+ says enough."""

    number: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to narrow a list by, with how many it would leave."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """One way to narrow a list."""

    key: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """All ways to narrow a list, with the price range of what is there (in the shopper's currency)."""

    count: Count
    choices: tuple[FacetView, ...] = ()
    flags: tuple[FacetValue, ...] = ()
    price_min: Money | None = None
    price_max: Money | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A word nobody uses and the word it was read as."""

    typed: str
    read_as: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list."""

    cards: tuple[CardView, ...]
    facets: Facets
    sort: Sort
    next_cursor: str  # "" on the last page
    query: str = ""
    corrections: tuple[Correction, ...] = ()
