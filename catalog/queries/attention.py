"""What a merchant's listings need today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.models import ImportRun, Listing
from compliance.rulebook.markets import selling_markets


@dataclass(frozen=True, slots=True)
class Attention:
    """Counts of listings that need a hand."""

    blocked_somewhere: int
    sold_out: int
    drafts: int
    imports_stopped: int


def attention_of(merchant_ids: Iterable[int]) -> Attention:
    """Return what needs attention among the listings of some merchants."""
    ids = list(merchant_ids)
    rows = Listing.objects.filter(merchant__in=ids)
    active = rows.filter(state=Listing.State.ACTIVE)
    return Attention(
        blocked_somewhere=active.filter(sellable_in__len__lt=len(selling_markets())).count(),
        sold_out=active.filter(in_stock=False).count(),
        drafts=rows.filter(state=Listing.State.DRAFT).count(),
        imports_stopped=ImportRun.objects.filter(merchant__in=ids, state=ImportRun.State.FAILED).count(),
    )
