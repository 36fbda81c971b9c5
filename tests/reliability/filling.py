"""Clocks that ran out, by the thousand, written by the database itself; and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from complaints import operations
from complaints.models import Clock, PolicyVersion
from marketplace.kernel import clock

STEPS = 2  # of the ladder that are due for a first answer that is late by less than two open hours
TICKETS = """
    INSERT INTO complaints_ticket (public_id, token, subject, topic, remedy, about_kind, about, "order", listing, merchant,
        name, email, market, language, time_zone, channel, state, priority, hazards, tags, policy_id, version, is_breached,
        last_message_at, last_speaker, received_at, reopened)
    SELECT 'C-' || lpad(n::text, 8, '0'), 'filled-' || n, 'Lamp ' || n, 'defective', 'refund', 'none', '', '', '', '',
        'Ada', '', 'DE', 'en', 'UTC', 'form', 'new', 3, '[]', '[]', %(policy)s, 1, false,
        now() - interval '2 days', 'customer', now() - interval '2 days', 0
    FROM generate_series(1, %(count)s) AS n
"""
CLOCKS = """
    INSERT INTO complaints_clock (ticket_id, kind, generation, state, started_at, due_at, next_action_at, next_level, told,
        is_law, attempts, is_quarantined)
    SELECT id, 'first_response', 1, 'running', received_at,
        now() + (%(first)s + (%(last)s - %(first)s) * (row_number() OVER (ORDER BY id) - 1) / %(count)s) * interval '1 second',
        now() - interval '1 minute', 0, '{}', false, 0, false
    FROM complaints_ticket WHERE token LIKE 'filled-%%'
"""


def fill(count: int, *, first: float = -60.0, last: float = -1.0) -> None:
    """Write tickets whose first answer is due from `first` to `last` seconds from now, each with one clock.

    With `last` in the future the clocks are looked at when they are due and not before.
    """
    operations.load_promises(now=clock.now())
    policy = PolicyVersion.objects.get(name="everybody").pk
    with connection.cursor() as cursor:
        cursor.execute(TICKETS, {"count": count, "policy": policy})
        cursor.execute(CLOCKS, {"count": count, "first": first, "last": last})
    Clock.objects.filter(due_at__gt=operations.database_time()).update(next_action_at=_due())


def _due():
    from django.db.models import F

    return F("due_at")


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of the ladder, different steps among them, news of steps, different steps among these."""

    rows: int
    steps: int
    news: int
    told: int


COUNTS = """
    SELECT (SELECT count(*) FROM complaints_escalation),
        (SELECT count(DISTINCT (clock_id, level)) FROM complaints_escalation),
        (SELECT count(*) FROM kernel_event WHERE name = 'complaints.ComplaintEscalated'),
        (SELECT count(DISTINCT payload ->> 'escalation') FROM kernel_event WHERE name = 'complaints.ComplaintEscalated')
"""


def tally() -> Tally:
    """Return what was written about clocks that ran out."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return Tally(*cursor.fetchone())


def each_once(count: int) -> Tally:
    """Return the tally of so many clocks of which none was lost and none taken twice."""
    return Tally(*[STEPS * count] * 4)
