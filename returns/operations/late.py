"""Late and lost: an additional period, notices of delay and what silence means, the end of the contract.

What the law says is asked each time with everything that happened (`returns.queries.claim_law.delivery`). What the
carrier lost the shopper need not wait for: that is the marketplace's own promise, beyond the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from marketplace.kernel import jobs, outbox
from marketplace.kernel.errors import Conflict, Invalid
from orders.operations import after_sales as ending
from orders.queries import after_sales
from returns.domain import policy
from returns.domain.claims import LATE, LATE_OPEN
from returns.domain.errors import NotEndable
from returns.domain.states import next_state
from returns.events import AdditionalPeriodSet, DelayTold, LateOrderEnded
from returns.models import DelayNotice, LateDelivery
from returns.operations.opening import lock_tallies
from returns.operations.reckoning import ends_whole, owe_now
from returns.operations.refunding import mark_requested
from returns.queries import claim_law
from returns.queries.holds import withdrawn_before_sending


def is_lost(order: Any) -> bool:
    """Tell whether the carrier lost a parcel of an order (with its parcels)."""
    return any(parcel.state == "lost" and parcel.delivered_at is None for parcel in order.parcels.all())


def open_case(order_id: int) -> LateDelivery | None:
    """Return the late delivery of an order that is still open, if there is one."""
    return LateDelivery.objects.filter(order_id=order_id, state__in=LATE_OPEN).first()


@transaction.atomic
def report_late(*, order_id: int, now: datetime, is_essential: bool = False) -> LateDelivery:
    """Say that an order has not come; said again it is the same case.

    :raises Conflict: for an order that has arrived or ended.
    """
    order = _locked(order_id)
    case = _case(order, now)
    case.is_reported, case.is_essential = True, case.is_essential or is_essential
    _keep(case, order, now, ["is_reported", "is_essential"])
    return case


@transaction.atomic
def set_period(*, order_id: int, until: date, now: datetime) -> LateDelivery:
    """Give the seller of a late order an additional period.

    :raises Invalid: for a day that is not in the future.
    :raises NotEndable: while the order is not late, or where the law knows no such period.
    """
    order = _locked(order_id)
    today = _day(order, now)
    if until <= today:
        raise Invalid("Choose a day from tomorrow on.", field="until")
    case = _case(order, now)
    told = claim_law.delivery(order, today=today, late=case).answer
    if told["next_step"] != "set_additional_period":
        raise NotEndable(field="until", next_step=told["next_step"])
    case.state, case.additional_until, case.is_reported = next_state(LATE, case.state, "extend"), until, True
    _keep(case, order, now, ["state", "additional_until", "is_reported"])
    outbox.publish(AdditionalPeriodSet(case.public_id, order.public_id, until))
    return case


@transaction.atomic
def end_late(*, order_id: int, now: datetime) -> LateDelivery:
    """End the contract for everything that has not come; the money goes back.

    :raises NotEndable: while the law does not let the shopper end it; `next_step` says what it asks for.
    """
    order = _locked(order_id)
    case = _case(order, now)
    answer = claim_law.delivery(order, today=_day(order, now), late=case)
    if not (
        answer.answer["may_terminate_at_once"] or answer.answer["status"] == "cancelled" or is_lost(order)
    ):
        raise NotEndable(field="order", next_step=answer.answer["next_step"])
    _end(case, order, "shopper", now)
    return case


@transaction.atomic
def tell_delay(*, order_id: int, revised_on: date | None, why: str, now: datetime) -> DelayNotice:
    """Tell the shopper of a delay, with the new day if the seller knows one.

    :raises Conflict: once everything has left, arrived or ended.
    :raises Invalid: for a new day in the past.
    """
    order = _locked(order_id)
    if revised_on is not None and revised_on <= _day(order, now):
        raise Invalid("Choose a day from tomorrow on.", field="revised_on")
    case = _case(order, now)
    notice = DelayNotice.objects.create(late=case, sent_at=now, revised_on=revised_on, why=why.strip()[:500])
    _keep(case, order, now, [])
    outbox.publish(DelayTold(case.public_id, order.public_id, notice.pk))
    return notice


@transaction.atomic
def answer_delay(*, notice_id: int, consent: bool, now: datetime) -> LateDelivery:
    """Agree to a delay, or cancel because of it. Where the law gives no right to cancel yet, saying no is kept.

    :raises Conflict: if it was answered before.
    """
    order = _locked(DelayNotice.objects.values_list("late__order_id", flat=True).get(pk=notice_id))
    notice = DelayNotice.objects.select_for_update(of=("self",)).select_related("late").get(pk=notice_id)
    if notice.reply != "none":
        raise Conflict("You have answered this.", reply=notice.reply)
    case = LateDelivery.objects.select_for_update().get(pk=notice.late_id)
    notice.reply, notice.replied_at = "consent" if consent else "cancel", now
    notice.save(update_fields=["reply", "replied_at"])
    _keep(case, order, now, [])
    told = case.answer["answer"]
    if (
        not consent
        and case.state in LATE_OPEN
        and (told["status"] == "cancelled" or told["may_terminate_at_once"])
    ):
        _end(case, order, "shopper", now)
    return case


def apply_silence(*, now: datetime, limit: int = 500) -> int:
    """End what silence has ended by law, and close what has come; return how many cases moved."""
    rows = LateDelivery.objects.filter(state__in=LATE_OPEN).order_by("pk")
    return jobs.each(rows.values_list("pk", flat=True)[:limit], lambda pk: _after_silence(pk, now))


@transaction.atomic
def _after_silence(pk: int, now: datetime) -> bool:
    order = _locked(LateDelivery.objects.values_list("order_id", flat=True).get(pk=pk))
    case = LateDelivery.objects.select_for_update().get(pk=pk)
    if case.state not in LATE_OPEN:
        return False
    if order.state in ("delivered", "cancelled"):
        case.state, case.ended_at = next_state(LATE, case.state, "arrive"), now
        _keep(case, order, now, ["state", "ended_at"])
        return True
    told = claim_law.delivery(order, today=_day(order, now), late=case).answer
    if told["status"] != "cancelled" or told["deemed_cancelled_on"] is None:
        return False
    _end(case, order, "silence", now)
    return True


# -- what it brings about


def _end(case: LateDelivery, order: Any, by: str, now: datetime) -> None:
    case.state = next_state(LATE, case.state, "cancel")
    case.ended_at, case.ended_by = now, by
    _keep(case, order, now, ["state", "ended_at", "ended_by"])
    today = _day(order, now)
    reason = "cancelled" if by == "silence" else "late_delivery"
    deadline = claim_law.refund_deadline(order, reason=reason, on=today)
    missing = _not_here(order)
    tallies = {tally.line_id: tally for tally in lock_tallies(missing)}
    on_the_shelf = withdrawn_before_sending([order])
    whole = ends_whole(order)
    refund = None
    if whole:
        _, refund = ending.cancel_unsent(order_id=order.pk, because=case.public_id, now=now)
    ended: dict[int, int] = {}
    for line_id, count in missing.items():
        tally = tallies[line_id]
        ended[line_id] = min(count, tally.bought - tally.withdrawn)
        tally.withdrawn, tally.changed_at = tally.withdrawn + ended[line_id], now
        tally.save(update_fields=["withdrawn", "changed_at"])
    if not whole:
        ending.put_back(order_id=order.pk, pieces=_never_left(order, ended, on_the_shelf), now=now)
    owed = owe_now(
        order=order, subject=case.public_id, deadline=deadline, waits=False, due_on=today + policy.CLAIM_PAID,
        extra=case.answer.get("rulings", []), now=now,
    )  # fmt: skip
    if refund is not None:
        mark_requested(owed, refund=refund.public_id, now=now)
    ending.end_if_nothing_left(order_id=order.pk, because=case.public_id, now=now)
    outbox.publish(LateOrderEnded(case.public_id, order.public_id, by))


def _not_here(order: Any) -> dict[int, int]:
    """Return the pieces that have not arrived, by the line's key."""
    here: dict[int, int] = {}
    for parcel in order.parcels.all():
        if parcel.delivered_at:
            for part in parcel.lines.all():
                here[part.line_id] = here.get(part.line_id, 0) + part.quantity
    rest = {line.pk: line.quantity - here.get(line.pk, 0) for line in order.lines.all()}
    return {pk: count for pk, count in rest.items() if count > 0}


def _never_left(order: Any, ended: dict[int, int], on_the_shelf: Mapping[str, int]) -> dict[int, int]:
    """Return what of the ended pieces never left, so that it goes back on the shelf, where none of it is yet."""
    left = after_sales.left_quantities(order)
    rest = {
        line.pk: line.quantity - left.get(line.pk, 0) - on_the_shelf.get(line.public_id, 0)
        for line in order.lines.all()
    }
    return {pk: min(count, max(rest[pk], 0)) for pk, count in ended.items()}


def _locked(order_id: int) -> Any:
    after_sales.lock_orders([order_id])
    return after_sales.order_with_parts(order_id)


def _case(order: Any, now: datetime) -> LateDelivery:
    if order.state not in ("confirmed", "shipped"):
        raise Conflict("This order has arrived, or has ended.", state=order.state)
    known = LateDelivery.objects.select_for_update().filter(order=order, state__in=LATE_OPEN).first()
    return known or LateDelivery.objects.create(
        order=order, merchant_id=order.merchant_id, opened_at=now, changed_at=now
    )


def _keep(case: LateDelivery, order: Any, now: datetime, fields: list[str]) -> None:
    case.changed_at = now
    case.answer = claim_law.delivery(order, today=_day(order, now), late=case).as_json()
    case.save(update_fields=["changed_at", "answer", *fields])


def _day(order: Any, now: datetime) -> date:
    return now.astimezone(ZoneInfo(order.group.time_zone)).date()
