"""Orders and shipments as subjects of duties: the facts of facts_order.yaml and facts_shipment.yaml, and who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q
from django.urls import reverse

from compliance.checks.registry import Described
from compliance.checks.subjects import Record, open_ids
from compliance.rulebook.categories import categories, groups_of
from orders.models import Order, Parcel, ParcelLine, Refund, SentMail

ORDER, SHIPMENT = "order", "shipment"
LOOKED_BACK = timedelta(days=120)  # what is older is settled, or a matter of complaints
ENDED = (Order.State.CANCELLED,)


def order_ids_after(last: str, limit: int) -> Sequence[str]:
    """Return the next orders that may still miss something, by public id."""
    on_its_way = Q(delivered_at=None) & ~Q(state__in=ENDED)
    rows = Order.objects.filter(on_its_way | Q(public_id__in=open_ids(ORDER)), public_id__gt=last)
    return list(rows.order_by("public_id").values_list("public_id", flat=True)[:limit])


def order_records(public_ids: Sequence[str], now: datetime) -> Mapping[str, Record]:
    """Return orders in the market of their shopper. Three queries."""
    rows = Order.objects.filter(public_id__in=public_ids).select_related("group", "merchant")
    orders = list(rows.prefetch_related("invoices"))
    keys = [f"order-confirmation:{order.group.public_id}" for order in orders]
    sent = set(SentMail.objects.filter(key__in=keys).values_list("key", flat=True))
    return {
        order.public_id: Record(
            _order(order, f"order-confirmation:{order.group.public_id}" in sent, now),
            (order.group.market,),
            order.merchant.public_id,
        )
        for order in orders
    }


def _order(order: Order, confirmed: bool, now: datetime) -> dict[str, Any]:
    is_open = order.delivered_at is None and order.cancelled_at is None
    age = now - order.concluded_at
    late = (now.date() - order.deliver_by).days if order.deliver_by and is_open else 0
    return {
        "kind": order.merchant.kind,
        "state": order.state,
        "hours_since_placed": int(age.total_seconds() // 3600),
        "confirmed": confirmed,
        "shipped": order.shipped_at is not None,
        "delivered": order.delivered_at is not None,
        "cancelled": order.cancelled_at is not None or order.state in ENDED,
        "promised": order.deliver_by is not None,
        "days_past_promise": max(late, 0),
        "days_since_placed": age.days if is_open else 0,
        "invoiced": any(invoice.kind == "invoice" for invoice in order.invoices.all()),
    }


def describe_orders(public_ids: Sequence[str]) -> Mapping[str, Described]:
    """Return who orders are, for officers' and merchants' lists. One query."""
    rows = Order.objects.filter(public_id__in=public_ids).select_related("merchant")
    return {row.public_id: _described(row, row.public_id) for row in rows}


def _described(order: Order, title: str) -> Described:
    return Described(
        title=title,
        owner=order.merchant.public_id,
        owner_name=order.merchant.name,
        url=reverse("admin:orders_order_change", args=[order.pk]),
        is_trader=order.merchant.kind == "trader",
    )


def shipment_ids_after(last: str, limit: int) -> Sequence[str]:
    """Return the next parcels, by public id."""
    rows = Parcel.objects.filter(public_id__gt=last).order_by("public_id")
    return list(rows.values_list("public_id", flat=True)[:limit])


def shipment_records(public_ids: Sequence[str], now: datetime) -> Mapping[str, Record]:
    """Return parcels in the market they go to. Three queries."""
    rows = Parcel.objects.filter(public_id__in=public_ids).select_related("order__group", "order__merchant")
    lines = Prefetch("lines", ParcelLine.objects.select_related("line"))
    parcels = list(rows.prefetch_related(lines))
    refunded = set(
        Refund.objects.filter(order__in=[one.order_id for one in parcels]).values_list("order_id", flat=True)
    )
    return {
        one.public_id: Record(
            _shipment(one, one.order_id in refunded, now),
            (one.order.group.market,),
            one.order.merchant.public_id,
        )
        for one in parcels
        if now - one.shipped_at < LOOKED_BACK
    }


def _shipment(parcel: Parcel, refunded: bool, now: datetime) -> dict[str, Any]:
    lines = list(parcel.lines.all())
    kinds = [one.line.category for one in lines if one.line.category in categories()]
    return {
        "kind": parcel.order.merchant.kind,
        "groups": sorted({group for code in kinds for group in groups_of(code)}),
        "tracked": bool(parcel.tracking_number),
        "lost": parcel.state == Parcel.State.LOST,
        "money_back": refunded,
        "days_since_sent": (now - parcel.shipped_at).days,
        "batch_known": all(one.batch or one.serials for one in lines),
    }


def describe_shipments(public_ids: Sequence[str]) -> Mapping[str, Described]:
    """Return who parcels are, for officers' and merchants' lists. One query."""
    rows = Parcel.objects.filter(public_id__in=public_ids).select_related("order__merchant")
    return {row.public_id: _described(row.order, f"{row.order.public_id}: {row.public_id}") for row in rows}
