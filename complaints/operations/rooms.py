"""What every write of a complaint needs to know of its mediation room: whether it is open, and how it ends."""

from __future__ import annotations

from datetime import datetime

from complaints.domain.errors import RoomClosed
from complaints.domain.mediation import OFFER, ROOM
from complaints.domain.states import LIVE, next_state
from complaints.models import Offer, Room, Ticket


def open_room_of(row: Ticket, now: datetime) -> Room:
    """Return the open room of a locked ticket, under lock.

    :raises RoomClosed: if it was never opened, its time is over, or the complaint is.
    """
    room = Room.objects.select_for_update().filter(ticket=row).first()
    if room is None or room.state != "open" or room.until <= now or row.state not in LIVE:
        raise RoomClosed(state=room.state if room else "none")
    return room


def end_room(row: Ticket, *, agreed: bool, now: datetime) -> Room | None:
    """End the open room of a locked ticket and take its offer off the table; None if no room is open."""
    room = Room.objects.select_for_update().filter(ticket=row, state="open").first()
    if room is None:
        return None
    room.state, room.closed_at = next_state(ROOM, room.state, "agree" if agreed else "fail"), now
    room.save(update_fields=["state", "closed_at"])
    for one in Offer.objects.select_for_update(of=("self",)).filter(ticket=row, state="open"):
        one.state, one.answered_at, one.answered_by = next_state(OFFER, one.state, "expire"), now, ""
        one.save(update_fields=["state", "answered_at", "answered_by"])
    return room
