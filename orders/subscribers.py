"""What this app does when news is told. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.kernel import clock, outbox
from orders import tasks
from orders.operations import letters


@outbox.subscribe("orders.GroupPlaced", name="orders.send-confirmation")
def send_confirmation(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Give the shopper the contract on a durable medium."""
    letters.send_confirmation(group_id=payload["group"], now=clock.now())


@outbox.subscribe("orders.ParcelShipped", name="orders.send-shipped")
def send_shipped(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the shopper that a parcel left, with the invoice."""
    letters.send_shipped(parcel_id=payload["parcel"], now=clock.now())


@outbox.subscribe("orders.RefundRequested", name="orders.send-refund")
def send_refund(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Wake a worker that sends the refund, outside of this transaction; the retry job sends what it misses."""
    tasks.send_refund.delay(payload["refund"])


@outbox.subscribe("orders.OrderCancelled", name="orders.send-cancelled")
def send_cancelled(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the shopper that an order ended."""
    letters.send_cancelled(order_id=payload["order"], now=clock.now())
