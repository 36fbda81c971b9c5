"""What shoppers' pages show: lists of listings, a listing, a merchant. Frozen for a place and a day.

"Ships to me and may be sold to me" is always on: `Listing.offered_in` holds the visitor's market.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from catalog.domain.words import parse_query
from catalog.models import (
    Category,
    ExchangeRate,
    Listing,
    ListingIndex,
    ListingText,
    Media,
    Offer,
    PriceRecord,
    SearchWord,
    ShippingRate,
    Variant,
)
from compliance import rulebook
from compliance.rulebook import lookups, rates
from compliance.rulebook.types import Answer
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.money import Money

PAGE = 24
COUNTED = 1000
SORTS = {"relevance": ("-rank", "-listing"), "price": ("price", "listing"), "dearest": ("-price", "-listing"),
         "newest": ("-newest", "-listing")}  # fmt: skip
FACETS = ("seller_country", "origin", "condition", "brand")
FLAGS = ("in_stock", "free_returns", "verified", "reduced")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor narrowed a list down to."""

    query: str = ""
    category: str = ""
    merchant: int | None = None
    sort: str = "relevance"
    values: Mapping[str, str] = field(default_factory=dict)  # facet → value
    flags: frozenset[str] = frozenset()
    least: Decimal | None = None  # EUR
    most: Decimal | None = None
    after: int = 0  # how many pages were turned: see `list_listings`


@dataclass(frozen=True, slots=True)
class Priced:
    """What one costs here, all in, with its parts; None where it cannot be brought or computed."""

    total: Money
    goods: Money
    parts: Mapping[str, Money]
    is_certain: bool
    reasons: tuple[str, ...]
    answer: Answer
    min_days: int
    max_days: int
    shipping_note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list."""

    listings: tuple[Listing, ...]
    count: int
    is_capped: bool
    has_more: bool
    correction: str
    facets: Mapping[str, Sequence[tuple[str, int]]]
    flags: Mapping[str, int]


def list_listings(filters: Filters, place: Place) -> Found:
    """Return a page of listings that may be bought here, with facets over all that fit."""
    rows, correction = _matching(filters, place)
    ids = list(rows.order_by(*SORTS[filters.sort]).values_list("listing_id", flat=True)[_window(filters)])
    matching = list(rows.values_list(*FACETS, *FLAGS)[: COUNTED + 1])
    listings = {listing.pk: listing for listing in cards(ids)}
    return Found(
        listings=tuple(listings[pk] for pk in ids[:PAGE] if pk in listings),
        count=min(len(matching), COUNTED),
        is_capped=len(matching) > COUNTED,
        has_more=len(ids) > PAGE,
        correction=correction,
        facets=_facets(matching),
        flags={name: sum(1 for row in matching if row[len(FACETS) + n]) for n, name in enumerate(FLAGS)},
    )


def _window(filters: Filters) -> slice:
    return slice(filters.after * PAGE, (filters.after + 1) * PAGE + 1)


def _facets(rows: Sequence[tuple[Any, ...]]) -> dict[str, list[tuple[str, int]]]:
    counted = {name: Counter(row[n] for row in rows if row[n]) for n, name in enumerate(FACETS)}
    return {name: counter.most_common(12) for name, counter in counted.items()}


def _matching(filters: Filters, place: Place) -> tuple[QuerySet[ListingIndex], str]:
    rows = ListingIndex.objects.filter(listing__offered_in__contains=[place.market])
    if filters.category:
        category = Category.objects.get(code=filters.category)
        rows = rows.filter(Q(category=category) | Q(group=category))
    if filters.merchant:
        rows = rows.filter(merchant_id=filters.merchant)
    rows = rows.filter(**{name: value for name, value in filters.values.items() if name in FACETS})
    rows = rows.filter(**dict.fromkeys(filters.flags & set(FLAGS), True))
    if filters.least is not None:
        rows = rows.filter(price__gte=int(filters.least * 100))
    if filters.most is not None:
        rows = rows.filter(price__lte=int(filters.most * 100))
    return _search(rows, filters.query, place.language) if filters.query else (rows, "")


def _search(rows: QuerySet[ListingIndex], typed: str, language: str) -> tuple[QuerySet[ListingIndex], str]:
    """Narrow rows down to what the words find; if they find nothing, to what they were meant to be."""
    query = parse_query(typed)
    found = rows.filter(vector=_vector_query(query.text, language)) if query else rows
    if not query or found.exists():
        return found, ""
    mended = " ".join(_nearest(term.text) if term.is_correctable else term.text for term in query.terms)
    return rows.filter(vector=_vector_query(mended, language)), mended if mended != query.text else ""


def _vector_query(text: str, language: str) -> SearchQuery:
    config = RawSQL("catalog_config(%s)", [language])
    plain = RawSQL("catalog_config(%s)", ["xx"])
    return SearchQuery(text, config=config, search_type="websearch") | SearchQuery(
        text, config=plain, search_type="websearch"
    )


def _nearest(word: str) -> str:
    near = SearchWord.objects.annotate(likeness=RawSQL("similarity(word, %s)", [word])).filter(
        likeness__gt=0.3
    )
    return near.order_by("-likeness", "word").values_list("word", flat=True).first() or word


def cards(ids: Iterable[int]) -> QuerySet[Listing]:
    """Return listings with all that a card shows, in a fixed number of queries."""
    return (
        Listing.objects.filter(pk__in=list(ids))
        .select_related("merchant", "category")
        .prefetch_related(
            Prefetch("texts", ListingText.objects.only("listing", "language", "title", "subtitle")),
            Prefetch("media", Media.objects.order_by("position", "pk")),
            Prefetch("variants", Variant.objects.filter(is_active=True).order_by("position", "pk")),
            Prefetch("variants__offers", Offer.objects.order_by("pk")),
        )
    )


def full_listing(public_id: str) -> Listing:
    """Return a listing with all that its page shows.

    :raises NotFound: if there is none, or it is not published.
    """
    rows = Listing.objects.filter(public_id=public_id, state=Listing.State.ACTIVE)
    found = (
        rows.select_related("merchant", "category__parent", "brand")
        .prefetch_related(
            "texts",
            Prefetch("media", Media.objects.order_by("position", "pk")),
            Prefetch(
                "variants",
                Variant.objects.filter(is_active=True).select_related("stock").order_by("position", "pk"),
            ),
            Prefetch("variants__offers", Offer.objects.order_by("pk")),
        )
        .first()
    )
    if found is None:
        raise NotFound("There is nothing at this address.", field="listing")
    return found


def similar_to(listing: Listing, place: Place, limit: int = 4) -> list[Listing]:
    """Return other listings of the same category, then of its group, that may be bought here."""
    rows = ListingIndex.objects.filter(listing__offered_in__contains=[place.market]).exclude(listing=listing)
    rows = rows.filter(Q(category=listing.category_id) | Q(group=listing.category.parent_id))
    ids = list(rows.order_by("-rank", "-listing").values_list("listing_id", flat=True)[:limit])
    return list(cards(ids))


def rates_on(on: date) -> dict[str, Decimal]:
    """Return the latest reference rates up to a day, as ``{"EUR/USD": rate}``; remembered for the day."""
    return dict(_rates_on(on))


@lru_cache(maxsize=4)
def _rates_on(on: date) -> tuple[tuple[str, Decimal], ...]:
    rows = ExchangeRate.objects.filter(on__lte=on).order_by("currency", "-on").distinct("currency")
    return tuple((f"EUR/{row.currency}", row.rate) for row in rows)


def shipping_to(market: str, merchant_ids: Iterable[int]) -> dict[int, ShippingRate]:
    """Return each merchant's cheapest way to a market, or to its country."""
    rows = ShippingRate.objects.filter(merchant_id__in=set(merchant_ids), market__in={market, market[:2]})
    found: dict[int, ShippingRate] = {}
    for row in sorted(rows, key=lambda row: (row.market != market, row.price_minor)):
        found.setdefault(row.merchant_id, row)
    return found


def cheapest(listing: Listing) -> tuple[Variant, Offer] | None:
    """Return the variant with the lowest price in the merchant's currency (or the first there is)."""
    pairs = [
        (variant, offer)
        for variant in listing.variants.all()
        for offer in variant.offers.all()
        if offer.currency == listing.merchant.currency
    ]
    return min(pairs, key=lambda pair: pair[1].price_minor, default=None)


def price_here(
    listing: Listing, offer: Offer, rate: ShippingRate | None, place: Place, on: date
) -> Priced | None:
    """Return what one of this offer costs, brought to the visitor's place; None if nobody brings it."""
    if rate is None:
        return None
    known = rates_on(on)
    try:
        answer = _land(listing, offer, rate, place, on, known)
    except RightfulError:
        return None
    told = answer.answer
    if told["state"] == "not_deliverable":
        return None
    parts = {
        name: Money.of(told[name], place.currency) for name in ("goods", "shipping", "duty", "tax", "fees")
    }
    total = Money.of(told["total"], place.currency)
    return Priced(
        total, parts["goods"], parts, bool(told.get("certain", True)), tuple(told.get("reasons", ())), answer,
        rate.min_days, rate.max_days,
    )  # fmt: skip


def _land(
    listing: Listing, offer: Offer, rate: ShippingRate, place: Place, on: date, known: Mapping[str, Decimal]
) -> Answer:
    merchant = listing.merchant
    net = Money(offer.price_minor, offer.currency).amount
    if merchant.prices_include_tax:
        net /= 1 + home_tax(merchant.country, listing.category.code, listing.hs_code, on) / 100
    shipping = Money(rate.price_minor, rate.currency)
    if rate.free_from_minor is not None and offer.price_minor >= rate.free_from_minor:
        shipping = Money.zero(rate.currency)
    home = _percent(place.market, listing.category.code, listing.hs_code, on)
    value = rates.convert(net, offer.currency, place.currency, known)
    gross = Money.of(value * (1 + home / 100), place.currency)
    facts = {
        "market": place.market, "ship_from": merchant.country, "on": on.isoformat(), "currency": place.currency,
        "importer_scheme": "marketplace", "shipping": str(rates.convert_money(shipping, place.currency, known).amount),
        "rates": {pair: str(rate) for pair, rate in known.items()}, "prices_include_tax": True,
        "lines": [{"hs": listing.hs_code, "origin": listing.origin, "category": listing.category.code, "quantity": 1,
                   "value": str(gross.amount)}],
    }  # fmt: skip
    answer = rulebook.answer("landed_price", facts)
    taxed_again = (
        Decimal(answer.answer["tax"]) > 0 and Money.of(answer.answer["goods"], place.currency) == gross
    )
    if taxed_again and home:
        facts["prices_include_tax"] = False
        facts["lines"][0]["value"] = str(Money.of(value, place.currency).amount)
        answer = rulebook.answer("landed_price", facts)
    return answer


@lru_cache(maxsize=8192)
def home_tax(country: str, category: str, hs_code: str, on: date) -> Decimal:
    """Return the percent of VAT or GST that prices contain in a country; 0 if none is known."""
    return _percent(country, category, hs_code, on)


@lru_cache(maxsize=16384)
def _percent(market: str, category: str, hs_code: str, on: date) -> Decimal:
    categories = lookups.tax_categories(category, hs_code) or ("standard",)
    found = lookups.first_vat_rate(market, categories, on)
    return found.percent if found else Decimal(0)


def history_of(variant: Variant, currency: str) -> list[PriceRecord]:
    """Return a variant's price records in one currency, oldest first."""
    rows = PriceRecord.objects.filter(variant=variant, currency=currency)
    return list(rows.order_by("valid_from", "pk"))


def merchant_by_slug(slug: str) -> Merchant:
    """Return a merchant who sells.

    :raises NotFound: if there is none of this name.
    """
    found = Merchant.objects.filter(slug=slug, status=Merchant.Status.ACTIVE).first()
    if found is None:
        raise NotFound("There is no merchant of this name.", field="merchant")
    return found


def rooms(place: Place) -> list[tuple[Category, int]]:
    """Return the top categories that hold something for this place, with how many."""
    rows = ListingIndex.objects.filter(listing__offered_in__contains=[place.market]).values_list(
        "group", flat=True
    )
    counts = Counter(rows)
    found = Category.objects.filter(pk__in=counts).order_by("position", "pk")
    return [(category, counts[category.pk]) for category in found]


def newest(place: Place, limit: int) -> list[Listing]:
    """Return the newest listings that may be bought here, one merchant after another."""
    rows = ListingIndex.objects.filter(listing__offered_in__contains=[place.market]).order_by(
        "-rank", "-listing"
    )
    ids = list(rows.annotate(of=F("merchant_id")).values_list("listing_id", "of")[: limit * 12])
    taken: dict[int, list[int]] = {}
    for pk, merchant in ids:
        taken.setdefault(merchant, []).append(pk)
    mixed = [own[n] for n in range(limit) for own in taken.values() if n < len(own)]
    order = {pk: n for n, pk in enumerate(mixed[:limit])}
    return sorted(cards(order), key=lambda listing: order[listing.pk])


def now_in(place: Place, now: datetime) -> date:
    """Return the day it is for the visitor."""
    from zoneinfo import ZoneInfo

    return now.astimezone(ZoneInfo(place.time_zone)).date()
