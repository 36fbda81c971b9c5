"""Money that is owed: written down once per key, released when nothing may be held back, asked for, overdue.

This app says what is owed and why; `orders` moves the money. Lock order: the order, then what is owed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import structlog
from django.db import transaction

from marketplace.kernel import jobs, outbox
from marketplace.kernel.errors import Conflict, Invalid
from marketplace.kernel.money import Money
from orders import operations as orders
from orders.domain.errors import NothingToRefund
from orders.queries import after_sales
from returns.domain.parts import Part, parts_of, sum_of
from returns.domain.states import OWED, may, next_state
from returns.events import RefundOverdue, RefundOwed
from returns.models import OwedRefund
from returns.operations.asking import refund_parts

log = structlog.get_logger(__name__)


@transaction.atomic
def owe_refund(
    *,
    order: Any,
    subject: str,
    parts: Sequence[Part],
    due_on: date | None,
    rulings: list[dict[str, Any]],
    key: str,
    now: datetime,
    state: str = "due",
    answer: dict[str, Any] | None = None,
    payment: str = "",
) -> OwedRefund | None:
    """Write down that money is owed, once per key; None where the parts come to nothing.

    :param order: the order (a row) whose payment it goes back by.
    :param subject: the plain public id of what it is owed for: "W-7Q2K9F3M", a claim, an exchange.
    :param due_on: the last day to pay by the law; None while the law's clock has not started.
    :param state: "due" to pay, "waiting" while goods or proof may be waited for, "held" while a part is disputed.
    :param payment: the payment (its public id) that it must go back by; "" for any of the order's.
    :raises Invalid: if the key stands for another sum, or the parts are below nothing.
    """
    amount = sum_of(parts)
    if amount < 0:
        raise Invalid("A refund is not below nothing.", field="parts")
    if amount == 0:
        return None
    after_sales.lock_orders([order.pk])
    key = _fitted(key)
    known = OwedRefund.objects.filter(key=key).first()
    if known is not None:
        if (known.amount_minor, known.order_id) != (amount, order.pk):
            raise Invalid("This was owed before with another sum.", field="key", key=key)
        return known
    owed = OwedRefund.objects.create(
        key=key,
        order=order,
        merchant_id=order.merchant_id,
        market=order.group.market,
        subject=subject,
        state=state,
        parts=[part.as_json() for part in parts],
        amount_minor=amount,
        currency=order.currency,
        rulings=rulings,
        answer=answer or {},
        due_on=due_on,
        owed_at=now,
        payment=payment,
    )
    outbox.publish(RefundOwed(owed.public_id, order.public_id, subject, amount, order.currency, due_on))
    return owed


def _fitted(key: str) -> str:
    """Return a key that fits its column: what is split again and again has a longer one each time."""
    most = OwedRefund._meta.get_field("key").max_length
    return (
        key if len(key) <= most else f"{key[:60]}:{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}"
    )


@transaction.atomic
def release_owed(
    *, owed_id: int, due_on: date | None, now: datetime, answer: dict[str, Any] | None = None
) -> OwedRefund:
    """Let a sum that waited or was held be paid; released before, nothing changes but an earlier day."""
    owed = _locked(owed_id)
    if may(OWED, owed.state, "release"):
        owed.state = next_state(OWED, owed.state, "release")
    if due_on is not None and owed.state in ("due", "waiting"):
        owed.due_on = due_on
    if answer:
        owed.answer = {**owed.answer, "deadline": answer}
    owed.save(update_fields=["state", "due_on", "answer"])
    return owed


@transaction.atomic
def void_owed(*, owed_id: int, now: datetime) -> OwedRefund:
    """Take back that a sum is owed, because another row says it now.

    :raises WrongState: once it was asked for.
    """
    owed = _locked(owed_id)
    owed.state = next_state(OWED, owed.state, "void")
    owed.save(update_fields=["state"])
    return owed


@transaction.atomic
def request_owed(*, owed_id: int, now: datetime) -> OwedRefund:
    """Ask the orders to pay what is due, under a key of its own: twice is once.

    Where the payment holds less, that much is asked for and returned, and a row of its own says that the rest is due.

    :raises WrongState: while it waits, or when it was taken back.
    """
    owed = _locked(owed_id)
    if owed.state in ("requested", "paid"):
        return owed
    after_state = next_state(OWED, owed.state, "request")
    try:
        refund = _ask(owed, now)
    except NothingToRefund as error:
        if "line" not in error.data and 0 < error.data["left_minor"] < owed.amount_minor:
            return request_owed(owed_id=_split_due(owed, error.data["left_minor"], now).pk, now=now)
        owed.failure = error.code
        owed.save(update_fields=["failure"])
        log.warning("More is owed than the payment holds.", owed=owed.public_id, left=error.data)
        return owed
    owed.state, owed.refund, owed.requested_at, owed.failure = after_state, refund.public_id, now, ""
    owed.save(update_fields=["state", "refund", "requested_at", "failure"])
    return owed


def _split_due(owed: OwedRefund, here: int, now: datetime) -> OwedRefund:
    """Replace a locked sum by two, so much of it and the rest, both due on its day; return the first."""
    owed.state = next_state(OWED, owed.state, "void")
    owed.save(update_fields=["state"])
    parts = parts_of(owed.parts)
    part = Part("", 0, "goods", here, parts[0].because)

    def owe(of: Sequence[Part], key: str) -> OwedRefund | None:
        return owe_refund(
            order=owed.order, subject=owed.subject, parts=of, due_on=owed.due_on, rulings=owed.rulings, now=now,
            key=f"{owed.key}:{key}", answer=owed.answer, payment=owed.payment,
        )  # fmt: skip

    owe([*parts, replace(part, amount_minor=-here)], "later")
    first = owe([part], "now")
    assert first is not None  # it is above nothing
    return first


def _ask(owed: OwedRefund, now: datetime) -> Any:
    """Ask by parts of lines; where rounding leaves a kind of a line a cent short, by the sum alone."""
    asked = {
        "order": owed.order,
        "amount": Money(owed.amount_minor, owed.currency),
        "key": f"owed:{owed.public_id}:{owed.attempts + 1}",
        "because": owed.subject or owed.key,
        "now": now,
        "payment_id": after_sales.payment_id_of(owed.payment) if owed.payment else None,
    }
    try:
        return orders.request_refund(**asked, parts=refund_parts(owed.order, parts_of(owed.parts)))
    except NothingToRefund as error:
        if "line" not in error.data:
            raise
    return orders.request_refund(**asked)


def key_of_end(order: Any) -> str:
    """Return the key of what is owed of an order that its seller ended: the letter of the end tells of it already."""
    return f"{order.public_id}:ended"


def mark_requested(owed: OwedRefund | None, *, refund: str, now: datetime) -> None:
    """Write down that a sum goes back by a refund (its public id) that the orders have made already; in a transaction."""
    if owed is not None and may(OWED, owed.state, "request"):
        owed.state, owed.refund, owed.requested_at = next_state(OWED, owed.state, "request"), refund, now
        owed.save(update_fields=["state", "refund", "requested_at"])


@transaction.atomic
def record_failed(*, refund: str, failure: str, now: datetime) -> OwedRefund | None:
    """Write down that a refund could not be paid, or came back: it is due as before, to be asked for anew under a new key."""
    owed = OwedRefund.objects.select_for_update().filter(refund=refund).first()
    if owed is not None and may(OWED, owed.state, "fail"):
        owed.state, owed.failure = next_state(OWED, owed.state, "fail"), failure[:200] or "failed"
        owed.refund, owed.attempts, owed.paid_at = "", owed.attempts + 1, None
        owed.save(update_fields=["state", "failure", "refund", "attempts", "paid_at"])
    return owed


@transaction.atomic
def record_paid(*, refund: str, now: datetime) -> OwedRefund | None:
    """Write down that the orders paid a refund (its public id); others' refunds change nothing."""
    owed = OwedRefund.objects.select_for_update().filter(refund=refund).first()
    if owed is not None and may(OWED, owed.state, "pay"):
        owed.state, owed.paid_at = next_state(OWED, owed.state, "pay"), now
        owed.save(update_fields=["state", "paid_at"])
    return owed


def pay_due(*, today: date, now: datetime, limit: int = 500) -> int:
    """Ask for every refund whose last day has come; return how many. What cannot be paid stays, and is overdue."""
    due = OwedRefund.objects.filter(state="due", due_on__lte=today).order_by("due_on", "pk")
    return jobs.each(due.values_list("pk", flat=True)[:limit], lambda pk: _pay_due(pk, now))


def _pay_due(pk: int, now: datetime) -> bool:
    try:
        return request_owed(owed_id=pk, now=now).state == "requested"
    except Conflict as error:
        log.warning("A refund that is due was not paid.", owed=pk, error=error.code)
        return False


def escalate_overdue(*, today: date, now: datetime, limit: int = 500) -> int:
    """Tell once about every refund that should have been paid by now; return how many are new."""
    rows = overdue(today).filter(escalated_at=None).order_by("due_on", "pk")
    return jobs.each(rows.values_list("pk", flat=True)[:limit], lambda pk: _escalate(pk, today, now))


def overdue(today: date) -> Any:
    """Return what should be with shoppers by now and is not; sums that may still be waited for are not among them."""
    return OwedRefund.objects.filter(state__in=["held", "due", "requested"], due_on__lt=today)


@transaction.atomic
def _escalate(pk: int, today: date, now: datetime) -> bool:
    owed = (
        overdue(today)
        .select_for_update(of=("self",))
        .select_related("order", "merchant")
        .filter(pk=pk, escalated_at=None)
        .first()
    )
    if owed is None or owed.due_on is None:
        return False
    owed.escalated_at = now
    owed.save(update_fields=["escalated_at"])
    outbox.publish(RefundOverdue(owed.public_id, owed.order.public_id, owed.merchant.public_id, owed.due_on))
    return True


def _locked(owed_id: int) -> OwedRefund:
    order_id = OwedRefund.objects.values_list("order_id", flat=True).get(pk=owed_id)
    after_sales.lock_orders([order_id])
    return OwedRefund.objects.select_for_update(of=("self",)).select_related("order__group").get(pk=owed_id)


def live_of(order_id: int, subject: str = "") -> Iterable[OwedRefund]:
    """Return what was owed for an order and still counts, oldest first."""
    rows = OwedRefund.objects.filter(order_id=order_id).exclude(state="void")
    return (rows.filter(subject=subject) if subject else rows).order_by("pk")
