"""A loss of value: claimed by the merchant with evidence, answered by the shopper, decided by a third.

While it is disputed, what is not in dispute is paid in time and the rest is held as a sum of its own. The
law decides whether anything may be taken off at all; the calculator is asked before a cent is held.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction

from marketplace.kernel import jobs, outbox
from marketplace.kernel.errors import Conflict, Invalid, NotFound
from orders.queries import after_sales
from returns.domain import policy
from returns.domain.states import LOSS, OWED, may, next_state
from returns.events import LossClaimed
from returns.models import LineTally, ReturnLine, ValueLoss
from returns.operations.holding import hold
from returns.operations.opening import locked_return
from returns.operations.refunding import release_owed, void_owed
from returns.operations.seals import end_seal
from returns.queries import law


@transaction.atomic
def claim_loss(
    *,
    return_id: int,
    line: str,
    amount_minor: int,
    why: str,
    evidence: tuple[str, bytes],
    by: str,
    now: datetime,
) -> ValueLoss:
    """Claim that pieces of a line (its public id) came back worth less; the evidence is a checked picture.

    :raises Invalid: without words, evidence, or an amount; or where the law here takes nothing off.
    :raises Conflict: when the money was paid before, or a loss of these pieces is claimed already.
    """
    ret = locked_return(return_id)
    row = ReturnLine.objects.select_related("line").filter(ret=ret, line__public_id=line).first()
    if row is None or ret.reason != "withdrawal":
        raise NotFound(field="line")
    if not why.strip() or not evidence[1] or amount_minor <= 0:
        raise Invalid("A loss of value needs words, evidence and an amount.", field="evidence")
    if row.losses.exclude(state="dropped").exists():
        raise Conflict("A loss of value of these pieces was claimed before.", field="line")
    held = _taken_off(ret.order_id, row.line, amount_minor)
    if not held:
        raise Invalid("The law that applies takes nothing off here.", field="amount")
    zone = ZoneInfo(ret.order.group.time_zone)
    loss = ValueLoss(
        return_line=row,
        amount_minor=held,
        currency=ret.order.currency,
        why=why.strip(),
        evidence_name=evidence[0][:120],
        claimed_at=now,
        claimed_by=by,
        answer_by=now.astimezone(zone).date() + policy.ANSWER_LOSS,
    )
    loss.held = hold(ret, row.line, held, loss.public_id, now=now)
    loss.evidence.save(evidence[0], ContentFile(evidence[1]), save=False)
    loss.save()
    outbox.publish(LossClaimed(loss.public_id, ret.public_id, ret.order.public_id, loss.answer_by))
    return loss


def _taken_off(order_id: int, line: Any, amount_minor: int) -> int:
    """Return what the law lets be taken off for a shown loss of this line, in minor units."""
    order = after_sales.order_with_parts(order_id)
    bound = dict(LineTally.objects.filter(line__order=order).values_list("line_id", "withdrawn"))
    parts, _answer = law.refund_amount(order, bound, losses={line.pk: law.Loss(amount_minor, True)})
    return -sum(part.amount_minor for part in parts if part.kind == "value_loss")


@transaction.atomic
def answer_loss(*, loss_id: int, agree: bool, reply: str, now: datetime) -> ValueLoss:
    """Take the shopper's answer: agreed, the sum is off; contested, a third decides.

    :raises WrongState: when it is decided already.
    """
    loss = _locked(loss_id)
    loss.state = next_state(LOSS, loss.state, "agree" if agree else "contest")
    loss.reply, loss.replied_at = reply.strip(), now
    loss.save(update_fields=["state", "reply", "replied_at"])
    if agree:
        _end_hold(loss, stands=True, now=now)
    return loss


@transaction.atomic
def decide_loss(*, loss_id: int, stands: bool, decision: str, by: str, now: datetime) -> ValueLoss:
    """Decide a contested loss with reasons; the merchant may drop its own at any time.

    :raises Invalid: without reasons.
    """
    if not decision.strip():
        raise Invalid("Say why, in words the shopper understands.", field="decision")
    loss = _locked(loss_id)
    loss.state = next_state(LOSS, loss.state, "uphold" if stands else "drop")
    loss.decision, loss.decided_at, loss.decided_by = decision.strip(), now, by
    loss.save(update_fields=["state", "decision", "decided_at", "decided_by"])
    _end_hold(loss, stands=stands, now=now)
    return loss


def lapse_losses(*, today: date, now: datetime, limit: int = 500) -> int:
    """Let losses stand that nobody answered in time; each can still be contested. Return how many."""
    due = ValueLoss.objects.filter(state="claimed", answer_by__lt=today).order_by("pk")
    return jobs.each(due.values_list("pk", flat=True)[:limit], lambda pk: _lapse(pk, now))


@transaction.atomic
def _lapse(pk: int, now: datetime) -> bool:
    loss = _locked(pk)
    if not may(LOSS, loss.state, "lapse"):
        return False
    loss.state = next_state(LOSS, loss.state, "lapse")
    loss.save(update_fields=["state"])
    return True  # the sum stays held until it is settled: silence is not consent


def _end_hold(loss: ValueLoss, *, stands: bool, now: datetime) -> None:
    held = loss.held
    if held is None:
        return
    if stands and may(OWED, held.state, "void"):
        void_owed(owed_id=held.pk, now=now)
    elif not stands and may(OWED, held.state, "release"):
        release_owed(owed_id=held.pk, due_on=held.due_on or now.date(), now=now)
    if loss.kind == "seal":
        end_seal(loss=loss, stands=stands, now=now)


def _locked(loss_id: int) -> ValueLoss:
    order_id = ValueLoss.objects.values_list("return_line__ret__order_id", flat=True).get(pk=loss_id)
    after_sales.lock_orders([order_id])
    rows = ValueLoss.objects.select_for_update(of=("self",)).select_related("held", "return_line__line")
    return rows.get(pk=loss_id)
