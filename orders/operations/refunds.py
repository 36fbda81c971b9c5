"""Money on its way back: written down first, sent under its own key, never more than was taken.

This app moves the money; why it is owed is worked out elsewhere (a cancelled order here, a withdrawal
or a claim in `returns`). The same `key` is the same refund, whoever asks.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money
from orders import payments as providers
from orders.domain.errors import NothingToRefund
from orders.domain.states import PAYMENT, REFUND, may, next_state
from orders.events import PaymentChanged, RefundPaid
from orders.models import Order, Payment, Refund
from orders.payments import RefundResult

ACTIONS = {"done": "do", "failed": "fail"}


@transaction.atomic
def request_refund(
    *, payment_id: int, order: Order | None, amount: Money, key: str, because: str, now: datetime
) -> Refund:
    """Write a refund down, once per key; it is sent by `send_refund` or the reconciling job.

    :raises NothingToRefund: if more would go back than was taken.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    known = Refund.objects.filter(key=key).first()
    if known is not None:
        if (known.amount_minor, known.payment_id) != (amount.minor, payment.pk):
            raise Invalid("This refund was asked for before with another sum.", field="key", key=key)
        return known
    left = payment.captured_minor - payment.refunded_minor
    if amount.currency != payment.currency or not 0 < amount.minor <= left:
        raise NothingToRefund(left_minor=left, asked_minor=amount.minor, currency=payment.currency)
    payment.refunded_minor += amount.minor
    payment.save(update_fields=["refunded_minor"])
    return Refund.objects.create(
        payment=payment,
        order=order,
        key=key,
        amount_minor=amount.minor,
        currency=amount.currency,
        because=because,
        requested_at=now,
    )


def send_refund(*, refund_id: int, now: datetime) -> Refund:
    """Send a refund that was written down to the provider; what was sent already is not sent again.

    :raises ProviderDown: when the provider does not answer; the refund stays requested.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state != Refund.State.REQUESTED:
        return refund
    payment = refund.payment
    result = providers.provider(payment.provider).refund(
        payment.provider_ref,
        key=f"refund:{refund.public_id}",
        refund=refund.public_id,
        amount=Money(refund.amount_minor, refund.currency),
    )
    return record_refund(refund_id=refund.public_id, result=result, now=now)


@transaction.atomic
def record_refund(*, refund_id: str, result: RefundResult, now: datetime) -> Refund:
    """Write down what became of a refund (its public id); older news changes nothing."""
    payment_id = Refund.objects.values_list("payment_id", flat=True).get(public_id=refund_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("order").get(public_id=refund_id)
    refund.provider_ref = result.ref or refund.provider_ref
    action = ACTIONS.get(result.state, "")
    if may(REFUND, refund.state, action):
        refund.state = next_state(REFUND, refund.state, action)
        if refund.state == Refund.State.DONE:
            _paid(refund, payment, now)
        else:
            refund.failure = result.failure
            payment.refunded_minor -= refund.amount_minor
        payment.save(update_fields=["refunded_minor", "state", "changed_at"])
    refund.save()
    return refund


def _paid(refund: Refund, payment: Payment, now: datetime) -> None:
    refund.done_at, payment.changed_at = now, now
    done = (
        sum(row.amount_minor for row in payment.refunds.filter(state=Refund.State.DONE)) + refund.amount_minor
    )
    if done == payment.captured_minor and may(PAYMENT, payment.state, "refund"):
        payment.state = next_state(PAYMENT, payment.state, "refund")
        outbox.publish(PaymentChanged(payment.public_id, payment.state))
    order = refund.order.public_id if refund.order else ""
    outbox.publish(
        RefundPaid(refund.public_id, payment.public_id, order, refund.amount_minor, refund.currency)
    )
