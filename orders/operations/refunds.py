"""Money on its way back: written down first, sent under its own key, never more than was taken.

This app moves the money; why it is owed is worked out elsewhere (a cancelled order here, a withdrawal
or a claim in `returns`). The same `key` is the same refund, whoever asks.

Lock order: all payments of the group by primary key, then the refund.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.money import Money
from orders import payments as providers
from orders.domain.errors import NothingToRefund, WrongState
from orders.domain.refunds import (
    KINDS,
    LineLeft,
    RefundPart,
    parts_of_amount,
    resolve,
    too_much,
)
from orders.domain.states import PAYMENT, REFUND, may, next_state
from orders.events import PaymentChanged, RefundFailed, RefundPaid, RefundRequested
from orders.models import Order, OrderLine, Payment, Refund, RefundLine
from orders.operations import books
from orders.operations.credit_notes import issue_credit_note
from orders.operations.losses import take_over
from orders.operations.payment_groups import lines_of, lock_payments, stands_for_nothing
from orders.payments import ProviderDown, RefundResult
from orders.queries.refunds import left_of, lines_left

log = structlog.get_logger(__name__)
KEYS_LAST = timedelta(hours=12)  # Stripe prunes keys after 24 hours at the earliest
AGAIN = "again:"  # the key of what is asked again for a failed refund
ACTIONS = {"done": "do", "failed": "fail"}


@transaction.atomic
def request_refund(
    *,
    payment_id: int | None = None,
    order: Order | None = None,
    amount: Money,
    key: str,
    because: str,
    now: datetime,
    parts: tuple[RefundPart, ...] = (),
) -> Refund:
    """Write a refund down, once per key; the outbox has it sent, or `send_refund` at once.

    Name the payment, or the order: then the payment of its group that has enough left is taken. `parts` say
    what it is for, and add up to `amount`; without them it is spread over what is left of the order's lines
    (of the whole group's without an order). See `orders.queries.refunds` for parts of pieces and of sums.

    Everything is judged under the lock of all payments of the group: of a payment never more goes back than
    was taken less what was refunded or taken back by a bank, of a line never more than was paid for it.
    Goodwill is beyond the lines, but not beyond the payment.

    :raises NothingToRefund: if more would go back than was taken: left_minor, asked_minor, currency, and
        line and kind where it is a line that has not so much left.
    :raises Invalid: if the key stands for another sum, or the parts do not add up.
    """
    payments = lock_payments(payment_id, order)
    known = Refund.objects.filter(key=key).first()
    if known is not None:
        if known.amount_minor != amount.minor or known.payment_id not in {one.pk for one in payments}:
            raise Invalid("This refund was asked for before with another sum.", field="key", key=key)
        return known
    _check_parts(parts, amount)
    payment = _with_enough(payments, payment_id, amount)
    lines = lines_of(payment, order)
    whole = _whole_parts(parts, lines_left(lines), amount, payment)
    payment.refunded_minor += amount.minor
    payment.save(update_fields=["refunded_minor"])
    refund = Refund.objects.create(
        payment=payment,
        order=order,
        key=key,
        amount_minor=amount.minor,
        currency=amount.currency,
        because=because,
        requested_at=now,
    )
    rows = write_parts(refund, whole, lines)
    books.post_refund_requested(refund, rows, lines, now=now)
    outbox.publish(RefundRequested(*_told(refund, payment)))
    return refund


def _with_enough(payments: Sequence[Payment], payment_id: int | None, amount: Money) -> Payment:
    """Return the payment to send back from: the one that is named, else the first that has enough left."""
    own = [row for row in payments if payment_id == row.pk or (payment_id is None and not row.is_surplus)]
    left = max((left_of(row) for row in own), default=0)
    for row in own:
        if amount.currency == row.currency and 0 < amount.minor <= left_of(row):
            return row
    raise NothingToRefund(left_minor=left, asked_minor=amount.minor, currency=amount.currency)


def _check_parts(parts: Sequence[RefundPart], amount: Money) -> None:
    if parts and sum(part.amount_minor for part in parts) != amount.minor:
        raise Invalid("The parts of a refund add up to its sum.", field="parts")
    if any(part.kind not in KINDS or part.amount_minor <= 0 or part.quantity < 0 for part in parts):
        raise Invalid("A part of a refund has a kind we know and a sum above nothing.", field="parts")


def _whole_parts(
    parts: Sequence[RefundPart], left: Sequence[LineLeft], amount: Money, payment: Payment
) -> tuple[RefundPart, ...]:
    """Return the parts with all their lines; none for money that no order stands for."""
    if not left and (payment.group_id is None or stands_for_nothing(payment)):
        return ()
    if not parts:
        spread = parts_of_amount(left, amount.minor)
        if not spread:
            whole = sum(one.total for one in left)
            raise NothingToRefund(left_minor=whole, asked_minor=amount.minor, currency=amount.currency)
        return spread
    whole_parts = resolve(parts, left)
    if unknown := {part.line for part in whole_parts} - {None, *(one.line for one in left)}:
        raise Invalid("A part names a line that is not of this order.", field="parts", lines=sorted(unknown))
    if over := too_much(whole_parts, left):
        known = next((one.left[over.kind] for one in left if one.line == over.line), 0)
        raise NothingToRefund(
            left_minor=known,
            asked_minor=over.amount_minor,
            currency=amount.currency,
            line=over.line,
            kind=over.kind,
        )
    return whole_parts


def write_parts(
    refund: Refund, parts: Sequence[RefundPart], lines: Sequence[OrderLine]
) -> list[tuple[int | None, str, int]]:
    """Write down what a refund is for; return it as the books take it: line (primary key), kind, amount."""
    ids: dict[str | None, int | None] = {None: None} | {line.public_id: line.pk for line in lines}
    rows = RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            line_id=ids[part.line],
            kind=part.kind,
            quantity=part.quantity,
            amount_minor=part.amount_minor,
        )
        for part in parts
    )
    return [(row.line_id, row.kind, row.amount_minor) for row in rows]


def send_refund(*, refund_id: int, now: datetime) -> Refund:
    """Send a refund that was written down to the provider; what was sent already is not sent again.

    :raises ProviderDown: when the provider does not answer; the refund stays requested.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state != Refund.State.REQUESTED:
        return refund
    return record_refund(refund_id=refund.public_id, result=_sent(refund, now), now=now)


def _sent(refund: Refund, now: datetime) -> RefundResult:
    """Send it; one that is old is looked for first, because a provider forgets idempotency keys."""
    payment = refund.payment
    provider = providers.provider(payment.provider)
    if now - refund.requested_at > KEYS_LAST:
        known = provider.find_refund(payment.provider_ref, refund=refund.public_id)
        if known is not None:
            return known
    return provider.refund(
        payment.provider_ref,
        key=f"refund:{refund.public_id}",
        refund=refund.public_id,
        amount=Money(refund.amount_minor, refund.currency),
    )


def send_refund_named(*, refund_id: str, now: datetime) -> bool:
    """Send a refund by its public id; tell whether it is settled. A provider that is down is asked again later."""
    pk = Refund.objects.values_list("pk", flat=True).get(public_id=refund_id)
    try:
        return send_refund(refund_id=pk, now=now).state != Refund.State.REQUESTED
    except ProviderDown:
        log.warning("The refund waits for the provider.", refund=refund_id)
        return False


@transaction.atomic
def repeat_refund(*, refund_id: str, now: datetime) -> Refund:
    """Ask again for a refund (its public id) that failed: the same parts, once; the outbox has it sent.

    :raises WrongState: if it has not failed.
    :raises NothingToRefund: if that money went back another way meanwhile.
    """
    failed = Refund.objects.select_related("order", "payment").filter(public_id=refund_id).first()
    if failed is None:
        raise NotFound(field="refund")
    if failed.state != Refund.State.FAILED:
        raise WrongState(state=failed.state, action="repeat")
    rows = failed.parts.select_related("line").order_by("pk")
    return request_refund(
        payment_id=failed.payment_id,
        order=failed.order,
        amount=Money(failed.amount_minor, failed.currency),
        key=f"{AGAIN}{failed.public_id}",
        because=failed.because,
        now=now,
        parts=tuple(
            RefundPart(row.line.public_id if row.line else None, row.quantity, row.kind, row.amount_minor)
            for row in rows
        ),
    )


def is_known_refund(refund_id: str) -> bool:
    """Tell whether a refund (its public id) is one of ours; a provider may tell of others."""
    return Refund.objects.filter(public_id=refund_id).exists()


@transaction.atomic
def record_refund(*, refund_id: str, result: RefundResult, now: datetime) -> Refund:
    """Write down what became of a refund (its public id); older news changes nothing."""
    payment_id = Refund.objects.values_list("payment_id", flat=True).get(public_id=refund_id)
    payment = next(row for row in lock_payments(payment_id, None) if row.pk == payment_id)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("order").get(public_id=refund_id)
    refund.provider_ref = result.ref or refund.provider_ref
    action = ACTIONS.get(result.state, "")
    if not may(REFUND, refund.state, action):
        refund.save(update_fields=["provider_ref"])
        return refund
    was_done = refund.state == Refund.State.DONE
    refund.state = next_state(REFUND, refund.state, action)
    is_done = refund.state == Refund.State.DONE
    refund.done_at, refund.failure = (now, "") if is_done else (refund.done_at, result.failure)
    refund.save(update_fields=["provider_ref", "state", "done_at", "failure"])
    if is_done:
        _paid(refund, payment, now)
    else:
        _failed(refund, payment, was_done=was_done, now=now)
    payment.changed_at = now
    payment.save(update_fields=["refunded_minor", "disputed_minor", "state", "changed_at"])
    return refund


def _paid(refund: Refund, payment: Payment, now: datetime) -> None:
    done = sum(row.amount_minor for row in payment.refunds.filter(state=Refund.State.DONE))
    if done == payment.captured_minor and may(PAYMENT, payment.state, "refund"):
        payment.state = next_state(PAYMENT, payment.state, "refund")
        outbox.publish(PaymentChanged(payment.public_id, payment.state))
    books.post_refund_done(refund, payment.provider, now=now)
    issue_credit_note(refund=refund, now=now)
    outbox.publish(RefundPaid(*_told(refund, payment)))


def _failed(refund: Refund, payment: Payment, *, was_done: bool, now: datetime) -> None:
    """Take a refund back: the provider refused it, or the money came back after it was said to be paid."""
    payment.refunded_minor -= refund.amount_minor
    books.post_refund_failed(refund, payment.provider, was_done=was_done, now=now)
    take_over(refund, payment, now=now)
    outbox.publish(RefundFailed(*_told(refund, payment), refund.failure))


def _told(refund: Refund, payment: Payment) -> tuple[str, str, str, int, str]:
    order = refund.order.public_id if refund.order else ""
    return (refund.public_id, payment.public_id, order, refund.amount_minor, refund.currency)
