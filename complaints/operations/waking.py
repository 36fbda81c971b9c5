"""What was put off until a time comes back by itself: its clocks go on, and whoever has it is told."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import connection, transaction

from complaints.domain.states import WAITING
from complaints.models import Agent, Ticket
from complaints.operations import notices
from complaints.operations.tickets import finish, lock_ticket, move

log = structlog.get_logger(__name__)


def wake_due(*, now: datetime) -> int:
    """Take up again every complaint whose time of waiting is over; return how many. One that fails stops no other."""
    due = Ticket.objects.filter(state__in=WAITING, snoozed_until__lte=now).order_by("snoozed_until", "pk")
    return sum(_wake_alone(number, now) for number in list(due.values_list("public_id", flat=True)))


def _wake_alone(ticket: str, now: datetime) -> bool:
    try:
        return _wake(ticket, now)
    except Exception as error:
        if not connection.is_usable():
            raise
        log.error("A complaint could not be taken up again.", ticket=ticket, error=type(error).__name__)
        return False


@transaction.atomic
def _wake(ticket: str, now: datetime) -> bool:
    row = lock_ticket(ticket)
    until = row.snoozed_until
    if row.state not in WAITING or until is None or until > now:  # answered or put off again meanwhile
        return False
    move(row, "resume", actor="clock", at=now, now=now, reason="time_is_up")
    finish(row, now)
    whose = Agent.objects.filter(pk=row.agent_id)
    notices.note(agents=whose, ticket=row, kind="woke", key=f"woke:{row.pk}:{until.isoformat()}", now=now)
    return True
