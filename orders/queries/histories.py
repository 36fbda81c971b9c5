"""Looking into histories of other shops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from orders.models import HistoricOddity, HistoricOrder, HistorySource

PAGE = 50


@dataclass(frozen=True, slots=True)
class Told:
    """A history in numbers."""

    source: HistorySource
    orders: int
    cancellations: int
    delivered: int
    late: int
    oddities: list[tuple[str, int]]  # code and number, the most frequent first
    states: list[tuple[str, int]]
    markets: list[dict[str, Any]]  # market, region, orders, late


def sources() -> QuerySet[HistorySource]:
    """Return the histories, the newest first."""
    return HistorySource.objects.order_by("-imported_at", "-pk")


def told(source: HistorySource) -> Told:
    """Return what is in a history. Four queries."""
    rows = HistoricOrder.objects.filter(source=source)
    sums = rows.aggregate(
        orders=Count("pk", filter=Q(kind="order")),
        cancellations=Count("pk", filter=Q(kind="cancellation")),
        delivered=Count("pk", filter=Q(delivered_at__isnull=False)),
        late=Count("pk", filter=Q(is_late=True)),
    )
    odd = source.oddities.order_by().values_list("code").annotate(n=Count("pk")).order_by("-n", "code")
    states = rows.order_by().values_list("state").annotate(n=Count("pk")).order_by("-n", "state")
    markets = (
        rows.order_by()
        .values("market", "region")
        .annotate(orders=Count("pk"), late=Count("pk", filter=Q(is_late=True)))
        .order_by("-orders", "region")
    )
    return Told(source=source, oddities=list(odd), states=list(states), markets=list(markets), **sums)


def oddities(source: HistorySource, *, code: str = "", after: int = 0) -> list[HistoricOddity]:
    """Return a page of oddities and one more, to know whether it goes on."""
    rows = source.oddities.filter(pk__gt=after)
    return list((rows.filter(code=code) if code else rows)[: PAGE + 1])
