"""The other variants of the listing that a variant belongs to."""

from __future__ import annotations

from catalog.models import Variant


def siblings_of(variant_id: int) -> list[str]:
    """Return the public ids of the listing's variants that are switched on, with this one, as they are shown."""
    listing = Variant.objects.filter(pk=variant_id).values("listing_id")
    rows = Variant.objects.filter(listing_id__in=listing, is_active=True).order_by("position", "pk")
    return list(rows.values_list("public_id", flat=True))
