"""Merchants and offers as subjects of duties of their own: the facts of facts_merchant.yaml and facts_offer.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from catalog.domain.prices import unit_price
from catalog.models import Listing, Offer, ShippingRate
from catalog.queries.facts import address_of
from catalog.queries.reductions import Prior, Proposed, priors_of
from compliance import rulebook
from compliance.checks.subjects import Record, open_ids
from compliance.rulebook import lookups
from compliance.rulebook.categories import categories, groups_of
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.kernel.money import Money

MERCHANT, OFFER = "merchant", "offer"
_VAT = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")
_EORI = re.compile(r"[A-Z]{2}[0-9A-Z]{1,15}")
_IOSS = re.compile(r"IM[0-9]{10}")
_VAT_PREFIX = {"GR": "EL"}


def merchant_ids_after(last: str, limit: int) -> Sequence[str]:
    """Return the next merchants that sell or applied, by public id."""
    rows = Merchant.objects.filter(public_id__gt=last).order_by("public_id")
    return list(rows.values_list("public_id", flat=True)[:limit])


def merchant_records(public_ids: Sequence[str], now: datetime) -> Mapping[str, Record]:
    """Return merchants with the markets they ship to. Two queries."""
    active = Count("listings", filter=Q(listings__state=Listing.State.ACTIVE))
    rows = list(Merchant.objects.filter(public_id__in=public_ids).annotate(active=active))
    reach = _reach(row.pk for row in rows)
    return {
        row.public_id: Record(
            _merchant(row, reach.get(row.pk, ()), now), reach.get(row.pk, ()), row.public_id
        )
        for row in rows
    }


def _reach(merchant_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the selling markets that merchants have a shipping rate for."""
    rated: dict[int, set[str]] = {}
    rows = (
        ShippingRate.objects.filter(merchant__in=list(merchant_ids))
        .values_list("merchant", "market")
        .distinct()
    )
    for merchant, market in rows:
        rated.setdefault(merchant, set()).add(market)
    return {
        merchant: tuple(one for one in selling_markets() if one in markets or one[:2] in markets)
        for merchant, markets in rated.items()
    }


def _merchant(row: Merchant, markets: Sequence[str], now: datetime) -> dict[str, Any]:
    in_eu = rulebook.default().covers(row.country) and rulebook.default().is_under(row.country, "EU")
    home = lookups.customs_territory(row.country, now.date())
    territories = {lookups.customs_territory(market, now.date()) for market in markets}
    vat, eori, ioss = (_bare(text) for text in (row.vat_id, row.eori, row.ioss_number))
    prefix = _VAT_PREFIX.get(row.country, row.country)
    return {
        "kind": row.kind,
        "country": row.country,
        "in_eu": in_eu,
        "sells_outside_its_union": bool(territories - {home}),
        "ships_into_eu_from_outside": not in_eu and "EU" in territories,
        "legal_name": row.legal_name,
        "address": address_of(row),
        "email": row.email,
        "phone": row.phone,
        "register_number": row.register_number,
        "register_name": row.register_name,
        "vat_id": row.vat_id,
        "vat_id_readable": not (vat and in_eu) or (bool(_VAT.fullmatch(vat)) and vat.startswith(prefix)),
        "eori": row.eori,
        "eori_readable": not eori or bool(_EORI.fullmatch(eori)),
        "ioss_number": row.ioss_number,
        "ioss_readable": not ioss or bool(_IOSS.fullmatch(ioss)),
        "verified": row.verified_at is not None,
        "verified_days": (now - row.verified_at).days if row.verified_at else 0,
        "verified_by": row.verified_by,
        "self_certified": row.self_certified_at is not None,
        "active_listings": row.active,  # type: ignore[attr-defined] -- annotated
    }


def _bare(text: str) -> str:
    return re.sub(r"[\s.\-]", "", text).upper()


def offer_ids_after(last: str, limit: int) -> Sequence[str]:
    """Return the next offers whose reduction runs now, by number, and those with open findings."""
    runs = Q(reduced_from__isnull=False, variant__listing__state=Listing.State.ACTIVE)
    open_now = [int(one) for one in open_ids(OFFER)]
    rows = Offer.objects.filter(runs | Q(pk__in=open_now), pk__gt=int(last or 0)).order_by("pk")
    return [f"{pk:012d}" for pk in rows.values_list("pk", flat=True)[:limit]]


def offer_ids_of(variant_id: int, *, is_reduced: bool) -> list[str]:
    """Return the offers of a variant to be judged, by number: all if one is reduced, else those with open findings."""
    ids = [f"{pk:012d}" for pk in Offer.objects.filter(variant=variant_id).values_list("pk", flat=True)]
    return ids if is_reduced else sorted(open_ids(OFFER, ids))


def offer_records(ids: Sequence[str], now: datetime) -> Mapping[str, Record]:
    """Return offers with what their price history says of a running reduction, in the markets that see them."""
    rows = Offer.objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    offers = list(rows.select_related("variant__listing__merchant", "variant__listing__category"))
    running = [one for one in offers if one.reduced_from is not None]
    priors = priors_of(
        [
            Proposed(one.pk, Money(one.price_minor, one.currency), one.reduced_from)
            for one in running
            if one.reduced_from
        ]
    )
    return {
        f"{one.pk:012d}": Record(
            _offer(one, now),
            tuple(one.variant.listing.offered_in),
            one.variant.listing.merchant.public_id,
            {market: _prior(prior) for prior in priors.get(one.pk, ()) for market in prior.markets},
        )
        for one in offers
    }


def _prior(prior: Prior) -> dict[str, Any]:
    return {
        "prior_price_known": prior.why not in ("none", "new"),
        "prior_price_lower": prior.why == "not_below",
    }


def _offer(offer: Offer, now: datetime) -> dict[str, Any]:
    listing = offer.variant.listing
    quantity = offer.variant.net_quantity or listing.disclosures.get("net_quantity") or {}
    code = listing.category.code
    return {
        "kind": listing.merchant.kind,
        "groups": list(groups_of(code, listing.traits)) if code in categories() else [],
        "is_reduced": offer.reduced_from is not None,
        "reduced_days": (now - offer.reduced_from).days if offer.reduced_from else 0,
        "sold_by_measure": bool(quantity),
        "unit_price_shown": not quantity
        or unit_price(Money(offer.price_minor, offer.currency), quantity) is not None,
    }
