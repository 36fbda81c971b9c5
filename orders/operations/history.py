"""Postings for money that moved before there were books: once per movement, as it is known."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.domain.refunds import parts_of_amount
from orders.models import LedgerEntry, Order, Payment, Refund, RefundLine
from orders.operations import books
from orders.operations.payment_groups import lines_of, lock_payments
from orders.operations.refunds import write_parts
from orders.queries.refunds import lines_left


def post_history(*, now: datetime) -> int:
    """Post what no entry stands for: captures, sales, refunds. Return how many payments were brought in.

    Safe to repeat. The commission of lines that were sold before there was a tariff is nothing, as frozen.
    """
    posted = LedgerEntry.objects.filter(kind="capture").values("payment")
    rows = Payment.objects.filter(captured_minor__gt=0).exclude(pk__in=posted).order_by("pk")
    done = 0
    for pk in list(rows.values_list("pk", flat=True)):
        done += _post_payment(pk, now)
    return done


@transaction.atomic
def _post_payment(payment_id: int, now: datetime) -> bool:
    payment = next(row for row in lock_payments(payment_id, None) if row.pk == payment_id)
    drafts = [books.capture_draft(payment, payment.captured_minor, payment.changed_at)]
    if payment.group_id is not None:
        orders = Order.objects.filter(group=payment.group_id).exclude(state=Order.State.AWAITING_PAYMENT)
        drafts += books.sale_drafts(list(orders.order_by("pk")), payment.changed_at)
    books.post(drafts, now=now)
    for refund in payment.refunds.order_by("pk"):
        _post_refund(refund, payment, now)
    return True


def _post_refund(refund: Refund, payment: Payment, now: datetime) -> None:
    """Failed refunds moved nothing; the parts of the others are what is left of the lines, in proportion."""
    if refund.state == Refund.State.FAILED:
        return
    lines = lines_of(payment, refund.order)
    rows = [(row.line_id, row.kind, row.amount_minor) for row in RefundLine.objects.filter(refund=refund)]
    if not rows:
        rows = write_parts(refund, parts_of_amount(lines_left(lines), refund.amount_minor), lines)
    books.post_refund_requested(refund, rows, lines, now=now)
    if refund.state == Refund.State.DONE:
        books.post_refund_done(refund, payment.provider, now=now)
