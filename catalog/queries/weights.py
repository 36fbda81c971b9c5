"""What things weigh, as far as their merchants said."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Variant


def weights_of(variant_ids: Iterable[int]) -> dict[int, int]:
    """Return what variants weigh, in grams, by their keys; those that nobody weighed are left out. One query."""
    rows = Variant.objects.filter(pk__in=list(variant_ids), weight_grams__isnull=False)
    return dict(rows.values_list("pk", "weight_grams"))
