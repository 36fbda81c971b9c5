"""Clocks that ran out: found under SKIP LOCKED, written once, carried out through the outbox.

The sweep decides by the database's own time, so that a worker's wrong clock changes nothing. It runs from beat and
from `bin/manage sweep_clocks` alike; one of them suffices and all together do no harm, because a step of the ladder
is a row that can be written only once. What a step asks for is done in `ladder`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.models import Q

from complaints.domain.plan import Planned, Step, steps_of
from complaints.domain.states import LIVE, LIVE_CLOCKS
from complaints.events import ComplaintEscalated
from complaints.models import Clock, Sweep, Ticket
from complaints.operations import tickets
from complaints.operations.clocks import nearest, planned, settle_clocks
from complaints.operations.policies import promise_of
from marketplace.kernel import outbox

log = structlog.get_logger(__name__)
BATCH = 200
POISON = 5  # failed sweeps after which a clock is put aside and shown


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: clocks moved on, steps of the ladder that were new, clocks that failed."""

    clocks: int
    steps: int
    failed: int


def sweep_clocks(*, now: datetime | None = None) -> Swept:
    """Take every step of the ladder that is due. Without `now` the database's time decides.

    Clocks are claimed in batches in the order in which they were due; if a batch fails, its clocks are tried one by
    one, so that a single bad one stops nobody else. What another sweeper has claimed is left to it.
    """
    whole = Swept(0, 0, 0)
    failed: list[int] = []
    while True:
        done = _batch(now, failed)
        whole = Swept(whole.clocks + done.clocks, whole.steps + done.steps, len(failed))
        if not done.clocks and not done.failed:
            _note_end(whole, now)
            return whole


def _note_end(whole: Swept, now: datetime | None) -> None:
    """Write down that a sweep came to its end, by the same time as it swept; `/healthz` looks at it."""
    told = {
        "finished_at": now or database_time(),
        "clocks": whole.clocks,
        "steps": whole.steps,
        "failed": whole.failed,
    }
    Sweep.objects.bulk_create(
        [Sweep(id=1, **told)], update_conflicts=True, unique_fields=["id"], update_fields=list(told)
    )


def database_time() -> datetime:
    """Return the database's present time, the only one by which sweeps decide."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def _batch(now: datetime | None, failed: list[int]) -> Swept:
    pks: list[int] = []
    try:
        with transaction.atomic():
            moment = now or database_time()
            clocks = _claim(moment, failed)
            pks = [clock.pk for clock in clocks]
            return Swept(len(clocks), _advance(clocks, moment), 0)
    except Exception:  # which clock it was is found out below; without a database nothing is
        if not pks or not connection.is_usable():
            raise
        log.warning("A batch of clocks failed; each is tried alone.", clocks=len(pks))
    return _one_by_one(pks, now, failed)


def _one_by_one(pks: list[int], now: datetime | None, failed: list[int]) -> Swept:
    clocks = steps = bad = 0
    for pk in pks:
        try:
            with transaction.atomic():
                moment = now or database_time()
                claimed = _claim(moment, failed, only=pk)
                steps += _advance(claimed, moment)
                clocks += len(claimed)
        except Exception as error:
            if not connection.is_usable():
                raise
            bad += 1
            failed.append(pk)
            _count_failure(pk, error)
    return Swept(clocks, steps, bad)


def _claim(moment: datetime, failed: list[int], *, only: int | None = None) -> list[Clock]:
    """Lock the clocks that are due, the longest due first; those of other sweepers and of agents are passed over."""
    due = Clock.objects.filter(
        state__in=LIVE_CLOCKS, is_quarantined=False, next_action_at__isnull=False, next_action_at__lte=moment
    )
    due = due.filter(pk=only) if only is not None else due.exclude(pk__in=failed) if failed else due
    rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("ticket")
    shown = (
        "kind",
        "generation",
        "state",
        "started_at",
        "due_at",
        "done_at",
        "next_level",
        "is_law",
        "policy_id",
    )
    return list(rows.only(*shown, "ticket__policy_id").order_by("next_action_at", "pk")[:BATCH])


@dataclass(frozen=True, slots=True)
class _Move:
    """Where a clock goes: the steps that are due, the level after them, when it is looked at next, its state."""

    due: tuple[Step, ...]
    level: int
    at: datetime | None
    state: str


def _advance(clocks: Sequence[Clock], moment: datetime) -> int:
    """Write down every step of locked clocks that is due; return how many were new. Three statements in all."""
    moves = [(clock, _move(clock, moment)) for clock in clocks]
    rows = [
        (clock.pk, clock.generation, step.level, step.at, json.dumps({"do": step.do, "to": step.to}))
        for clock, move in moves
        for step in move.due
    ]
    fresh = _write_steps(rows, moment)
    if fresh:
        outbox.publish_all([ComplaintEscalated(pk) for pk in fresh])
    _write_clocks([(clock.pk, move.level, move.at, move.state) for clock, move in moves])
    return len(fresh)


def _move(clock: Clock, now: datetime) -> _Move:
    promise = promise_of(clock.policy_id or clock.ticket.policy_id)
    steps = steps_of(promise, _as_planned(clock))
    due = tuple(step for step in steps if step.level >= clock.next_level and step.at <= now)
    level = due[-1].level + 1 if due else clock.next_level
    left = next((step.at for step in steps if step.level >= level), None)
    is_late = clock.due_at is not None and clock.due_at <= now
    return _Move(due, level, left, "breached" if is_late else clock.state)


def _write_steps(rows: Sequence[tuple[object, ...]], moment: datetime) -> list[int]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO complaints_escalation (clock_id, generation, level, due_at, detected_at, result)
               SELECT step.clock, step.generation, step.level, step.due, %s, step.result
               FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::timestamptz[], %s::jsonb[])
                   AS step (clock, generation, level, due, result)
               ON CONFLICT DO NOTHING RETURNING id""",
            [moment, *(list(column) for column in zip(*rows, strict=True))],
        )
        return [row[0] for row in cursor.fetchall()]


def _write_clocks(rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE complaints_clock AS clock SET next_level = new.level, next_action_at = new.at, state = new.state
               FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::text[]) AS new (id, level, at, state)
               WHERE clock.id = new.id""",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _as_planned(clock: Clock) -> Planned:
    return Planned(
        clock.kind,
        clock.generation,
        "running",
        clock.started_at,
        clock.due_at,
        clock.done_at,
        is_law=clock.is_law,
    )


def _count_failure(pk: int, error: Exception) -> None:
    with transaction.atomic():
        clock = Clock.objects.select_for_update().get(pk=pk)
        clock.attempts += 1
        clock.is_quarantined = clock.attempts >= POISON
        clock.save(update_fields=["attempts", "is_quarantined"])
    log.error("A clock could not be swept.", clock=pk, attempts=clock.attempts, error=type(error).__name__)


# -- the nightly look


@dataclass(frozen=True, slots=True)
class Drift:
    """A stored clock that is not what the plan says."""

    ticket: str
    kind: str
    stored: str
    planned: str


def find_drift(*, now: datetime, mend: bool = False, chunk: int = 500) -> list[Drift]:
    """Work out every live ticket's clocks anew and return those that differ from what is stored.

    Compared are their ends, whether they are paused or over, when the sweep looks at them, and the ticket's nearest.
    """
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
            if _differences(row, now):
                found += _looked_at_again(row.public_id, now, mend=mend)
    return found


@transaction.atomic
def _looked_at_again(ticket: str, now: datetime, *, mend: bool) -> list[Drift]:
    """Return what is wrong with a ticket under lock: what changed while we looked is no drift."""
    row = tickets.lock_ticket(ticket)
    wrong = _differences(row, now) if row.state in LIVE else []
    if wrong and mend:
        settle_clocks(ticket=row, now=now)
        row.save()
    return wrong


def _differences(row: Ticket, now: datetime) -> list[Drift]:
    stored = {(clock.kind, clock.generation): clock for clock in row.clocks.all()}
    whole = planned(row, now=now)
    wrong = []
    for one in whole:
        clock = stored.get((one.kind, one.generation))
        if clock is None or not _is_as_planned(clock, one):
            shown = f"{clock.state} {clock.due_at}" if clock else "none"
            wrong.append(Drift(row.public_id, one.kind, shown, f"{one.state} {one.due_at}"))
    due = nearest(whole, row)
    if row.due_at != due:
        wrong.append(Drift(row.public_id, "nearest", str(row.due_at), str(due)))
    return wrong


def _is_as_planned(clock: Clock, one: Planned) -> bool:
    """Tell whether a stored clock ends when it should, stands as it should, and is looked at when it should.

    One whose end has just passed is still running until it is swept, and no difference.
    """
    if (clock.state == "paused") != (one.state == "paused") or (clock.done_at is None) != (
        one.done_at is None
    ):
        return False
    if one.state == "paused":
        return clock.next_action_at is None
    if clock.due_at != one.due_at:
        return False
    if clock.done_at is not None or clock.is_quarantined:
        return True
    steps = steps_of(promise_of(clock.policy_id or clock.ticket.policy_id), _as_planned(clock))
    left = next((step.at for step in steps if step.level >= clock.next_level), None)
    return clock.next_action_at == left
