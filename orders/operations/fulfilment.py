"""The merchant's side: parcels leave, arrive or get lost; orders are cancelled; invoices are numbered.

Lock order: the order, its parcels, then what the catalogue locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from orders.domain.errors import TooManyShipped, WrongState
from orders.domain.states import ORDER, PARCEL, may, next_state
from orders.domain.tracking import check_number
from orders.events import ParcelDelivered, ParcelLost, ParcelShipped
from orders.models import Invoice, Order, OrderLine, Parcel, ParcelLine, Refund
from orders.operations import endings
from orders.operations.credit_notes import issue_waiting
from orders.operations.payments import end_order
from orders.operations.placing import next_number, seller_card
from orders.operations.refunds import request_refund, send_refund
from orders.operations.withheld import left_to_ship
from orders.payments import ProviderDown
from orders.queries.law import percent_of
from orders.queries.refunds import refundable

log = structlog.get_logger(__name__)
RECEIVERS = ("consumer", "named_third_party", "carrier", "other")


@dataclass(frozen=True, slots=True)
class Packed:
    """So many of an order line in a parcel, with the batch and the serial numbers where there are any."""

    line: str  # the line's public id
    quantity: int
    batch: str = ""
    serials: tuple[str, ...] = ()


@transaction.atomic
def ship_parcel(
    *,
    order_id: int,
    packed: Sequence[Packed],
    carrier: str,
    tracking_number: str,
    recorded_by: str,
    now: datetime,
) -> Parcel:
    """Record that a parcel left; with the last one the order is shipped. The first brings the invoice.

    :raises BadTrackingNumber: if the carrier gives no such numbers; a parcel without tracking has none ("").
    :raises TooManyShipped: if more would leave than was ordered.
    :raises WrongState: before the money is there, or after a cancellation.
    """
    order = _lock_order(order_id)
    lines = {line.public_id: line for line in order.lines.select_for_update().order_by("pk")}
    left = left_to_ship(order)
    _check_packed(packed, lines, left)
    number = check_number(carrier, tracking_number) if tracking_number else ""
    shipped = sum(one.quantity for one in packed)
    is_rest = shipped == sum(left.values())
    order.state = next_state(ORDER, order.state, "ship_rest" if is_rest else "ship_part")
    order.shipped_at = now if is_rest else order.shipped_at
    order.save(update_fields=["state", "shipped_at"])
    parcel = Parcel.objects.create(
        order=order, carrier=carrier, tracking_number=number, shipped_at=now, recorded_by=recorded_by
    )
    ParcelLine.objects.bulk_create(
        [
            ParcelLine(
                parcel=parcel,
                line=lines[one.line],
                quantity=one.quantity,
                batch=one.batch.strip(),
                serials=list(one.serials),
            )
            for one in packed
        ]
    )
    issue_invoice(order=order, now=now)
    outbox.publish(ParcelShipped(parcel.public_id, order.public_id, now))
    return parcel


def _check_packed(packed: Sequence[Packed], lines: dict[str, OrderLine], left: dict[str, int]) -> None:
    if not packed:
        raise Invalid("A parcel holds at least one thing.", field="lines")
    wanted: dict[str, int] = {}
    for one in packed:
        if one.line not in lines:
            raise NotFound(field="lines")
        if one.quantity < 1:
            raise Invalid("The quantity is at least one.", field="quantity")
        if one.serials and (len(one.serials) != one.quantity or len(set(one.serials)) != one.quantity):
            raise Invalid("Give one serial number for each piece.", field="serials", line=one.line)
        wanted[one.line] = wanted.get(one.line, 0) + one.quantity
    for line, quantity in wanted.items():
        if quantity > left[line]:
            raise TooManyShipped(field="quantity", line=line, left=left[line])


@transaction.atomic
def record_delivery(
    *, parcel_id: int, delivered_at: datetime, received_by: str, recorded_by: str, now: datetime
) -> Parcel:
    """Record that a parcel reached the shopper: from now on rights run that count from delivery.

    :raises Invalid: for an instant in the future or before dispatch.
    :raises WrongState: if it was delivered already.
    """
    order = _lock_order(Parcel.objects.values_list("order_id", flat=True).get(pk=parcel_id))
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    if received_by not in RECEIVERS:
        raise Invalid("We do not know this receiver.", field="received_by")
    if not parcel.shipped_at <= delivered_at <= now:
        raise Invalid("This is before the parcel left, or in the future.", field="delivered_at")
    parcel.state = next_state(PARCEL, parcel.state, "deliver")
    parcel.delivered_at, parcel.received_by, parcel.recorded_by = delivered_at, received_by, recorded_by
    parcel.save(update_fields=["state", "delivered_at", "received_by", "recorded_by"])
    is_last = order.state == Order.State.SHIPPED and not _others_open(order)
    order.state = next_state(ORDER, order.state, "deliver_rest" if is_last else "deliver_part")
    if is_last:
        order.delivered_at = max(
            order.parcels.filter(delivered_at__isnull=False).values_list("delivered_at", flat=True)
        )
    order.save(update_fields=["state", "delivered_at"])
    outbox.publish(ParcelDelivered(parcel.public_id, order.public_id, delivered_at, is_last))
    return parcel


def _others_open(order: Order) -> bool:
    return order.parcels.exclude(state=Parcel.State.DELIVERED).exists()


@transaction.atomic
def mark_lost(*, parcel_id: int, recorded_by: str, now: datetime) -> Parcel:
    """Record that a parcel got lost on the way; what is owed for it is for `returns` to say."""
    _lock_order(Parcel.objects.values_list("order_id", flat=True).get(pk=parcel_id))
    parcel = Parcel.objects.select_for_update().select_related("order").get(pk=parcel_id)
    parcel.state = next_state(PARCEL, parcel.state, "lose")
    parcel.recorded_by = recorded_by
    parcel.save(update_fields=["state", "recorded_by"])
    outbox.publish(ParcelLost(parcel.public_id, parcel.order.public_id))
    return parcel


def cancel_order(*, order_id: int, because: str, now: datetime) -> Order:
    """End an order of which nothing has left: goods back on the shelf, all money back.

    The cancellation stands at once; if the provider does not answer, the reconciling job sends the money.

    :raises WrongState: if something has been shipped, or the money is still on its way.
    """
    order, refund = _cancel(order_id, because, now)
    if refund is None:
        return order
    try:
        send_refund(refund_id=refund.pk, now=now)
    except ProviderDown:
        log.warning("The refund waits for the provider.", order=order.public_id, refund=refund.public_id)
    return order


@transaction.atomic
def _cancel(
    order_id: int, because: str, now: datetime, *, is_known: bool = False
) -> tuple[Order, Refund | None]:
    """End an order; all that has not gone back already goes back. `is_known`: whoever owes of it brought this about."""
    order = _lock_order(order_id)
    if (
        order.state != Order.State.CONFIRMED
        or not may(ORDER, order.state, "cancel")
        or order.parcels.exists()
    ):
        raise WrongState(state=order.state, action="cancel")
    if not is_known:
        endings.ask_for_owed(order=order, now=now)
    left = refundable(order)
    refund = (
        request_refund(order=order, amount=left, key=f"cancelled:{order.public_id}", because=because, now=now)
        if left
        else None
    )
    end_order(order, because=because, now=now)
    if not is_known:
        endings.note_ended(order=order, refund=refund, is_paid=True, now=now)
    return order, refund


def issue_invoice(*, order: Order, now: datetime) -> Invoice:
    """Number and freeze the invoice of an order, once; inside the transaction that ships it."""
    known = order.invoices.filter(kind="invoice").first()
    if known is not None:
        return known
    merchant, series = order.merchant, f"{now.year}"
    invoice = Invoice.objects.create(
        order=order,
        merchant=merchant,
        series=series,
        number=next_number(f"invoice:{merchant.public_id}:{series}"),
        content=_invoice_content(order, now),
        total_minor=order.total_minor,
        currency=order.currency,
        issued_at=now,
    )
    issue_waiting(order_id=order.pk, now=now)
    return invoice


def _invoice_content(order: Order, now: datetime) -> dict[str, object]:
    group = order.group
    return {
        "seller": seller_card(order.merchant),
        "buyer": {"email": group.email, "address": group.address},
        "order": {"public_id": order.public_id, "number": order.number},
        "language": group.language,
        "market": group.market,
        "currency": order.currency,
        "ordered_on": order.concluded_at.date().isoformat(),
        "supplied_on": now.date().isoformat(),
        "lines": [_invoice_line(line) for line in order.lines.order_by("position")],
        "goods_minor": order.goods_minor,
        "shipping_minor": order.shipping_minor,
        "duty_minor": order.duty_minor,
        "tax_minor": order.tax_minor,
        "fees_minor": order.fees_minor,
        "total_minor": order.total_minor,
        "tax_by_rate": _tax_by_rate(order.lines.all()),
        "collected_by": order.landed["answer"]["who_collects"],
    }


def _invoice_line(line: OrderLine) -> dict[str, object]:
    return {
        "title": line.title,
        "options": line.options,
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_minor": line.unit_price_minor,
        "goods_minor": line.goods_minor,
        "tax_percent": percent_of(line.tax_rate) or None,
        "tax_minor": line.tax_minor,
        "total_minor": line.total_minor,
    }


def _tax_by_rate(lines: Iterable[OrderLine]) -> list[dict[str, object]]:
    sums: dict[str, dict[str, int]] = {}
    for line in lines:
        rate = percent_of(line.tax_rate)
        found = sums.setdefault(rate, {"net_minor": 0, "tax_minor": 0})
        found["net_minor"] += line.total_minor - line.tax_minor
        found["tax_minor"] += line.tax_minor
    return [{"percent": rate or None, **found} for rate, found in sorted(sums.items())]


def _lock_order(order_id: int) -> Order:
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("merchant", "group")
        .filter(pk=order_id)
        .first()
    )
    if order is None:
        raise NotFound(field="order")
    return order
