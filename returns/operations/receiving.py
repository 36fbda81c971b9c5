"""What arrives: counted against the announcement, unit by unit; more, other or nothing has a way of its own.

Lock order: the order, the return, its units, then what the catalogue locks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from catalog import operations as catalogue
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from orders.queries import after_sales
from returns.domain import policy
from returns.domain.errors import BadCount, NotInspectable, ReturnChanged
from returns.domain.states import (
    ACCEPTANCE,
    GRADES,
    RECEPTION,
    RESELLABLE_GRADES,
    RETURN,
    may,
    next_state,
)
from returns.events import ReturnInspected, ReturnReceived
from returns.models import Return, ReturnLine, ReturnUnit
from returns.operations.opening import count_after_all, locked_return, units_of
from returns.operations.reckoning import tell_goods, tell_part

FOUND = {"good": "receive", "wrong": "find_wrong", "empty": "find_empty", "missing": "miss"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What was in the parcel of one line: right ones, wrong ones, empty boxes. What was announced and is not there is missing."""

    good: int = 0
    wrong: int = 0
    empty: int = 0

    def __post_init__(self) -> None:
        if min(self.good, self.wrong, self.empty) < 0:
            raise BadCount(field="counted")


@transaction.atomic
def receive_return(
    *,
    return_id: int,
    counted: Mapping[str, Counted],
    complete: bool,
    by: str,
    now: datetime,
    seen_at: datetime | None = None,
) -> Return:
    """Record what arrived, by the order line's public id.

    :param complete: nothing more is expected: what was announced and did not come is missing.
    :param seen_at: what `changed_at` was when the clerk counted: two people count a parcel once.
    :raises ReturnChanged: if somebody recorded something since.
    :raises WrongState: when the return cannot be received any more.
    :raises NotFound: for a line that is not of the order.
    """
    ret = locked_return(return_id)
    if seen_at is not None and ret.changed_at != seen_at:
        raise ReturnChanged(field="counted")
    ret.state = next_state(RETURN, ret.state, "receive")
    zone = ZoneInfo(ret.order.group.time_zone)
    ret.received_at = ret.received_at or now
    ret.due_on, ret.changed_at = now.astimezone(zone).date() + policy.INSPECT_WITHIN, now
    ret.save(update_fields=["state", "received_at", "due_on", "changed_at"])
    units = units_of(ret)
    before = _here(units)
    for line, found in sorted(counted.items()):
        _count(ret, line, found, units, now)
    if complete:
        for unit in units:
            _step(unit, "miss")
    ret.parcels.filter(state__in=["booked", "in_transit"]).update(state="delivered", delivered_at=now)
    is_complete = not any(unit.reception == "awaiting" for unit in units)
    # With the last announced piece the waiting ends; before that, for what is here.
    today, here = now.astimezone(zone).date(), _here(units)
    if here and not _is_wanting(units):
        tell_goods(ret=ret, goods_back_on=today, proof_on=_proof_on(ret, zone), now=now)
    elif here:
        fresh = {line: count - before.get(line, 0) for line, count in here.items()}
        tell_part(ret=ret, pieces=fresh, goods_back_on=today, now=now)
    outbox.publish(
        ReturnReceived(ret.public_id, ret.order.public_id, ret.subject, ret.received_at, is_complete)
    )
    return ret


def _here(units: Sequence[ReturnUnit]) -> dict[str, int]:
    """Return how many pieces of each line are here, by the order line's public id."""
    found: dict[str, int] = {}
    for unit in units:
        if unit.reception == "received":
            line = unit.return_line.line.public_id
            found[line] = found.get(line, 0) + 1
    return found


def _proof_on(ret: Return, zone: ZoneInfo) -> Any:
    return ret.dispatched_at.astimezone(zone).date() if ret.dispatched_at else None


def _is_wanting(units: Sequence[ReturnUnit]) -> bool:
    return any(unit.reception in ("awaiting", "missing", "wrong_item", "empty_box", "lost") for unit in units)


def _count(ret: Return, line: str, found: Counted, units: list[ReturnUnit], now: datetime) -> None:
    own = [unit for unit in units if unit.return_line.line.public_id == line]
    for name in ("good", "wrong", "empty"):
        for _ in range(getattr(found, name)):
            unit = next((one for one in own if may(RECEPTION, one.reception, FOUND[name])), None)
            if unit is not None and _is_expected(unit) and _has_room(ret, unit, now):
                _step(unit, FOUND[name])
            else:
                units.append(_excess(ret, line, name))
    rows = ReturnLine.objects.filter(ret=ret, line__public_id=line)
    arrived = sum(unit.reception == "received" for unit in own)
    rows.update(received=arrived)


def _has_room(ret: Return, unit: ReturnUnit, now: datetime) -> bool:
    """Tell whether a piece counts: what was called off ceased to, and counts anew only if it did not go back otherwise."""
    return unit.reception != "cancelled" or count_after_all(ret, unit.return_line.line_id, now=now)


def _is_expected(unit: ReturnUnit) -> bool:
    return unit.reception in ("awaiting", "missing", "lost", "cancelled")


def _excess(ret: Return, line: str, name: str) -> ReturnUnit:
    """Keep a piece that nobody announced: it waits for somebody to say what becomes of it."""
    row = ReturnLine.objects.filter(ret=ret, line__public_id=line).first()
    if row is None:
        bought = ret.order.lines.filter(public_id=line).first()
        if bought is None:
            raise NotFound(field="line")
        row = ReturnLine.objects.create(ret=ret, line=bought, announced=0)
    note = {"good": "", "wrong": "another thing", "empty": "an empty box"}[name]
    return ReturnUnit.objects.create(return_line=row, reception="excess", note=note)


def _step(unit: ReturnUnit, action: str) -> None:
    if may(RECEPTION, unit.reception, action):
        unit.reception = next_state(RECEPTION, unit.reception, action)
        unit.save(update_fields=["reception"])


@transaction.atomic
def receive_unannounced(*, order: Any, counted: Mapping[str, Counted], by: str, now: datetime) -> Return:
    """Take in a parcel that nobody announced: a return of its own, whose pieces wait for a decision."""
    (order,) = after_sales.lock_orders([order.pk])
    ret = Return.objects.create(
        order=order,
        merchant_id=order.merchant_id,
        market=order.group.market,
        reason="unannounced",
        state="announced",
        paid_by="consumer",
        opened_at=now,
        changed_at=now,
    )
    return receive_return(return_id=ret.pk, counted=counted, complete=True, by=by, now=now)


@transaction.atomic
def settle_unit(*, unit_id: int, action: str, by: str, now: datetime) -> ReturnUnit:
    """Say what becomes of a piece that is too much or another: it counts as sent back, or goes back to the shopper.

    :param action: receive or send_back.
    :raises WrongState: for a piece that has its place.
    """
    if action not in ("receive", "send_back"):
        raise Invalid("We do not know this step.", field="action")
    ret, unit = _locked_unit(unit_id)
    unit.reception = next_state(RECEPTION, unit.reception, action)
    unit.inspected_by = by
    unit.save(update_fields=["reception", "inspected_by"])
    if action == "receive":
        row = unit.return_line
        ReturnLine.objects.filter(pk=row.pk).update(received=row.units.filter(reception="received").count())
    ret.changed_at = now
    ret.save(update_fields=["changed_at"])
    return unit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the inspection says about one unit (its public id). Only grades A and B can be sold again."""

    unit: str
    accept: bool
    grade: str
    resellable: bool = False
    note: str = ""
    serial: str = ""


@transaction.atomic
def inspect_return(*, return_id: int, verdicts: Sequence[Verdict], by: str, now: datetime) -> Return:
    """Record the inspection of units that arrived; what can be sold again goes on the shelf, once.

    With the last unit that is here the return is inspected.

    :raises NotInspectable: for a unit that is not here.
    :raises WrongState: for a unit that was judged before.
    """
    ret = locked_return(return_id)
    if ret.state not in ("received", "inspected"):
        next_state(RETURN, ret.state, "inspect")  # raises
    units = {unit.public_id: unit for unit in units_of(ret)}
    shelf: dict[int, int] = {}
    for verdict in verdicts:
        if verdict.unit not in units:
            raise NotFound(field="unit")
        unit = units[verdict.unit]
        _judge(unit, verdict, by, now)
        if unit.resellable and unit.restocked_at == now:
            variant_id = unit.variant_id or unit.return_line.line.variant_id
            if variant_id:
                shelf[variant_id] = shelf.get(variant_id, 0) + 1
    for variant_id, pieces in sorted(shelf.items()):
        catalogue.adjust_stock(
            variant_id=variant_id, delta=pieces, reason="returned", reference=ret.public_id, now=now
        )
    if ret.state == "received" and not _is_unjudged(units.values()):
        ret.state = next_state(RETURN, ret.state, "inspect")
        ret.inspected_at = now
        outbox.publish(ReturnInspected(ret.public_id, ret.order.public_id, ret.subject, now))
    ret.changed_at = now
    ret.save(update_fields=["state", "inspected_at", "changed_at"])
    return ret


def _is_unjudged(units: Any) -> bool:
    return any(unit.reception == "received" and unit.acceptance in ("pending", "manual") for unit in units)


def _judge(unit: ReturnUnit, verdict: Verdict, by: str, now: datetime) -> None:
    if unit.reception != "received":
        raise NotInspectable(unit=unit.public_id, reception=unit.reception)
    if verdict.grade not in GRADES:
        raise Invalid("A grade is A, B, C or D.", field="grade")
    unit.acceptance = next_state(ACCEPTANCE, unit.acceptance, "accept" if verdict.accept else "reject")
    unit.grade, unit.note = verdict.grade, verdict.note
    unit.serial = verdict.serial or unit.serial
    unit.resellable = verdict.resellable and verdict.accept and verdict.grade in RESELLABLE_GRADES
    unit.restocked_at = now if unit.resellable else None
    unit.inspected_at, unit.inspected_by = now, by
    unit.save()


@transaction.atomic
def close_return(*, return_id: int, now: datetime) -> Return:
    """Close a return of which everything is said.

    :raises WrongState: while something is to be inspected.
    """
    ret = locked_return(return_id)
    ret.state = next_state(RETURN, ret.state, "close")
    ret.closed_at, ret.due_on, ret.changed_at = now, None, now
    ret.save(update_fields=["state", "closed_at", "due_on", "changed_at"])
    return ret


def _locked_unit(unit_id: int) -> tuple[Return, ReturnUnit]:
    ret = locked_return(ReturnUnit.objects.values_list("return_line__ret_id", flat=True).get(pk=unit_id))
    rows = ReturnUnit.objects.select_for_update(of=("self",)).select_related("return_line__line")
    return ret, rows.get(pk=unit_id)
