"""A cardholder's bank takes money back: opened, then won or lost. What it took is not refunded a second time.

Lock order: all payments of the group by primary key, then the chargeback. News may come twice, late and out of
order: a decision whose opening was never told opens and closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from marketplace.kernel import outbox
from orders.domain.ledger import Draft, Leg
from orders.domain.states import CHARGEBACK, may, next_state
from orders.events import ChargebackClosed, ChargebackOpened
from orders.models import Chargeback, Payment
from orders.operations import books
from orders.operations.losses import LOST, borne_legs
from orders.operations.payment_groups import lock_payments
from orders.payments import Dispute
from orders.queries.refunds import left_of

ACTIONS = {"won": "win", "lost": "lose"}


@transaction.atomic
def record_dispute(*, payment_id: int, dispute: Dispute, now: datetime) -> Chargeback:
    """Write down what a provider says of a chargeback; what is older than what we know changes nothing."""
    payment = next(row for row in lock_payments(payment_id, None) if row.pk == payment_id)
    known = Chargeback.objects.select_for_update().filter(payment=payment, provider_ref=dispute.ref).first()
    chargeback = known or _open(payment, dispute, now)
    action = ACTIONS.get(dispute.state, "")
    if may(CHARGEBACK, chargeback.state, action):
        chargeback.state = next_state(CHARGEBACK, chargeback.state, action)
        chargeback.closed_at = now
        chargeback.save(update_fields=["state", "closed_at"])
        _close(chargeback, payment, now)
    return chargeback


def _open(payment: Payment, dispute: Dispute, now: datetime) -> Chargeback:
    """The money is gone at once. What of it had been refunded already is gone twice, until we win."""
    left = max(left_of(payment), 0)
    chargeback = Chargeback.objects.create(
        payment=payment,
        provider_ref=dispute.ref,
        amount_minor=dispute.amount_minor,
        refunded_minor=max(dispute.amount_minor - left, 0),
        currency=payment.currency,
        fee_minor=dispute.fee_minor,
        reason=dispute.reason,
        opened_at=now,
        answer_by=dispute.answer_by,
    )
    payment.disputed_minor += dispute.amount_minor - chargeback.refunded_minor
    payment.save(update_fields=["disputed_minor"])
    clearing = Leg(
        "provider_clearing", -(dispute.amount_minor + dispute.fee_minor), provider=payment.provider
    )
    legs = [Leg("chargebacks", dispute.amount_minor), Leg("provider_fees", dispute.fee_minor), clearing]
    _post(chargeback, "chargeback_opened", [leg for leg in legs if leg.amount], now)
    outbox.publish(ChargebackOpened(*_told(chargeback, payment), chargeback.reason))
    return chargeback


def _close(chargeback: Chargeback, payment: Payment, now: datetime) -> None:
    if chargeback.state == Chargeback.State.WON:
        payment.disputed_minor -= chargeback.amount_minor - chargeback.refunded_minor
        payment.save(update_fields=["disputed_minor"])
        legs = [Leg("provider_clearing", chargeback.amount_minor, provider=payment.provider)]
    else:
        legs = _lost(chargeback, payment)
    _post(
        chargeback,
        f"chargeback_{chargeback.state}",
        [*legs, Leg("chargebacks", -chargeback.amount_minor)],
        now,
    )
    outbox.publish(ChargebackClosed(*_told(chargeback, payment), chargeback.state))


def _lost(chargeback: Chargeback, payment: Payment) -> list[Leg]:
    legs = borne_legs(chargeback, payment, chargeback.amount_minor - chargeback.refunded_minor)
    rest = chargeback.amount_minor - sum(leg.amount for leg in legs)
    return [*legs, *([Leg(LOST, rest)] if rest else [])]


def _post(chargeback: Chargeback, kind: str, legs: Sequence[Leg], now: datetime) -> None:
    draft = Draft(
        key=f"{kind}:{chargeback.public_id}",
        kind=kind,
        currency=chargeback.currency,
        legs=tuple(legs),
        happened_at=now,
        payment=chargeback.payment_id,
        chargeback=chargeback.pk,
    )
    books.post([draft], now=now)


def _told(chargeback: Chargeback, payment: Payment) -> tuple[str, str, str, int, str]:
    orders = list(payment.group.orders.values_list("public_id", flat=True)[:2]) if payment.group else []
    order = orders[0] if len(orders) == 1 else ""
    return (
        chargeback.public_id,
        payment.public_id,
        order,
        chargeback.amount_minor,
        chargeback.currency,
    )
