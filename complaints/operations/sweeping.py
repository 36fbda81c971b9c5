"""Clocks that ran out: found under SKIP LOCKED, written once, carried out through the outbox.

The sweep decides by the database's own time, so that a worker's wrong clock changes nothing. It runs from beat and
from `bin/manage sweep_clocks` alike; one of them suffices and all together do no harm, because a step of the ladder
is a row that can be written only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.models import Q

from complaints.domain.plan import Planned, steps_of
from complaints.domain.states import LIVE, LIVE_CLOCKS
from complaints.events import ComplaintEscalated
from complaints.models import Agent, Clock, Escalation, Ticket
from complaints.operations import tickets
from complaints.operations.clocks import planned, settle_clocks
from complaints.operations.desk import give
from complaints.operations.policies import promise_of
from marketplace.kernel import outbox

log = structlog.get_logger(__name__)
BATCH = 200
POISON = 5  # failed sweeps after which a clock is put aside and shown


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    steps: int
    failed: int


def sweep_clocks(*, now: datetime | None = None) -> Swept:
    """Take every step of the ladder that is due. Without `now` the database's time decides.

    Clocks are taken in batches in the order in which they were due; if a batch fails, its clocks are tried one by
    one, so that a single bad one stops nobody else.
    """
    steps = failed = 0
    while pks := _due(now):
        done, bad = _batch(pks, now)
        steps, failed = steps + done, failed + bad
        if not done:
            break
    return Swept(steps, failed)


def _due(now: datetime | None) -> list[int]:
    moment = "%(now)s" if now else "now()"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id FROM complaints_clock
                WHERE state IN ('running', 'breached') AND NOT is_quarantined AND next_action_at <= {moment}
                ORDER BY next_action_at, id LIMIT {BATCH}""",  # noqa: S608 -- constants only
            {"now": now},
        )
        return [row[0] for row in cursor.fetchall()]


def _batch(pks: list[int], now: datetime | None) -> tuple[int, int]:
    try:
        with transaction.atomic():
            return sum(_step(clock, _moment(now)) for clock in _locked(pks, now)), 0
    except Exception:  # which one it was is found out below
        log.warning("A batch of clocks failed; each is tried alone.", clocks=len(pks))
    done = bad = 0
    for pk in pks:
        try:
            with transaction.atomic():
                done += sum(_step(clock, _moment(now)) for clock in _locked([pk], now))
        except Exception as error:
            bad += 1
            _count_failure(pk, error)
    return done, bad


def _locked(pks: list[int], now: datetime | None) -> list[Clock]:
    rows = Clock.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk__in=pks, state__in=LIVE_CLOCKS, is_quarantined=False, next_action_at__lte=_moment(now)
    )
    return list(rows.select_related("ticket", "policy__calendar").order_by("pk"))


def _moment(now: datetime | None) -> datetime:
    if now is not None:
        return now
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def _step(clock: Clock, now: datetime) -> int:
    """Write down every step of one locked clock that is due by now; return how many were new."""
    promise = promise_of(clock.policy) if clock.policy else promise_of(clock.ticket.policy)
    steps = steps_of(promise, _as_planned(clock))
    taken = 0
    for step in steps:
        if step.level < clock.next_level or step.at > now:
            continue
        row, is_new = Escalation.objects.get_or_create(
            clock=clock, generation=clock.generation, level=step.level,
            defaults={"due_at": step.at, "detected_at": now, "result": {"do": step.do, "to": step.to}},
        )  # fmt: skip
        if is_new:
            outbox.publish(ComplaintEscalated(row.pk))
            taken += 1
        clock.next_level = step.level + 1
    if clock.due_at is not None and clock.due_at <= now:
        clock.state = "breached"
    left = [step for step in steps if step.level >= clock.next_level]
    clock.next_action_at = left[0].at if left else None
    clock.save(update_fields=["next_level", "next_action_at", "state"])
    return max(taken, 1)  # a clock that only moved on has moved the sweep on as well


def _as_planned(clock: Clock) -> Planned:
    return Planned(
        clock.kind,
        clock.generation,
        "running",
        clock.started_at,
        clock.due_at,
        clock.done_at,
        clock.told,
        clock.is_law,
    )


def _count_failure(pk: int, error: Exception) -> None:
    with transaction.atomic():
        clock = Clock.objects.select_for_update().get(pk=pk)
        clock.attempts += 1
        clock.is_quarantined = clock.attempts >= POISON
        clock.save(update_fields=["attempts", "is_quarantined"])
    log.error("A clock could not be swept.", clock=pk, attempts=clock.attempts, error=type(error).__name__)


# -- carrying a step out (a subscriber calls this once per escalation, at least once)


@transaction.atomic
def carry_out(*, escalation_id: int, now: datetime) -> Escalation:
    """Do what a step of the ladder asks for; a second time does nothing."""
    ticket_id = Escalation.objects.values_list("clock__ticket__public_id", flat=True).get(pk=escalation_id)
    row = tickets.lock_ticket(ticket_id)
    step = Escalation.objects.select_for_update(of=("self",)).select_related("clock").get(pk=escalation_id)
    if step.done_at is not None:
        return step
    do = step.result.get("do", "")
    if row.state in LIVE:
        _DOINGS[do](row, step, now)
    step.done_at = now
    step.save(update_fields=["done_at", "result"])
    return step


def _notify(row: Ticket, step: Escalation, now: datetime) -> None:
    whom = step.result.get("to") or "agent"
    agents = Agent.objects.select_related("user")
    found = agents.filter(is_supervisor=True) if whom == "supervisors" else agents.filter(pk=row.agent_id)
    step.result = {**step.result, "told": sorted(agent.user.public_id for agent in found)}
    _note(row, step, now)


def _raise(row: Ticket, step: Escalation, now: datetime) -> None:
    row.priority = max(1, row.priority - 1)
    row.is_breached = True
    row.save(update_fields=["priority", "is_breached"])
    _note(row, step, now)


def _unassign(row: Ticket, step: Escalation, now: datetime) -> None:
    if row.agent_id is not None:
        give(row, None, actor="clock", now=now)
    _note(row, step, now)


def _take_back(row: Ticket, step: Escalation, now: datetime) -> None:
    """Go on without the seller, who did not answer in time: what the buyer says stands for now."""
    if tickets.may_step(row, "resume"):
        tickets.move(row, "resume", actor="clock", at=now, now=now, reason="no_answer")
        row.priority = max(1, row.priority - 1)
        settle_clocks(ticket=row, now=now)
        row.version += 1
        row.save()
    _note(row, step, now)


def _note(row: Ticket, step: Escalation, now: datetime) -> None:
    tickets.record(
        row, "escalated", actor="clock", at=step.due_at, now=now, key=f"escalated:{step.pk}",
        clock=step.clock.kind, level=step.level, **step.result,
    )  # fmt: skip


_DOINGS = {"notify": _notify, "raise": _raise, "unassign": _unassign, "take_back": _take_back}


# -- the nightly look


@dataclass(frozen=True, slots=True)
class Drift:
    """A stored clock that is not what the plan says."""

    ticket: str
    kind: str
    stored: str
    planned: str


def find_drift(*, now: datetime, mend: bool = False, chunk: int = 500) -> list[Drift]:
    """Work out every live ticket's clocks anew and return those that differ from what is stored."""
    found: list[Drift] = []
    last = 0
    live = Q(state__in=LIVE)
    while rows := list(
        Ticket.objects.filter(live, pk__gt=last)
        .select_related("policy__calendar")
        .prefetch_related("events", "clocks")
        .order_by("pk")[:chunk]
    ):
        last = rows[-1].pk
        for row in rows:
            wrong = _differences(row, now)
            found += wrong
            if wrong and mend:
                with transaction.atomic():
                    locked = tickets.lock_ticket(row.public_id)
                    settle_clocks(ticket=locked, now=now)
                    locked.save()
    return found


def _differences(row: Ticket, now: datetime) -> list[Drift]:
    stored = {(clock.kind, clock.generation): clock for clock in row.clocks.all()}
    wrong = []
    for one in planned(row, now=now):
        clock = stored.get((one.kind, one.generation))
        shown = str(clock.due_at) if clock else "none"
        same = clock is not None and (
            clock.due_at == one.due_at
            or one.state == "paused"
            or {clock.state, one.state} == {"met", "breached"}
        )
        if not same:
            wrong.append(Drift(row.public_id, one.kind, shown, str(one.due_at)))
    return wrong
