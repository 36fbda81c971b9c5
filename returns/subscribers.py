"""What this app does when others announce news. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from marketplace.kernel import clock, outbox
from returns import operations
from returns.operations import letters, settling


@outbox.subscribe("returns.WithdrawalDeclared", name="returns.send-receipt")
def send_receipt(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Acknowledge the declaration on a durable medium, at once."""
    letters.send_receipt(withdrawal=payload["withdrawal"], now=clock.now())


@outbox.subscribe("returns.ReturnInspected", name="returns.pay-inspected")
def pay_inspected(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Pay what is due as soon as the goods were looked at; nobody waits for the last day."""
    settling.pay_inspected(ret=payload["ret"], now=clock.now())


@outbox.subscribe("orders.RefundPaid", name="returns.note-paid")
def note_paid(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write down that what was owed is paid, and settle what is done."""
    owed = operations.record_paid(refund=payload["refund"], now=clock.now())
    if owed is not None:
        letters.send_refund_news(owed=owed.public_id, now=clock.now())
        settling.settle(subject=owed.subject, now=clock.now())


@outbox.subscribe("orders.RefundFailed", name="returns.note-failed")
def note_failed(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write down that a refund failed: it is due as before."""
    operations.record_failed(refund=payload["refund"], failure=payload.get("failure", ""), now=clock.now())


@outbox.subscribe("returns.LossClaimed", name="returns.ask-about-loss")
def ask_about_loss(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the shopper about a loss of value."""
    letters.send_loss_claimed(loss=payload["loss"], now=clock.now())
