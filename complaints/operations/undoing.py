"""Taking the latest step on a ticket back: for a minute, by whoever took it, while nothing else has happened.

What has left the house (a letter, money, a dossier) is not called back; such steps are not remembered here. Events stay:
the undoing is one more of them, and clocks follow from all of them as always.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.dateparse import parse_datetime

from complaints.domain.errors import TooLateToUndo
from complaints.domain.states import CLOSED, DECIDED, UNDO_WITHIN
from complaints.models import Room, Ticket, Undo
from complaints.operations.tickets import finish, lock_ticket, record

Done = TypeVar("Done")
_PLAIN = ("state", "agent_id", "topic", "priority", "remedy", "language", "subject", "tags", "email")
_INSTANTS = ("snoozed_until", "closed_at", "decided_at")


@transaction.atomic
def remembering(*, ticket: str, agent_id: int, what: str, now: datetime, step: Callable[[], Done]) -> Done:
    """Take a step on a ticket and remember what it changed, so that it can be undone. Return what the step returns."""
    row = lock_ticket(ticket)
    before, had_room = _seen(row), _has_room(row)
    done = step()
    after = Ticket.objects.get(pk=row.pk)
    changed = {name: value for name, value in before.items() if _seen(after)[name] != value}
    if changed and had_room == _has_room(row):
        kept = {
            "agent_id": agent_id,
            "what": what,
            "before": changed,
            "version": after.version,
            "made_at": now,
        }
        Undo.objects.update_or_create(ticket=row, defaults=kept)
    return done


def _seen(row: Ticket) -> dict[str, Any]:
    instants = {name: getattr(row, name) for name in _INSTANTS}
    return {
        **{name: getattr(row, name) for name in _PLAIN},
        **{name: at.isoformat() if at else None for name, at in instants.items()},
    }


def _has_room(row: Ticket) -> bool:
    return Room.objects.filter(ticket=row, state="open").exists()


def undoable(row: Ticket, *, agent_id: int, now: datetime) -> str:
    """Return the step that an agent can still take back on a ticket; "" for none."""
    one = Undo.objects.filter(
        ticket=row, agent=agent_id, version=row.version, made_at__gt=now - UNDO_WITHIN
    ).first()
    return one.what if one else ""


@transaction.atomic
def undo(*, ticket: str, agent_id: int, actor: str, now: datetime) -> str:
    """Take the latest step on a ticket back; return which it was.

    :raises TooLateToUndo: if something happened since, it was a colleague's, or its minute is over.
    """
    row = lock_ticket(ticket)
    one = Undo.objects.select_for_update(of=("self",)).filter(ticket=row).first()
    if (
        one is None
        or one.agent_id != agent_id
        or one.version != row.version
        or now >= one.made_at + UNDO_WITHIN
    ):
        raise TooLateToUndo
    state = row.state
    for name, value in one.before.items():
        setattr(row, name, parse_datetime(value) if name in _INSTANTS and value else value)
    record(row, "undone", actor=actor, at=now, now=now, what=one.what)
    if row.state != state:
        _go_back(row, state, actor, now)
    finish(row, now)
    one.delete()
    return one.what


def _go_back(row: Ticket, state: str, actor: str, now: datetime) -> None:
    """Record what the clocks need to know of a state that is taken back."""
    if state == CLOSED and row.state != DECIDED:
        record(row, "reopened", actor=actor, at=now, now=now, state=row.state)
    elif row.state == CLOSED:
        record(row, "closed", actor=actor, at=now, now=now, state=row.state)
    record(row, "state", actor=actor, at=now, now=now, state=row.state)
