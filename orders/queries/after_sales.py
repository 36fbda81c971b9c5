"""What comes after the sale reads here: order groups by their secret or by number and e-mail, lines with the law."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from orders.models import Order, OrderGroup, OrderLine, Parcel, Payment, Refund
from orders.queries.orders import deliveries_of
from orders.queries.refunds import lines_left

__all__ = ["deliveries_of"]


def group_of(*, number: str, email: str) -> OrderGroup | None:
    """Return the checkout that an order number (or the checkout's own) and the buyer's e-mail name together."""
    found = OrderGroup.objects.filter(email__iexact=email.strip())
    return (
        found.filter(orders__public_id=number.strip().upper()).first()
        or found.filter(public_id=number.strip().upper()).first()
    )


def group_by_public_id(public_id: str) -> OrderGroup | None:
    return OrderGroup.objects.filter(public_id=public_id).first()


def orders_of(group: OrderGroup) -> list[Order]:
    """Return a checkout's orders with lines and parcels, in the order of their keys. Five queries."""
    rows = Order.objects.filter(group=group).select_related("merchant", "group").prefetch_related(*_parts())
    return list(rows.order_by("pk"))


def order_with_parts(order_id: int) -> Order:
    """Return one order with its group, merchant, lines and parcels."""
    rows = Order.objects.select_related("merchant", "group").prefetch_related(*_parts())
    return rows.get(pk=order_id)


def order_by_public_id(public_id: str) -> Order | None:
    """Return an order that a person may be working on, with its parts; None if there is none."""
    rows = Order.objects.select_related("merchant", "group").prefetch_related(*_parts())
    return rows.filter(public_id=public_id.strip().upper()).first()


def lock_orders(ids: Iterable[int]) -> list[Order]:
    """Lock orders in the order of their keys and return them with their group and merchant."""
    rows = Order.objects.select_for_update(of=("self",)).select_related("group", "merchant")
    return list(rows.filter(pk__in=sorted(set(ids))).order_by("pk"))


def lines_by_public_id(public_ids: Iterable[str]) -> dict[str, OrderLine]:
    """Return order lines by their public ids, with their orders."""
    rows = OrderLine.objects.select_related("order").filter(public_id__in=list(public_ids))
    return {line.public_id: line for line in rows}


def shipped_quantities(order: Order) -> dict[int, int]:
    """Return how many of each line left and did not get lost, by the line's key; from prefetched parcels."""
    sent: dict[int, int] = {}
    for parcel in order.parcels.all():
        if parcel.state == Parcel.State.LOST and not parcel.delivered_at:
            continue
        for one in parcel.lines.all():
            sent[one.line_id] = sent.get(one.line_id, 0) + one.quantity
    return sent


def left_quantities(order: Order) -> dict[int, int]:
    """Return how many of each line left, lost ones too, by the line's key; from prefetched parcels."""
    found: dict[int, int] = {}
    for parcel in order.parcels.all():
        for one in parcel.lines.all():
            found[one.line_id] = found.get(one.line_id, 0) + one.quantity
    return found


def payment_of(order: Order) -> Payment:
    """Return the payment that an order was paid with."""
    return Payment.objects.get(group_id=order.group_id, purpose="order")


def payment_id_of(public_id: str) -> int:
    """Return the key of a payment."""
    return int(Payment.objects.values_list("pk", flat=True).get(public_id=public_id))


def refund_by_public_id(public_id: str) -> Refund | None:
    return Refund.objects.filter(public_id=public_id).first()


def bought_quantities(line_ids: Iterable[int]) -> dict[int, int]:
    """Return how many were bought of each line, by the line's key."""
    return dict(OrderLine.objects.filter(pk__in=list(line_ids)).values_list("pk", "quantity"))


def paid_back_lines(orders: Iterable[Order]) -> frozenset[int]:
    """Return the keys of the lines whose whole price went back or is on its way. Two queries, if any refund is there.

    :param orders: with their lines and refunds.
    """
    lines = [
        line for order in orders if order.refunds.all() for line in order.lines.all() if line.goods_minor > 0
    ]
    left = {one.line: one.left["goods"] for one in lines_left(lines)} if lines else {}
    return frozenset(line.pk for line in lines if left[line.public_id] <= 0)


def _parts() -> tuple[Any, ...]:
    return (
        Prefetch("lines", queryset=OrderLine.objects.order_by("position")),
        Prefetch("parcels", queryset=Parcel.objects.prefetch_related("lines").order_by("pk")),
    )
