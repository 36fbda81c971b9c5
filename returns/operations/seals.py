"""A seal that was broken: where the law ends the right with it, what came back stays the shopper's, and is not paid for.

The declaration was judged as if the seal were whole, because nobody had seen it broken. The seller who finds it
broken records it with a picture; the shopper answers first, and a third decides where they differ. Until then the
money for these pieces is held. If it stands, the declaration falls for the line with the law's own reason, the
contract and its guarantee live on, and the pieces go back to the shopper.

Lock order: the order, the return, its units, the tally, then what is written new.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction

from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid, NotFound
from orders.queries import after_sales
from returns.domain import policy
from returns.domain.declaration import judge
from returns.domain.parts import sum_of
from returns.domain.states import ACCEPTANCE, DECLARED, RECEPTION, RETURN, may, next_state
from returns.events import LossClaimed, ReturnInspected, WithdrawalJudged
from returns.models import LineTally, Return, ReturnLine, ReturnUnit, ValueLoss, WithdrawalLine
from returns.operations.holding import hold, open_sums
from returns.operations.opening import count_returning, lock_tallies, locked_return, units_of
from returns.operations.settling import settle
from returns.queries import law

SEALS = ("sealed_hygiene", "sealed_media")


def is_sealed(line: Any) -> bool:
    """Tell whether an order line was sold as something that cannot come back once its seal is broken."""
    return any(line.rights.get(seal) for seal in SEALS)


@transaction.atomic
def claim_broken_seal(
    *, return_id: int, line: str, why: str, evidence: tuple[str, bytes], by: str, now: datetime
) -> ValueLoss:
    """Record that the pieces of a line (its public id) came back with a broken seal; the shopper is asked.

    :raises Invalid: without words or a picture, or where the law that applies does not end the right with the seal.
    :raises Conflict: unless all pieces that were announced are here and none was accepted, or if it was claimed before.
    """
    ret = locked_return(return_id)
    row = ReturnLine.objects.select_related("line").filter(ret=ret, line__public_id=line).first()
    declared = _declared(ret, line)
    if row is None or declared is None:
        raise NotFound(field="line")
    if not why.strip() or not evidence[1]:
        raise Invalid("A broken seal needs words and a picture.", field="evidence")
    if row.losses.exclude(state="dropped").exists():
        raise Conflict("A loss of value of these pieces was claimed before.", field="line")
    units = [unit for unit in units_of(ret) if unit.return_line_id == row.pk]
    if not _may_be_refused(units, declared):
        raise Conflict(
            "Count the pieces first and accept none of them: a seal is claimed for all that were sent back.",
            field="line",
        )
    answer = _without_seal(declared, ret)
    held = min(_worth(ret.order_id, declared), sum(row.amount_minor for row in open_sums(ret.order_id)))
    if held <= 0:
        raise Conflict("The money was paid before.", field="amount")
    zone = ZoneInfo(ret.order.group.time_zone)
    loss = ValueLoss(
        return_line=row, kind="seal", amount_minor=held, currency=ret.order.currency, why=why.strip(),
        evidence_name=evidence[0][:120], claimed_at=now, claimed_by=by, answer=answer.as_json(),
        answer_by=now.astimezone(zone).date() + policy.ANSWER_LOSS,
    )  # fmt: skip
    loss.held = hold(ret, row.line, held, loss.public_id, kind="seal", now=now)
    loss.evidence.save(evidence[0], ContentFile(evidence[1]), save=False)
    loss.save()
    for unit in units:
        _judge(unit, "refer", why=why, by=by, now=now)
    outbox.publish(LossClaimed(loss.public_id, ret.public_id, ret.order.public_id, loss.answer_by))
    return loss


def end_seal(*, loss: ValueLoss, stands: bool, now: datetime) -> None:
    """Do what a decision about a seal brings, in the transaction that holds the order.

    If it stands, the declaration falls for the line. Else the pieces wait for an ordinary inspection.
    """
    row = loss.return_line
    ret = locked_return(row.ret_id)
    declared = _declared(ret, row.line.public_id)
    if not stands or declared is None or not may(DECLARED, declared.state, "fall"):
        return
    (tally,) = lock_tallies([declared.line_id])
    LineTally.objects.filter(pk=tally.pk).update(withdrawn=tally.withdrawn - declared.binding, changed_at=now)
    declared.state, declared.binding = next_state(DECLARED, declared.state, "fall"), 0
    declared.ground, declared.answer, declared.judged_at = "exempt", loss.answer, now
    declared.save(update_fields=["state", "binding", "ground", "answer", "judged_at"])
    units = units_of(ret)
    for unit in units:
        if unit.return_line_id == row.pk:
            _judge(unit, "reject", why=loss.why, by=loss.claimed_by, now=now)
    _finish_inspection(ret, units, now)
    outbox.publish(WithdrawalJudged(declared.withdrawal.public_id, row.line.public_id, declared.state))
    settle(subject=ret.subject, now=now)


@transaction.atomic
def hand_back(*, unit_id: int, by: str, now: datetime) -> ReturnUnit:
    """Record that a piece with a broken seal is sent back to the shopper, whose it stays.

    :raises Conflict: for any other piece.
    """
    found = ReturnUnit.objects.select_related("return_line").get(pk=unit_id)
    ret = locked_return(found.return_line.ret_id)
    unit = next(one for one in units_of(ret) if one.pk == unit_id)
    if not is_to_hand_back(unit, unit.return_line.losses.all()):
        raise Conflict("Only a piece with a broken seal goes back to the shopper.", field="unit")
    unit.reception, unit.inspected_by = next_state(RECEPTION, unit.reception, "hand_back"), by
    unit.save(update_fields=["reception", "inspected_by"])
    count_returning({unit.return_line.line_id: -1}, now=now)
    ret.changed_at = now
    ret.save(update_fields=["changed_at"])
    return unit


def is_to_hand_back(unit: ReturnUnit, losses: Any) -> bool:
    """Tell whether a piece is here, is the shopper's, and goes back to them."""
    stands = any(one.kind == "seal" and one.state in ("agreed", "upheld") for one in losses)
    return stands and (unit.reception, unit.acceptance) == ("received", "rejected")


def _declared(ret: Return, line: str) -> WithdrawalLine | None:
    if ret.reason != "withdrawal":
        return None
    rows = WithdrawalLine.objects.select_for_update(of=("self",)).select_related("withdrawal", "line")
    return rows.filter(withdrawal__public_id=ret.subject, line__public_id=line).first()


def _may_be_refused(units: list[ReturnUnit], declared: WithdrawalLine) -> bool:
    open_units = [
        unit
        for unit in units
        if (unit.reception, unit.acceptance) in (("received", "pending"), ("received", "manual"))
    ]
    return declared.state == "effective" and len(open_units) == len(units) == declared.binding


def _without_seal(declared: WithdrawalLine, ret: Return) -> Any:
    """Answer what the law says of the declaration once the seal is known to be broken.

    :raises Invalid: where it changes nothing.
    """
    told = declared.withdrawal
    order = after_sales.order_with_parts(ret.order_id)
    answer = law.declaration(
        declared.line, order, declared_at=told.declared_at, received_at=told.received_at, means=told.means, unsealed=True
    )  # fmt: skip
    if judge(answer) != (False, "exempt"):
        raise Invalid("The law that applies does not end the right with a broken seal.", field="line")
    return answer


def _worth(order_id: int, declared: WithdrawalLine) -> int:
    """Return what comes back for the pieces of a line beyond what would without them, in minor units."""
    order = after_sales.order_with_parts(order_id)
    bound = dict(LineTally.objects.filter(line__order=order).values_list("line_id", "withdrawn"))
    rest = bound | {declared.line_id: bound[declared.line_id] - declared.binding}
    return sum_of(law.refund_amount(order, bound)[0]) - sum_of(law.refund_amount(order, rest)[0])


def _judge(unit: ReturnUnit, action: str, *, why: str, by: str, now: datetime) -> None:
    if not may(ACCEPTANCE, unit.acceptance, action):
        return
    unit.acceptance = next_state(ACCEPTANCE, unit.acceptance, action)
    unit.note, unit.inspected_at, unit.inspected_by = why.strip()[:500], now, by
    unit.save(update_fields=["acceptance", "note", "inspected_at", "inspected_by"])


def _finish_inspection(ret: Return, units: list[ReturnUnit], now: datetime) -> None:
    """Count the return as inspected if nothing that is here waits for a look."""
    waits = any(unit.reception == "received" and unit.acceptance in ("pending", "manual") for unit in units)
    if waits or not may(RETURN, ret.state, "inspect"):
        return
    ret.state, ret.inspected_at, ret.changed_at = next_state(RETURN, ret.state, "inspect"), now, now
    ret.save(update_fields=["state", "inspected_at", "changed_at"])
    outbox.publish(ReturnInspected(ret.public_id, ret.order.public_id, ret.subject, now))
