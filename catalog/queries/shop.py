"""What shoppers' pages show: lists of listings, a listing, a merchant. Frozen for a place and a day.

"Ships to me and may be sold to me" is always on: `Listing.offered_in` holds the visitor's market.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from catalog import pages
from catalog.domain import landed
from catalog.domain.landed import Landing, Taxed
from catalog.domain.ranking import Sort
from catalog.domain.words import parse_query
from catalog.models import (
    Category,
    Listing,
    ListingText,
    Media,
    Offer,
    ShippingRate,
    Variant,
)
from catalog.queries import lists
from catalog.queries.cards import cards_of
from catalog.queries.lists import EVERYTHING, Scope, Wanted
from catalog.queries.prices import Priced as PricedOffer
from catalog.queries.prices import exchange_rates, landed_for, service_of
from catalog.queries.views import CardView, Correction, FacetView, PriceView
from compliance.rulebook.types import Answer
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place
from marketplace.kernel.errors import NotFound, RightfulError
from marketplace.kernel.money import Money, exponent
from marketplace.kernel.prepared import attach, prepared

PAGE = lists.SIZE
SORTS = {"relevance": Sort.RECOMMENDED, "price": Sort.PRICE_UP, "dearest": Sort.PRICE_DOWN, "newest": Sort.NEWEST,
         "rating": Sort.RATING}  # fmt: skip
FACETS = ("seller_country", "origin", "condition", "brand")
FLAGS = ("in_stock", "free_returns", "verified", "guarantee", "reduced")
NAMES = {"seller_country": "seller"}  # where a facet is called otherwise in the index


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor narrowed a list down to."""

    query: str = ""
    category: str = ""
    merchant: int | None = None
    sort: str = "relevance"
    values: Mapping[str, str] = field(default_factory=dict)  # facet → value
    flags: frozenset[str] = frozenset()
    least: Decimal | None = None  # in `currency`
    most: Decimal | None = None
    currency: str = "EUR"
    after: str = ""  # where the page before ended
    size: int = PAGE


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

    cards: tuple[CardView, ...]
    count: int
    is_capped: bool
    following: str  # where the next page begins, "" on the last
    correction: str
    facets: Mapping[str, Sequence[tuple[str, int]]]
    flags: Mapping[str, int]


def list_listings(filters: Filters, place: Place, on: date) -> Found:
    """Return a page of listings that may be bought here, with facets over all that fit.

    :raises BadCursor: if `after` is not a place we handed out.
    """
    found = lists.list_page(wanted(filters), place, on)
    shown = {choice.key: choice for choice in found.facets.choices}
    return Found(
        cards=found.cards,
        count=found.facets.count.number,
        is_capped=found.facets.count.is_more,
        following=found.next_cursor,
        correction=mended(filters.query, found.corrections),
        facets={name: _counts(shown.get(NAMES.get(name, name))) for name in FACETS},
        flags=dict.fromkeys(FLAGS, 0) | {flag.value: flag.count for flag in found.facets.flags},
    )


def _counts(choice: FacetView | None) -> list[tuple[str, int]]:
    return [(one.value, one.count) for one in choice.values[:12]] if choice else []


def wanted(filters: Filters) -> Wanted:
    """Return a list as the index is asked for it."""
    values = {NAMES.get(name, name): (value,) for name, value in filters.values.items() if name in FACETS}
    scale = 10 ** exponent(filters.currency)
    return Wanted(
        scope=scope_of(filters),
        filters=lists.Filters(
            **values,
            **dict.fromkeys(filters.flags & set(FLAGS), True),
            price_min=None if filters.least is None else int(filters.least * scale),
            price_max=None if filters.most is None else int(filters.most * scale),
            price_currency=filters.currency,
        ),
        sort=SORTS.get(filters.sort, Sort.RECOMMENDED),
        query=filters.query,
        after=filters.after,
        size=filters.size,
    )


def scope_of(filters: Filters) -> Scope:
    """Return the part of the catalogue that is listed: a merchant's, a category's, a group's, or all of it."""
    if filters.merchant:
        return Scope("merchant", filters.merchant)
    if not filters.category:
        return EVERYTHING
    category = Category.objects.get(code=filters.category)
    return Scope("category" if category.parent_id else "group", category.pk)


def mended(typed: str, corrections: Sequence[Correction]) -> str:
    """Return a query with its unknown words as they were read; "" if all were known."""
    if not corrections:
        return ""
    read = {one.typed: one.read_as for one in corrections}
    return " ".join(read.get(term.text, term.text) for term in parse_query(typed).terms)


def in_order(ids: Sequence[int]) -> list[Listing]:
    """Return listings with all that a card shows, in the order given."""
    known = {listing.pk: listing for listing in cards(ids)}
    return [known[pk] for pk in ids if pk in known]


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
    found = _published.first(public_id)
    if found is None:
        raise NotFound("There is nothing at this address.", field="listing")
    attach([found], "texts", _texts_of(found.pk))
    attach([found], "media", _media_of(found.pk))
    variants = _variants_of(found.pk)
    attach([found], "variants", variants)
    attach(variants, "offers", _offers_of([one.pk for one in variants]))
    return found


@prepared
def _published(public_id: str) -> QuerySet[Listing]:
    rows = Listing.objects.filter(public_id=public_id, state=Listing.State.ACTIVE)
    return rows.select_related("merchant", "category__parent", "brand")


@prepared
def _texts_of(listing_id: int) -> QuerySet[ListingText]:
    return ListingText.objects.filter(listing_id=listing_id).order_by("pk")


@prepared
def _media_of(listing_id: int) -> QuerySet[Media]:
    return Media.objects.filter(listing_id=listing_id).order_by("position", "pk")


@prepared
def _variants_of(listing_id: int) -> QuerySet[Variant]:
    rows = Variant.objects.filter(listing_id=listing_id, is_active=True).select_related("stock")
    return rows.order_by("position", "pk")


@prepared
def _offers_of(variant_ids: list[int]) -> QuerySet[Offer]:
    return Offer.objects.filter(variant_id__in=variant_ids).order_by("pk")


def rates_around(listing: Listing, place: Place, on: date, *, state: str) -> Mapping[str, Decimal]:
    """Return the reference rates of a day; nothing is asked while the state of what is around a listing stands."""
    key = pages.key_of("rates", listing.category_id, listing.merchant_id, state, place=place, on=on)
    return pages.remember(key, lambda: exchange_rates(on))


def similar_to(
    listing: Listing, place: Place, on: date, *, state: str, fx: Mapping[str, Decimal], limit: int = 4
) -> tuple[CardView, ...]:
    """Return other listings of the same category, then of its group, that may be bought here.

    `state` names the state of the category; while it stands, nothing is asked for another listing of it.
    """
    category = listing.category
    key = pages.key_of("similar", category.pk, listing.merchant_id, state, limit, place=place, on=on)
    best = pages.remember(key, lambda: cards_of(_best_in(category, place, limit + 1), place, on, fx))
    return tuple(card for card in best if card.listing_id != listing.pk)[:limit]


def _best_in(category: Category, place: Place, limit: int) -> list[int]:
    ids = list(lists.best_ids(Scope("category", category.pk), place, limit))
    if len(ids) < limit and category.parent_id:
        more = lists.best_ids(Scope("group", category.parent_id), place, limit + len(ids))
        ids += [pk for pk in more if pk not in ids]
    return ids[:limit]


def shipping_to(market: str, merchant_ids: Iterable[int]) -> dict[int, ShippingRate]:
    """Return each merchant's cheapest way to a market, or to its country."""
    rows = _rates_to(sorted(set(merchant_ids)), sorted({market, market[:2]}))
    found: dict[int, ShippingRate] = {}
    for row in sorted(rows, key=lambda row: (row.market != market, row.price_minor)):
        found.setdefault(row.merchant_id, row)
    return found


@prepared
def _rates_to(merchant_ids: list[int], markets: list[str]) -> QuerySet[ShippingRate]:
    return ShippingRate.objects.filter(merchant_id__in=merchant_ids, market__in=markets)


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
    listing: Listing,
    offer: Offer,
    rate: ShippingRate | None,
    place: Place,
    on: date,
    fx: Mapping[str, Decimal],
) -> Priced | None:
    """Return what one of this offer costs, brought to the visitor's place; None if nobody brings it."""
    if rate is None:
        return None
    try:
        answer = _land(listing, offer, rate, place, on, fx)
    except RightfulError:
        return None
    told = answer.answer
    if told["state"] == "not_deliverable":
        return None
    names = ("goods", "shipping", "duty", "tax", "fees")
    parts = {name: Money.of(told[name], place.currency) for name in names}
    return Priced(
        Money.of(told["total"], place.currency), parts["goods"], parts, bool(told.get("certain", True)),
        tuple(told.get("reasons", ())), answer, rate.min_days, rate.max_days,
    )  # fmt: skip


def _land(
    listing: Listing, offer: Offer, rate: ShippingRate, place: Place, on: date, fx: Mapping[str, Decimal]
) -> Answer:
    merchant = listing.merchant
    thing = Taxed(listing.category.code, listing.hs_code, listing.origin, merchant.country)
    net = landed.net_of(
        Money(offer.price_minor, offer.currency), includes_tax=merchant.prices_include_tax, thing=thing,
        currency=place.currency, on=on, fx=fx,
    )  # fmt: skip
    shown = landed.shown_of(net, place.currency, thing=thing, market=place.market, on=on)
    shipping = service_of(rate, place.currency, fx).price_for(shown)
    return landed.land(Landing(thing, place.market, on, shown, net, shipping), fx)


def price_view_of(
    listing: Listing, variant: Variant, offer: Offer, place: Place, on: date, fx: Mapping[str, Decimal]
) -> PriceView | None:
    """Return what one of a variant costs here, with its prior price and its price per unit; None if not sent here."""
    merchant = listing.merchant
    one = PricedOffer(
        key=variant.pk,
        variant_id=variant.pk,
        asked=Money(offer.price_minor, offer.currency),
        includes_tax=merchant.prices_include_tax,
        thing=Taxed(listing.category.code, listing.hs_code, listing.origin, merchant.country),
        merchant_id=merchant.pk,
        merchant=merchant.public_id,
        reduced_from=offer.reduced_from,
        quantity=variant.net_quantity or listing.disclosures.get("net_quantity"),
        quantity_base=listing.disclosures.get("unit_price_base"),
    )
    return landed_for([one], place, on, in_detail=True, fx=fx).get(variant.pk)


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
    counts = lists.counts_by("group", place)
    found = Category.objects.filter(pk__in=counts).order_by("position", "pk")
    return [(category, counts[category.pk]) for category in found]


def rooms_in(category: Category, place: Place) -> list[Category]:
    """Return the leaves of a category that hold something for this place."""
    counts = lists.counts_by("category", place, Scope("group", category.pk))
    return list(Category.objects.filter(pk__in=counts, parent=category).order_by("position", "pk"))


def newest(place: Place, on: date, limit: int) -> tuple[CardView, ...]:
    """Return well placed listings that may be bought here, one merchant after another."""
    taken: dict[int, list[int]] = {}
    for pk, merchant in lists.best_by_merchant(place, limit * 12):
        taken.setdefault(merchant, []).append(pk)
    mixed = [own[n] for n in range(limit) for own in taken.values() if n < len(own)]
    return cards_of(mixed[:limit], place, on)


def now_in(place: Place, now: datetime) -> date:
    """Return the day it is for the visitor."""
    from zoneinfo import ZoneInfo

    return now.astimezone(ZoneInfo(place.time_zone)).date()
