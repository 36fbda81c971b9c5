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


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category in the tree."""

    pk: int
    code: str
    slug: str
    name: str
    children: tuple[CategoryView, ...] = ()


@dataclass(frozen=True, slots=True)
class TraderView:
    """Who sells, with what the law wants to be known of them."""

    pk: int
    merchant: str
    slug: str
    name: str
    legal_name: str
    kind: str  # trader, private
    country: str
    address: str
    email: str
    phone: str
    website: str
    complaints_address: str
    register_name: str
    register_number: str
    vat_id: str
    eori: str
    numbers: Mapping[str, str]
    is_verified: bool
    verified_on: date | None
    verified_by: str
    self_certified_on: date | None
    story: str
    voluntary_days: int | None
    free_returns: bool


@dataclass(frozen=True, slots=True)
class DisclosureView:
    """One thing the merchant discloses. `label` is an English msgid."""

    key: str
    label: str
    type: str
    value: Any
    unit: str = ""


@dataclass(frozen=True, slots=True)
class VariantView:
    """One combination of options with its price."""

    pk: int
    variant: str  # public id
    sku: str
    options: tuple[str, ...]
    gtin: str
    mpn: str
    price: PriceView | None
    net_quantity: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WarningView:
    """A warning as it is worded in the market."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who made a thing, or answers for it."""

    role: str  # manufacturer, responsible_person, importer …
    name: str
    address: str
    email: str
    country: str
    market: str = ""


@dataclass(frozen=True, slots=True)
class DocumentView:
    kind: str
    number: str
    url: str
    language: str
    issued_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class ProductView:
    """Everything a product page shows but what is left, which is looked at each time."""

    listing_id: int
    listing: str
    version: int
    slug: str
    state: str
    title: str
    subtitle: str
    description: str  # clean HTML
    seo_title: str
    seo_description: str
    language: str  # of these words
    languages: tuple[str, ...]
    category: str
    groups: tuple[str, ...]  # duty groups
    breadcrumbs: tuple[CategoryView, ...]
    brand: str
    model: str
    condition: str
    origin: str
    hs_code: str
    pictures: tuple[PictureView, ...]
    option_names: tuple[str, ...]
    options: tuple[tuple[str, tuple[str, ...]], ...]
    variants: tuple[VariantView, ...]
    trader: TraderView
    people: tuple[PersonView, ...]
    warnings: tuple[WarningView, ...]
    disclosures: tuple[DisclosureView, ...]
    raw_disclosures: Mapping[str, Any]
    not_provided: tuple[str, ...]  # labels (msgids) of what the market asks for and the merchant left out
    documents: tuple[DocumentView, ...]
    is_offered: bool  # whether it may be bought in this market at all
    rating: float | None
    rating_count: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product page: what changes seldom, and what is left of each variant at this moment."""

    product: ProductView
    left: Mapping[str, int]  # by the variant's public id
    similar: tuple[CardView, ...]
    key: str  # the same for as long as `product` and `similar` are: what a drawn page may be kept under


@dataclass(frozen=True, slots=True)
class MerchantPage:
    """A merchant's own page."""

    trader: TraderView
    page: ListPage
