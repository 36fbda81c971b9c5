"""Who offers are, for officers' lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from catalog.models import Offer
from compliance.checks.registry import Described
from marketplace.kernel.money import Money


def describe_offers(ids: Sequence[str]) -> Mapping[str, Described]:
    """Return offers by their number: the goods and the price. Two queries."""
    rows = Offer.objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    rows = rows.select_related("variant__listing__merchant").prefetch_related("variant__listing__texts")
    return {f"{row.pk:012d}": _described(row) for row in rows}


def _described(offer: Offer) -> Described:
    listing = offer.variant.listing
    title = next((one.title for one in listing.texts.all() if one.language == listing.language), listing.code)
    return Described(
        title=f"{title}: {Money(offer.price_minor, offer.currency)}",
        owner=listing.merchant.public_id,
        owner_name=listing.merchant.name,
        url=reverse("admin:catalog_listing_change", args=[listing.pk]),
        officers_url=reverse("law-listing", args=[listing.public_id]),
        is_trader=listing.merchant.kind == "trader",
    )
