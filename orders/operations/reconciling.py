"""What was left half-way is brought to an end: lapsed checkouts, payments nobody came back for, refunds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from catalog import operations as catalogue
from marketplace.kernel import jobs
from marketplace.kernel.errors import RightfulError
from orders.models import Checkout, Payment, PaymentEvent, Refund
from orders.operations.checkouts import expire_checkout
from orders.operations.payments import PENDING, SECURED, expire_payment, settle_payment
from orders.operations.refunds import send_refund

log = structlog.get_logger(__name__)
GRACE = timedelta(seconds=30)  # a request that is at work on a payment is left alone for so long
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many were brought further, and how many could not be and wait for the next run."""

    settled: int
    expired: int
    refunds: int
    failed: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def release_expired_checkouts(*, now: datetime) -> int:
    """Close open checkouts whose time is over and put their goods back; return how many."""
    due = Checkout.objects.filter(state=Checkout.State.OPEN, expires_at__lte=now).order_by("expires_at")
    closed = jobs.each(
        due.values_list("pk", flat=True)[:BATCH], lambda pk: expire_checkout(checkout_id=pk, now=now)
    )
    catalogue.release_expired(now=now)
    return closed


def reconcile_payments(*, now: datetime) -> Reconciled:
    """Bring every payment to an end: money stands for orders or goes back; nothing is lost in between.

    A provider that does not answer fails that one step, which the next run tries again.
    """
    before = now - GRACE
    secured = _ids(
        Payment.objects.filter(
            Q(state__in=SECURED, group=None)
            | Q(state=Payment.State.AUTHORISED, group__isnull=False)
            | Q(state=Payment.State.CAPTURED, supplement__state="cancelled")
            | Q(state=Payment.State.CAPTURED, is_surplus=True)
            | Q(state=Payment.State.CREATED),
            changed_at__lte=before,
        ).exclude(_is_given_back())
    )
    over = Q(supplement=None, checkout__expires_at__lte=now) | Q(supplement__pay_by__lte=now)
    lapsed = _ids(Payment.objects.filter(over, state__in=PENDING))
    settled, failed = _each(secured, lambda pk: settle_payment(payment_id=pk, now=now))
    expired, more = _each(lapsed, lambda pk: expire_payment(payment_id=pk, now=now))
    waiting = _ids(Refund.objects.filter(state=Refund.State.REQUESTED, requested_at__lte=before))
    refunds, still = _each(waiting, lambda pk: send_refund(refund_id=pk, now=now))
    return Reconciled(settled, expired, refunds, failed + more + still)


def _is_given_back() -> Q:
    """Captured money that a refund already stands for is only waiting for that refund."""
    return Q(state=Payment.State.CAPTURED, refunded_minor__gt=0)


def _ids(rows) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _each(ids: Iterable[int], work: Callable[[int], object]) -> tuple[int, int]:
    done = failed = 0
    for pk in ids:
        try:
            work(pk)
            done += 1
        except RightfulError as error:
            failed += 1
            log.warning("A step of reconciling failed.", id=pk, reason=error.code)
    return done, failed


def unapplied_events() -> int:
    """Return how many provider messages were stored but not applied."""
    return PaymentEvent.objects.filter(applied_at=None).count()
