"""Clocks follow the plan: worked out anew from the events whenever something happens, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from complaints.domain.plan import Happened, Planned, Promise, plan, steps_of
from complaints.domain.states import CLOSED, LIVE_CLOCKS, MERGED
from complaints.models import Clock, Ticket, TicketEvent
from complaints.operations.policies import promise_of

OVER = (CLOSED, MERGED)


def planned(
    ticket: Ticket, *, now: datetime, events: Iterable[TicketEvent] | None = None
) -> tuple[Planned, ...]:
    """Return the clocks of a ticket as its events and the law say, at one instant; writes nothing."""
    rows = ticket.events.all() if events is None else events
    happened = [Happened(row.occurred_at, row.kind, row.state) for row in rows]
    return plan(
        promise_of(ticket.policy_id),
        happened,
        received_at=ticket.received_at,
        market=ticket.market,
        as_of=now,
    )


def settle_clocks(*, ticket: Ticket, now: datetime) -> tuple[Planned, ...]:
    """Bring the stored clocks of a locked ticket in line with its plan; the ticket's nearest deadline with them."""
    whole = planned(ticket, now=now)
    known = {(row.kind, row.generation): row for row in ticket.clocks.select_for_update().order_by("pk")}
    promise = promise_of(ticket.policy_id)
    for one in whole:
        row = known.pop((one.kind, one.generation), None)
        _write(row or Clock(ticket=ticket, kind=one.kind, generation=one.generation), one, promise, ticket)
    # A promise shows only its latest run; one that is no longer planned was answered and replaced by the next.
    for row in known.values():
        if row.state in (*LIVE_CLOCKS, "paused"):
            late = row.due_at is not None and row.due_at < now and row.state == "breached"
            row.state, row.done_at, row.next_action_at = (
                "breached" if late else "met",
                row.done_at or now,
                None,
            )
            row.save(update_fields=["state", "done_at", "next_action_at"])
    _nearest(ticket, whole)
    return whole


def _write(row: Clock, one: Planned, promise: Promise, ticket: Ticket) -> None:
    steps = steps_of(promise, one) if ticket.state not in OVER and one.done_at is None else ()
    if (
        row.due_at != one.due_at and row.pk
    ):  # the end moved: steps that were taken stay taken, later ones move along
        row.next_level = min(row.next_level, len(steps))
    row.state, row.started_at, row.due_at, row.done_at = one.state, one.started_at, one.due_at, one.done_at
    row.told, row.is_law, row.policy = one.told, one.is_law, ticket.policy
    left = [step for step in steps if step.level >= row.next_level]
    row.next_action_at = left[0].at if left else None
    row.save()


def _nearest(ticket: Ticket, whole: tuple[Planned, ...]) -> None:
    ticket.due_at = nearest(whole, ticket)
    ticket.is_breached = ticket.state not in OVER and any(one.state == "breached" for one in _live(whole))


def nearest(whole: tuple[Planned, ...], ticket: Ticket) -> datetime | None:
    """Return the end of the clock that runs out first; None where none runs."""
    if ticket.state in OVER:
        return None
    return min((one.due_at for one in _live(whole) if one.due_at), default=None)


def _live(whole: tuple[Planned, ...]) -> list[Planned]:
    return [one for one in whole if one.state in LIVE_CLOCKS and one.done_at is None and one.due_at]
