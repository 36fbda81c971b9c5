"""What the law makes of a reduction: its prior price in every market where it would be seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalog.domain.prices import Recorded
from catalog.models import Listing, Offer, PriceRecord, ShippingRate
from catalog.queries.prices import day_in, prior_facts_of
from compliance import rulebook
from compliance.rulebook import lookups
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Answer
from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Proposed:
    """A reduction of one offer as a merchant would announce it."""

    offer_id: int
    price: Money
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Prior:
    """The prior price in markets where the law comes to the same. `why` is "" when it may be announced.

    why: "new" (on sale for less than the window), "not_below" (the price before was as low),
    "step" (a running reduction cannot simply go on here), "none" (it was never on sale before).
    """

    markets: tuple[str, ...]
    prior: Money | None
    first: date | None
    last: date | None
    must_show: bool
    why: str
    percent: int
    rulings: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_lawful(self) -> bool:
        return not self.why


def priors_of(proposed: Sequence[Proposed]) -> dict[int, tuple[Prior, ...]]:
    """Return what the law says of each proposed reduction, by offer; three queries, however many there are."""
    ids = [one.offer_id for one in proposed]
    offers = Offer.objects.select_related("variant__listing__merchant").in_bulk(ids)
    shipped = _shipped({offer.variant.listing.merchant_id for offer in offers.values()})
    history = _history(offers.values())
    found = {}
    for one in proposed:
        offer = offers[one.offer_id]
        listing = offer.variant.listing
        markets = seen_in(listing, shipped.get(listing.merchant_id, frozenset()))
        records = history[offer.variant_id, offer.currency]
        found[one.offer_id] = _together([_judge(one, offer, records, market) for market in markets])
    return found


def seen_in(listing: Listing, shipped: Iterable[str]) -> list[str]:
    """Return the markets that would see a reduction: wherever it is sent, also where it is not yet on offer.

    A market that opens while the reduction runs must find it lawful too.
    """
    meant = set(listing.ships_to or shipped) | set(listing.offered_in) or {listing.merchant.country}
    return [market for market in selling_markets() if market in meant or market[:2] in meant]


def _shipped(merchant_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = ShippingRate.objects.filter(merchant_id__in=merchant_ids).values_list("merchant_id", "market")
    for merchant_id, market in rows:
        found[merchant_id].add(market)
    return {merchant_id: frozenset(markets) for merchant_id, markets in found.items()}


def _history(offers: Iterable[Offer]) -> dict[tuple[int, str], list[Recorded]]:
    found: dict[tuple[int, str], list[Recorded]] = defaultdict(list)
    rows = PriceRecord.objects.filter(variant_id__in={offer.variant_id for offer in offers})
    for row in rows.order_by("variant_id", "valid_from", "pk"):
        found[row.variant_id, row.currency].append(Recorded(row.valid_from, row.price_minor, row.kind))
    return found


def _judge(one: Proposed, offer: Offer, records: list[Recorded], market: str) -> Prior:
    known = lookups.locale(market)
    zone = known.time_zone if known else "UTC"
    seller = offer.variant.listing.merchant.public_id
    first = offer.reduced_from or one.starts_at  # pages show a further step as one reduction, from its start
    if not records:
        return Prior((market,), None, None, None, must_show=False, why="none", percent=0)
    shown = _ask(one, records, market, zone, seller, first)
    why = _why(shown)
    if offer.reduced_from and not why:
        step = _ask(one, records, market, zone, seller, one.starts_at, since=day_in(offer.reduced_from, zone))
        why = "step" if step.answer["prior_price"] != shown.answer["prior_price"] else ""
    told = shown.answer
    window = told["window"]
    return Prior(
        markets=(market,),
        prior=Money.of(told["prior_price"], offer.currency) if told["prior_price"] else None,
        first=date.fromisoformat(window["from"]) if window else None,
        last=date.fromisoformat(window["to"]) if window else None,
        must_show=told["prior_price_must_be_shown"],
        why=why,
        percent=told["largest_percent_to_show"],
        rulings=tuple(ruling.as_json() for ruling in shown.rulings),
    )


def _ask(
    one: Proposed, records: list[Recorded], market: str, zone: str, seller: str, start: datetime, *,
    since: str = "",
) -> Answer:  # fmt: skip
    facts = prior_facts_of(one.price, start, records, seller=seller, market=market, zone=zone)
    if since:
        facts |= {"progressive": True, "uninterrupted": True, "first_reduction_on": since}
    return rulebook.answer("prior_price", facts)


def _why(answer: Answer) -> str:
    """Return why a reduction may not be announced; "" if it may, also where no law asks for a prior price."""
    told = answer.answer
    if told["lawful"] or not told["prior_price_must_be_shown"]:
        return ""
    if told["prior_price"] is not None:
        return "not_below"
    return "none" if told["window"] else "new"


def _together(found: Sequence[Prior]) -> tuple[Prior, ...]:
    """Return the answers with the markets that share one put together, what forbids first."""
    groups: dict[tuple[Any, ...], list[Prior]] = defaultdict(list)
    for one in found:
        groups[one.prior, one.first, one.last, one.must_show, one.why].append(one)
    merged = [
        Prior(tuple(m for one in some for m in one.markets), head.prior, head.first, head.last, head.must_show,
              head.why, head.percent, head.rulings)
        for some in groups.values() for head in some[:1]
    ]  # fmt: skip
    return tuple(sorted(merged, key=lambda one: (one.is_lawful, not one.must_show)))
