"""Letters of complaints that did not arrive: said on the ticket, told to whoever works on it, tried again on demand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from complaints.models import Agent, Ticket
from complaints.operations import notices
from complaints.operations.tickets import lock_ticket, record
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound


def unsent(payload: dict[str, Any], delivery: int, why: str, now: datetime) -> None:
    """Write down that a letter was given up and why; who works on the complaint is told, else the supervisors."""
    row = lock_ticket(payload["ticket"])
    record(row, "letter_failed", actor="clock", at=now, now=now, reason=why, delivery=delivery)
    tell(row, key=f"unsent:{delivery}:{now.isoformat()}", now=now)


def tell(row: Ticket, *, key: str, now: datetime) -> None:
    """Write the news of a letter that did not arrive down for whoever works on the complaint."""
    whose = (
        Agent.objects.filter(pk=row.agent_id) if row.agent_id else Agent.objects.filter(is_supervisor=True)
    )
    notices.note(agents=whose, ticket=row, kind="unsent", key=key, now=now)


def failed_letters(ticket: str) -> list[tuple[int, str]]:
    """Return the letters of a complaint that were given up: delivery and what the mail server said."""
    return [(one.pk, one.last_error) for one in outbox.parked(payload={"ticket": ticket}) if _is_letter(one)]


def _is_letter(delivery: Any) -> bool:
    return outbox.PARKED.get(delivery.subscriber) is unsent


@transaction.atomic
def send_again(*, ticket: str, actor: str, now: datetime) -> int:
    """Put the letters of a complaint that were given up back on their way; return how many.

    :raises NotFound: if there are none.
    """
    row = lock_ticket(ticket)
    found = [delivery for delivery, _why in failed_letters(ticket)]
    if not found:
        raise NotFound(field="letter")
    record(row, "letter_again", actor=actor, at=now, now=now)
    return outbox.release(delivery_ids=found, now=now)
