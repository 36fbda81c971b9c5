"""What is left."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from catalog.models import Stock, Variant


def available(variant_ids: Iterable[int]) -> dict[int, int]:
    """Return how many of each variant can still be bought (0 where no stock is kept)."""
    ids = list(variant_ids)
    rows = (
        Stock.objects.filter(pk__in=ids).annotate(left=F("on_hand") - F("reserved")).values_list("pk", "left")
    )
    return dict.fromkeys(ids, 0) | dict(rows)


def listing_ids_of_variants(variant_ids: Iterable[int]) -> list[int]:
    """Return the listings that variants belong to."""
    rows = Variant.objects.filter(pk__in=list(variant_ids)).order_by("listing_id")
    return list(rows.values_list("listing_id", flat=True).distinct())
