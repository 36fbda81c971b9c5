"""Who bears a chargeback that was lost: like a refund, so far as the lines have anything left; else the marketplace.

Under the lock of the group's payments, which the caller holds.
"""

from __future__ import annotations

from datetime import datetime

from orders.domain.ledger import Draft, Leg
from orders.domain.refunds import parts_of_amount
from orders.models import Chargeback, Payment, Refund, RefundLine
from orders.operations import books
from orders.operations.payment_groups import lines_of, stands_for_nothing
from orders.queries.refunds import lines_left

LOST = "chargeback_losses"


def borne_legs(chargeback: Chargeback, payment: Payment, amount: int) -> list[Leg]:
    """Write down which lines lose so much; return from whom it is taken, at most `amount` in all."""
    if payment.group_id is None or stands_for_nothing(payment):
        return [Leg("customer_funds", amount)] if amount else []
    lines = lines_of(payment, None)
    left = lines_left(lines)
    parts = parts_of_amount(left, min(amount, sum(one.total for one in left)))
    ids = {line.public_id: line.pk for line in lines}
    rows = RefundLine.objects.bulk_create(
        RefundLine(
            chargeback=chargeback,
            line_id=ids[part.line or ""],
            kind=part.kind,
            quantity=part.quantity,
            amount_minor=part.amount_minor,
        )
        for part in parts
    )
    taken = [(row.line_id, row.kind, row.amount_minor) for row in rows]
    return list(books.back_legs(taken, lines)) if taken else []


def take_over(refund: Refund, payment: Payment, *, now: datetime) -> None:
    """A refund failed: what a bank took back twice is now taken back once, and cannot be refunded again.

    The refund is saved as failed, and its postings are undone already.
    """
    rest = refund.amount_minor
    twice = Chargeback.objects.select_for_update().filter(payment=payment, refunded_minor__gt=0)
    for chargeback in twice.exclude(state=Chargeback.State.WON).order_by("pk"):
        shift = min(rest, chargeback.refunded_minor)
        if not shift:
            return
        rest -= shift
        chargeback.refunded_minor -= shift
        chargeback.save(update_fields=["refunded_minor"])
        payment.disputed_minor += shift
        if chargeback.state == Chargeback.State.LOST:
            _bear(chargeback, payment, refund, shift, now)


def _bear(chargeback: Chargeback, payment: Payment, refund: Refund, amount: int, now: datetime) -> None:
    legs = borne_legs(chargeback, payment, amount)
    if not legs:
        return
    draft = Draft(
        key=f"chargeback_borne:{chargeback.public_id}:{refund.public_id}",
        kind="chargeback_lost",
        currency=chargeback.currency,
        legs=(*legs, Leg(LOST, -sum(leg.amount for leg in legs))),
        happened_at=now,
        payment=payment.pk,
        chargeback=chargeback.pk,
    )
    books.post([draft], now=now)
