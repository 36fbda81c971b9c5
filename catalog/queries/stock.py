"""From variants to their listings."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Variant


def listing_ids_of_variants(variant_ids: Iterable[int]) -> list[int]:
    """Return the listings that variants belong to."""
    rows = Variant.objects.filter(pk__in=list(variant_ids)).order_by("listing_id")
    return list(rows.values_list("listing_id", flat=True).distinct())
