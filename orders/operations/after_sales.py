"""What a withdrawal does to an order that has not left: it ends, or the pieces are not sent any more.

`returns` knows which pieces were withdrawn from and registers here how to ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from catalog import operations as catalogue
from orders.models import Order, OrderLine, Refund
from orders.operations import fulfilment, withheld

__all__ = ["cancel_unsent", "put_back", "register_withheld", "restock"]
register_withheld: Callable[..., None] = withheld.register


@transaction.atomic
def cancel_unsent(*, order_id: int, because: str, now: datetime) -> tuple[Order, Refund]:
    """End an order of which nothing has left, inside the caller's transaction; the reconciling job sends the money.

    :raises WrongState: if something has been shipped, or the money is still on its way.
    """
    return fulfilment._cancel(order_id, because, now)


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
