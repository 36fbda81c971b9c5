"""The other variants of the listings that variants belong to."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Variant


def siblings_of_all(variant_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the public ids of each variant's listing's variants that are switched on, with its own, as they are shown.

    By the variant's key. Two queries, whatever their number.
    """
    listings = dict(Variant.objects.filter(pk__in=list(variant_ids)).values_list("pk", "listing_id"))
    rows = Variant.objects.filter(listing_id__in=set(listings.values()), is_active=True)
    found: dict[int, list[str]] = {}
    for listing, public_id in rows.order_by("position", "pk").values_list("listing_id", "public_id"):
        found.setdefault(listing, []).append(public_id)
    return {pk: found.get(listing, []) for pk, listing in listings.items()}
