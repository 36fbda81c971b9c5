"""What was sold, for the radar: money at risk where a market closes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Sum

from catalog.queries.prices import exchange_rates
from compliance.rulebook.rates import RateMissing, convert_money
from marketplace.kernel.money import Money
from orders.models import Order, OrderLine

WINDOW = timedelta(days=90)


def sales_by_listing(*, now: datetime) -> dict[tuple[str, str], int]:
    """Return the goods sold in the last 90 days by listing and market, in EUR cents; cancelled orders left out.

    A currency without a reference rate is left out.
    """
    rows = (
        OrderLine.objects.filter(order__concluded_at__gt=now - WINDOW)
        .exclude(order__state=Order.State.CANCELLED)
        .values("listing_public_id", market=F("order__group__market"), sold_in=F("order__currency"))
        .annotate(minor=Sum("goods_minor"))
    )
    rates = exchange_rates(now.date())
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["listing_public_id"], row["market"])
        try:
            sold = convert_money(Money(row["minor"], row["sold_in"]), "EUR", rates)
        except RateMissing:
            continue
        found[key] = found.get(key, 0) + sold.minor
    return found
