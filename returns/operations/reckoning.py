"""What is owed for what was withdrawn from: reckoned for the whole order each time, less what was owed before.

So several declarations add up to exactly what one would have brought: delivery comes back when nothing is
kept, shares of duty and tax lose no cent to rounding, and no part is owed twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from compliance.rulebook.words import noop as _
from orders.queries.law import rulings_of
from returns.domain.parts import Part, difference, parts_of, sum_of
from returns.domain.states import OWED, may, next_state
from returns.models import LineTally, OwedRefund, ValueLoss, Withdrawal
from returns.operations.refunding import owe_refund, release_owed
from returns.queries import law

REASONS = ("W-", "CL-", "LD-")  # subjects whose sums are reckoned here: withdrawals, claims, late deliveries


def owe_for(*, order: Any, withdrawal: Withdrawal, goods_out: bool, now: datetime) -> OwedRefund | None:
    """Owe what the order's withdrawals bring now, beyond what was owed for them before.

    :param goods_out: some of the pieces are with the shopper, so that the law may let the seller wait for them.
    """
    bound = dict(LineTally.objects.filter(line__order=order).values_list("line_id", "withdrawn"))
    whole, amount = law.refund_amount(order, bound, losses=standing_losses(order.pk))
    before = [row for row in reckoned(order.pk) if row.state != "void"]
    parts = difference(whole, [part for row in before for part in parts_of(row.parts)])
    parts = _capped(parts, order.total_minor - sum(row.amount_minor for row in before))
    if sum_of(parts) <= 0:
        return None
    declared_on = withdrawal.declared_at.astimezone(ZoneInfo(order.group.time_zone)).date()
    deadline = law.refund_deadline(
        order, declared_on=declared_on, goods_back_on=None if goods_out else declared_on
    )
    state, due_on = payable(deadline.answer)
    return owe_refund(
        order=order,
        subject=withdrawal.public_id,
        parts=parts,
        due_on=due_on,
        rulings=rulings_of([amount, deadline]),
        key=f"{withdrawal.public_id}:{order.public_id}:{len(before) + 1}",
        now=now,
        state=state,
        answer={"amount": amount.as_json(), "deadline": deadline.as_json()},
    )


def owe_now(
    *,
    order: Any,
    subject: str,
    deadline: Any,
    waits: bool,
    due_on: date,
    extra: list[dict[str, Any]],
    now: datetime,
) -> OwedRefund | None:
    """Owe what the order's pieces bring now that bind by a claim or a late delivery, beyond what was owed before.

    :param deadline: the calculator's answer; where it names a day, that day holds and nothing waits.
    :param waits: the sum waits for goods, where the law names no day.
    :param due_on: the day that holds where the law names none.
    """
    bound = dict(LineTally.objects.filter(line__order=order).values_list("line_id", "withdrawn"))
    whole, amount = law.refund_amount(order, bound, losses=standing_losses(order.pk))
    before = [row for row in reckoned(order.pk) if row.state != "void"]
    parts = difference(whole, [part for row in before for part in parts_of(row.parts)])
    parts = _capped(parts, order.total_minor - sum(row.amount_minor for row in before))
    if sum_of(parts) <= 0:
        return None
    told = deadline.answer["due_on"]
    state = "waiting" if waits and not told else "due"
    return owe_refund(
        order=order,
        subject=subject,
        parts=parts,
        due_on=date.fromisoformat(told) if told else None if state == "waiting" else due_on,
        rulings=[*rulings_of([amount, deadline]), *extra],
        key=f"{subject}:{order.public_id}:{len(before) + 1}",
        now=now,
        state=state,
        answer={"amount": amount.as_json(), "deadline": deadline.as_json()},
    )


def owe_whole(*, order: Any, withdrawal: Withdrawal, refund: Any, now: datetime) -> OwedRefund | None:
    """Write down that all of an order goes back, by the refund that ended it."""
    declared_on = withdrawal.declared_at.astimezone(ZoneInfo(order.group.time_zone)).date()
    deadline = law.refund_deadline(order, declared_on=declared_on, goods_back_on=declared_on)
    owed = owe_refund(
        order=order,
        subject=withdrawal.public_id,
        parts=[
            Part("", 0, "goods", refund.amount_minor, _("Nothing was sent, so all that you paid comes back."))
        ],
        due_on=payable(deadline.answer)[1],
        rulings=rulings_of([deadline]),
        key=f"{withdrawal.public_id}:{order.public_id}:1",
        now=now,
        answer={"deadline": deadline.as_json()},
    )
    if owed is not None and may(OWED, owed.state, "request"):
        owed.state, owed.refund = next_state(OWED, owed.state, "request"), refund.public_id
        owed.requested_at = now
        owed.save(update_fields=["state", "refund", "requested_at"])
    return owed


def payable(told: dict[str, Any]) -> tuple[str, date | None]:
    """Return the state of a sum and its last day, from what the calculator says about the deadline."""
    due_on = date.fromisoformat(told["due_on"]) if told["due_on"] else None
    waits = due_on is None or (told["may_withhold"] and told["may_withhold_until"] is None)
    return ("waiting" if waits else "due"), due_on


def tell_goods(
    *, ret: Any, goods_back_on: date | None, proof_on: date | None, now: datetime
) -> list[OwedRefund]:
    """Reckon the deadline again because the goods, or the proof that they were sent, are there; in a transaction."""
    if ret.reason != "withdrawal":
        return []
    withdrawal = Withdrawal.objects.filter(public_id=ret.subject).first()
    if withdrawal is None:
        return []
    zone = ZoneInfo(ret.order.group.time_zone)
    deadline = law.refund_deadline(
        ret.order,
        declared_on=withdrawal.declared_at.astimezone(zone).date(),
        goods_back_on=goods_back_on,
        dispatch_proof_on=proof_on,
    )
    state, due_on = payable(deadline.answer)
    rows = OwedRefund.objects.filter(order=ret.order, subject=ret.subject, state="waiting").order_by("pk")
    if state != "due":
        return []
    return [release_owed(owed_id=row.pk, due_on=due_on, now=now, answer=deadline.as_json()) for row in rows]


def standing_losses(order_id: int) -> dict[int, law.Loss]:
    """Return the losses of value that were agreed or upheld, by the order line's key."""
    rows = ValueLoss.objects.filter(return_line__ret__order_id=order_id, state__in=["agreed", "upheld"])
    found: dict[int, int] = {}
    for line_id, amount in rows.values_list("return_line__line_id", "amount_minor"):
        found[line_id] = found.get(line_id, 0) + amount
    return {line_id: law.Loss(amount, has_evidence=True) for line_id, amount in found.items()}


def reckoned(order_id: int) -> Iterable[OwedRefund]:
    """Return what was owed for an order's pieces that were withdrawn from, claimed or never came, oldest first."""
    of_these = Q(*(("subject__startswith", start) for start in REASONS), _connector=Q.OR)
    return OwedRefund.objects.filter(of_these, order_id=order_id).order_by("pk")


def _capped(parts: tuple[Any, ...], most: int) -> tuple[Any, ...]:
    """Never owe more than was paid: what rounding brings too much is taken off the last part."""
    over = sum_of(parts) - max(most, 0)
    if over <= 0:
        return parts
    *rest, last = parts
    return (*rest, replace(last, amount_minor=last.amount_minor - over))
