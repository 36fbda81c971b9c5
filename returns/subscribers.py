"""What this app does when others announce news. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from catalog import operations as catalog
from marketplace.kernel import clock, outbox
from returns import operations
from returns.models import ReturnLine
from returns.operations import (
    case_letters,
    claim_letters,
    exchange_letters,
    letters,
    merchant_letters,
    repairing,
    settling,
)


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
        repairing.note_paid(subject=owed.subject, now=clock.now())


@outbox.subscribe("orders.RefundFailed", name="returns.note-failed")
def note_failed(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write down that a refund failed: it is due as before."""
    operations.record_failed(refund=payload["refund"], failure=payload.get("failure", ""), now=clock.now())


@outbox.subscribe("returns.RefundOverdue", name="returns.tell-merchant-of-late-refund")
def tell_merchant_of_late_refund(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the merchant's people that a shopper waits for money beyond the law's last day."""
    merchant_letters.send_refund_overdue(owed=payload["owed"], now=clock.now())


@outbox.subscribe("returns.LossClaimed", name="returns.ask-about-loss")
def ask_about_loss(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the shopper about a loss of value."""
    letters.send_loss_claimed(loss=payload["loss"], now=clock.now())


@outbox.subscribe("returns.ClaimFiled", name="returns.acknowledge-claim")
def acknowledge_claim(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Acknowledge a claim at once, with its number and what happens next."""
    claim_letters.send_acknowledgement(claim=payload["claim"], now=clock.now())


@outbox.subscribe("returns.ClaimMoved", name="returns.tell-about-claim")
def tell_about_claim(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the shopper what the seller or the platform did."""
    claim_letters.send_claim_news(note_id=payload["note"], now=clock.now())


@outbox.subscribe("returns.ReturnDispatched", name="returns.claimed-goods-sent")
def claimed_goods_sent(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Money of a claim need not wait once the goods are on their way."""
    repairing.note_goods(ret=payload["ret"], received=False, now=clock.now())


@outbox.subscribe("returns.ReturnReceived", name="returns.claimed-goods-back")
def claimed_goods_back(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """The goods of a claim are with the seller: its time to repair or send runs."""
    repairing.note_goods(ret=payload["ret"], received=True, now=clock.now())


@outbox.subscribe("returns.CaseLetterWritten", name="returns.send-case-letter")
def send_case_letter(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Send a letter that somebody wrote about a case."""
    case_letters.send_case_letter(letter=payload["letter"], now=clock.now())


@outbox.subscribe("returns.DelayTold", name="returns.tell-about-delay")
def tell_about_delay(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask the shopper about a delay: agree, or cancel; and say what silence means."""
    claim_letters.send_delay(notice_id=payload["notice"], now=clock.now())


@outbox.subscribe("returns.LateOrderEnded", name="returns.tell-late-ended")
def tell_late_ended(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the shopper that the order has ended, and that the money comes back."""
    claim_letters.send_late_ended(late=payload["late"], now=clock.now())
    settling.pay_for(subject=payload["late"], order=payload["order"], now=clock.now())


@outbox.subscribe("orders.SupplementPaid", name="returns.exchange-paid")
def exchange_paid(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Go on with an exchange whose difference is paid."""
    operations.note_supplement_paid(key=payload["key"], now=clock.now())


@outbox.subscribe("returns.ReturnDispatched", name="returns.exchanged-goods-sent")
def exchanged_goods_sent(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """The goods of an exchange are on their way."""
    operations.note_sent(ret=payload["ret"], now=clock.now())


@outbox.subscribe("returns.ReturnReceived", name="returns.exchanged-goods-back")
def exchanged_goods_back(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """What came back of an exchange was counted."""
    operations.note_back(ret=payload["ret"], now=clock.now())


@outbox.subscribe("returns.ReturnInspected", name="returns.exchanged-goods-seen")
def exchanged_goods_seen(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """What came back of an exchange was looked at."""
    operations.note_back(ret=payload["ret"], now=clock.now())


@outbox.subscribe("returns.ExchangeMoved", name="returns.tell-about-exchange")
def tell_about_exchange(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the shopper how the exchange stands, and pay back what is due of it."""
    exchange_letters.send_exchange_news(exchange=payload["exchange"], what=payload["what"], now=clock.now())
    settling.pay_for(subject=payload["exchange"], order=payload["order"], now=clock.now())


@outbox.subscribe("returns.ReturnReceived", name="returns.mark-sent-back")
def mark_sent_back(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Let reviews of goods say that their buyer sent them back; a repair is no sending back."""
    if payload["subject"].startswith("W-"):
        rows = ReturnLine.objects.filter(ret__public_id=payload["ret"], received__gt=0)
        lines = list(rows.values_list("line__public_id", flat=True).order_by("pk"))
        catalog.mark_sent_back(lines=lines, now=clock.now())
