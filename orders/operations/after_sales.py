"""What a withdrawal does to an order that has not left: it ends, or the pieces are not sent any more.

`returns` knows which pieces were withdrawn from and registers here how to ask for them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from orders.models import Order, Refund
from orders.operations import fulfilment, withheld

__all__ = ["cancel_unsent", "register_withheld"]
register_withheld: Callable[..., None] = withheld.register


@transaction.atomic
def cancel_unsent(*, order_id: int, because: str, now: datetime) -> tuple[Order, Refund]:
    """End an order of which nothing has left, inside the caller's transaction; the reconciling job sends the money.

    :raises WrongState: if something has been shipped, or the money is still on its way.
    """
    return fulfilment._cancel(order_id, because, now)
