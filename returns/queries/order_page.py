"""What an order's page shows of withdrawals, returns and refunds: dates, reasons, and one thing to do next."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from orders.queries.extras import Extras, ExtraStep, NextThing
from returns.documents.words import in_words, judgement_in_words, money, owed_state_in_words
from returns.models import OwedRefund, Return, ValueLoss, Withdrawal
from returns.queries.withdrawals import withdrawals_of

STEP = {"paid": "done", "requested": "current", "due": "next", "waiting": "next", "held": "problem"}


def extras_of(group_id: int, token: str, language: str) -> Extras:
    """Return the steps and the next things of a checkout; five queries, whatever its size."""
    withdrawals = withdrawals_of(group_id)
    returns = list(
        Return.objects.filter(order__group_id=group_id).select_related("order").order_by("opened_at", "pk")
    )
    owed = OwedRefund.objects.filter(order__group_id=group_id).exclude(state="void").select_related("order")
    losses = ValueLoss.objects.filter(
        return_line__ret__order__group_id=group_id, state__in=["claimed", "silent"]
    ).select_related("return_line__ret__order")
    steps = [
        *(step for one in withdrawals for step in _declared(one, language)),
        *(step for one in returns for step in _returned(one)),
        *(_owed(one, language) for one in owed.order_by("owed_at", "pk")),
    ]
    things = [*(_answer(loss, language) for loss in losses), *_to_send(returns, language)]
    return Extras(tuple(steps), tuple(things))


def _declared(one: Withdrawal, language: str) -> Iterable[ExtraStep]:
    seen: set[str] = set()
    for row in one.lines.all():
        order = row.line.order.public_id
        if order in seen:
            continue
        seen.add(order)
        binds = row.state in ("effective", "granted")
        exception = str(row.answer.get("answer", {}).get("ground") or "")
        yield ExtraStep(
            order=order,
            label=_("Withdrawn"),
            state="done" if binds else "problem",
            at=one.declared_at,
            detail=judgement_in_words(row.state, row.ground, exception),
            url=reverse("withdrawal", args=[one.token]),
        )


def _returned(one: Return) -> Iterable[ExtraStep]:
    order, url = one.order.public_id, reverse("return", args=[one.token])
    if one.state == "cancelled":
        return
    if one.dispatched_at:
        yield ExtraStep(order, _("Sent back"), "done", one.dispatched_at, one.public_id, url)
    if one.state == "lost":
        yield ExtraStep(order, _("Lost on the way back"), "problem", one.changed_at, one.public_id, url)
    if one.received_at:
        yield ExtraStep(order, _("Return arrived"), "done", one.received_at, one.public_id, url)
    if one.inspected_at:
        yield ExtraStep(order, _("Return checked"), "done", one.inspected_at, one.public_id, url)


def _owed(one: OwedRefund, language: str) -> ExtraStep:
    amount = money(one.amount_minor, one.currency, language)
    detail = owed_state_in_words(one.state)
    if one.state in ("due", "held", "waiting") and one.due_on:
        detail = _("%(state)s, by %(day)s at the latest") % {
            "state": detail,
            "day": in_words(one.due_on, language),
        }
    at = one.paid_at or one.requested_at
    label = _("Refund of %(amount)s") % {"amount": amount}
    return ExtraStep(one.order.public_id, label, STEP[one.state], at, detail)


def _answer(loss: ValueLoss, language: str) -> NextThing:
    ret = loss.return_line.ret
    said = (
        _("The seller says that the seal was broken. Answer by %(day)s.")
        if loss.kind == "seal"
        else _("The seller wants to take something off. Answer by %(day)s.")
    )
    return NextThing(
        order=ret.order.public_id,
        text=said % {"day": in_words(loss.answer_by, language)},
        url=reverse("return", args=[ret.token]),
        label=_("Answer"),
        rank=10,
    )


def _to_send(returns: list[Return], language: str) -> Iterable[NextThing]:
    for one in returns:
        if one.state in ("announced", "label_issued"):
            text = (
                _("Send it back by %(day)s.") % {"day": in_words(one.send_back_by, language)}
                if one.send_back_by
                else _("Send it back soon.")
            )
            yield NextThing(
                one.order.public_id, text, reverse("return", args=[one.token]), _("Send it back"), rank=20
            )
