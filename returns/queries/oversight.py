"""What the operator watches: refunds and returns that are late, by merchant and country; disputes that wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum

from marketplace.kernel.errors import NotFound
from returns.domain.states import RETURN_OPEN
from returns.models import OwedRefund, Return, ValueLoss

LATE = ("held", "due", "requested")
PAGE = 100


@dataclass(frozen=True, slots=True)
class LateCount:
    """How much of one merchant is late in one country."""

    merchant: str
    merchant_name: str
    market: str
    currency: str
    refunds: int
    amount_minor: int
    returns: int
    oldest: date | None


def late_by_merchant(today: date) -> list[LateCount]:
    """Return what is late by merchant, country and currency, the largest sums first. Two queries."""
    refunds = (
        OwedRefund.objects.filter(state__in=LATE, due_on__lt=today)
        .values("merchant__public_id", "merchant__name", "market", "currency")
        .annotate(n=Count("pk"), amount=Sum("amount_minor"), oldest=Min("due_on"))
    )
    returns = (
        Return.objects.filter(state__in=RETURN_OPEN, due_on__lt=today)
        .values("merchant__public_id", "merchant__name", "market")
        .annotate(n=Count("pk"), oldest=Min("due_on"))
    )
    waiting = {(row["merchant__public_id"], row["market"]): row for row in returns}
    found = [_late(row, waiting.pop((row["merchant__public_id"], row["market"]), None)) for row in refunds]
    found += [
        LateCount(
            row["merchant__public_id"],
            row["merchant__name"],
            row["market"],
            "",
            0,
            0,
            row["n"],
            row["oldest"],
        )
        for row in waiting.values()
    ]
    return sorted(found, key=lambda one: (-one.amount_minor, -one.returns, one.merchant_name))


def _late(row: dict[str, Any], returns: dict[str, Any] | None) -> LateCount:
    return LateCount(
        merchant=row["merchant__public_id"],
        merchant_name=row["merchant__name"],
        market=row["market"],
        currency=row["currency"],
        refunds=row["n"],
        amount_minor=row["amount"],
        returns=returns["n"] if returns else 0,
        oldest=min(filter(None, [row["oldest"], returns["oldest"] if returns else None])),
    )


def late_refunds(today: date, *, merchant: str = "", market: str = "") -> QuerySet[OwedRefund]:
    """Return the refunds that are late, the oldest first, at most a page."""
    rows = OwedRefund.objects.filter(state__in=LATE, due_on__lt=today).select_related(
        "order__group", "merchant"
    )
    if merchant:
        rows = rows.filter(merchant__public_id=merchant)
    if market:
        rows = rows.filter(market=market)
    return rows.order_by("due_on", "pk")[:PAGE]


def late_refunds_of(merchant_ids: Iterable[int], today: date) -> QuerySet[OwedRefund]:
    """Return the refunds that some merchants' shoppers should have by now, the oldest first."""
    rows = OwedRefund.objects.filter(merchant__in=list(merchant_ids), state__in=LATE, due_on__lt=today)
    return rows.select_related("order", "merchant").order_by("due_on", "pk")


def owed_of_merchants(public_id: str, merchant_ids: Iterable[int]) -> OwedRefund:
    """Return what is owed by its public id, if it is one of these merchants'.

    :raises NotFound: for others it does not exist.
    """
    found = OwedRefund.objects.filter(public_id=public_id, merchant__in=list(merchant_ids)).first()
    if found is None:
        raise NotFound(field="refund")
    return found


def losses_to_decide() -> QuerySet[ValueLoss]:
    """Return the losses of value that a third has to decide, the oldest first."""
    rows = ValueLoss.objects.filter(state__in=["contested", "silent"]).select_related(
        "return_line__line", "return_line__ret__order", "return_line__ret__merchant"
    )
    return rows.order_by("claimed_at", "pk")[:PAGE]
