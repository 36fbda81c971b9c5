"""What a withdrawal does to an order that has not left: it ends, or the pieces are not sent any more.

`returns` knows which pieces were withdrawn from and registers here how to ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from catalog import operations as catalogue
from marketplace.kernel import outbox
from orders.domain.states import ORDER, next_state
from orders.events import OrderCancelled
from orders.models import Order, OrderLine, Refund
from orders.operations import fulfilment, withheld

__all__ = ["cancel_unsent", "end_if_nothing_left", "put_back", "register_withheld", "restock"]
register_withheld: Callable[..., None] = withheld.register


@transaction.atomic
def cancel_unsent(*, order_id: int, because: str, now: datetime) -> tuple[Order, Refund | None]:
    """End an order of which nothing has left, inside the caller's transaction; the reconciling job sends the money.

    :raises WrongState: if something has been shipped, or the money is still on its way.
    """
    return fulfilment._cancel(order_id, because, now, is_known=True)


@transaction.atomic
def end_if_nothing_left(*, order_id: int, because: str, now: datetime) -> Order:
    """Bring an order to its end of which nothing is left to send: cancelled if nothing left, else shipped or delivered.

    Its goods are on the shelf already (`put_back`), its money is owed by whoever withheld the pieces.
    """
    order = fulfilment._lock_order(order_id)
    if order.state != Order.State.CONFIRMED or any(withheld.left_to_ship(order).values()):
        return order
    parcels = list(order.parcels.order_by("pk"))
    if not parcels:
        order.state = next_state(ORDER, order.state, "cancel")
        order.cancelled_at, order.cancel_reason = now, because
        order.save(update_fields=["state", "cancelled_at", "cancel_reason"])
        outbox.publish(OrderCancelled(order.public_id, order.merchant.public_id, because))
        return order
    order.state = next_state(ORDER, order.state, "send_no_more")
    order.shipped_at = max(parcel.shipped_at for parcel in parcels)
    arrived = [parcel.delivered_at for parcel in parcels if parcel.delivered_at]
    if len(arrived) == len(parcels):
        order.state = next_state(ORDER, order.state, "deliver_rest")
        order.delivered_at = max(arrived)
    order.save(update_fields=["state", "shipped_at", "delivered_at"])
    return order


@transaction.atomic
def put_back(*, order_id: int, pieces: Mapping[int, int], now: datetime) -> None:
    """Put pieces that will not be sent any more back on the shelf, by the line's key."""
    rows = OrderLine.objects.filter(
        order_id=order_id, pk__in=[pk for pk, count in pieces.items() if count > 0]
    )
    for line in rows.filter(variant__isnull=False).select_related("order").order_by("variant_id"):
        catalogue.adjust_stock(
            variant_id=line.variant_id,
            delta=pieces[line.pk],
            reason="cancelled",
            reference=line.order.public_id,
            now=now,
        )


@transaction.atomic
def restock(*, pieces: Mapping[int, int], reference: str, now: datetime) -> None:
    """Put pieces that came back and can be sold again on the shelf, by the line's key."""
    rows = OrderLine.objects.filter(pk__in=[pk for pk, count in pieces.items() if count > 0])
    for line in rows.filter(variant__isnull=False).order_by("variant_id"):
        catalogue.adjust_stock(
            variant_id=line.variant_id, delta=pieces[line.pk], reason="returned", reference=reference, now=now
        )
