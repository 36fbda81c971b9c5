"""What this app does when news is told. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from compliance.checks import subjects
from marketplace.kernel import clock, outbox
from orders import tasks
from orders.operations import letters, message_letters, reviewing
from orders.queries.subject_facts import ORDER, SHIPMENT


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


@outbox.subscribe("orders.OrderConfirmed", name="orders.judge-order")
@outbox.subscribe("orders.OrderCancelled", name="orders.judge-order")
@outbox.subscribe("orders.ParcelDelivered", name="orders.judge-order")
def judge_order(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the law what an order misses, now that something happened to it."""
    subjects.judge(about=ORDER, ids=[payload["order"]], now=clock.now())


@outbox.subscribe("orders.ParcelShipped", name="orders.judge-shipment")
@outbox.subscribe("orders.ParcelLost", name="orders.judge-shipment")
def judge_shipment(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the law what a parcel misses: its batch, and what follows when it is lost."""
    subjects.judge(about=SHIPMENT, ids=[payload["parcel"]], now=clock.now())


@outbox.subscribe("orders.ParcelDelivered", name="orders.invite-reviewers")
def invite_reviewers(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Invite whoever received goods to say how they are."""
    reviewing.invite_reviewers(parcel_id=payload["parcel"], now=clock.now())


@outbox.subscribe("orders.MessageSent", name="orders.bring-message")
def bring_message(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the other side of a message."""
    message_letters.send_message(message=payload["message"], now=clock.now())


@outbox.subscribe("orders.ThreadToConfirm", name="orders.confirm-message")
def confirm_message(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask a guest to confirm a message about a listing."""
    message_letters.send_confirmation_link(thread=payload["thread"], now=clock.now())
