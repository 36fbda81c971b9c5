"""The mediation room as its three sides see it: the same messages and offers for all; people are sides, never names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints.domain import mediation
from complaints.domain.states import LIVE
from complaints.models import Offer, Room, Settlement, Ticket

SIDE_OF = {"customer": "customer", "merchant": "merchant", "agent": "agent", "system": "agent"}


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """Something that was said in the room, by a side."""

    side: str
    body: str
    language: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with everybody's yes, and what became of what it brought about."""

    public_id: str
    by: str
    remedy: str
    line: str
    amount_minor: int | None
    currency: str
    words: str
    state: str
    made_at: datetime
    valid_until: datetime | None
    answered_at: datetime | None
    answered_by: str
    agreed: tuple[tuple[str, datetime | None], ...]  # whose yes it needs, and since when it is there
    settlement: Settlement | None

    def may_answer(self, side: str) -> bool:
        """Tell whether a side's yes or no is asked for now."""
        return self.state == "open" and any(party == side and at is None for party, at in self.agreed)


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room with its offers (the newest first) and messages (the oldest first)."""

    ticket: str
    subject: str
    is_open: bool
    state: str
    opened_at: datetime
    until: datetime
    closed_at: datetime | None
    order: str
    time_zone: str
    messages: tuple[RoomMessage, ...]
    offers: tuple[OfferView, ...]

    @property
    def on_the_table(self) -> OfferView | None:
        return next((one for one in self.offers if one.state == "open"), None)


def room_of(row: Ticket, *, now: datetime) -> RoomView | None:
    """Return the room of a complaint as it stands at an instant; None if it was never opened. Four queries."""
    room = Room.objects.filter(ticket=row).first()
    if room is None:
        return None
    said = row.messages.model.objects.filter(ticket=row, in_room=True).order_by("said_at", "pk")
    offers = (
        Offer.objects.filter(ticket=row).select_related("decision__settlement").order_by("-made_at", "-pk")
    )
    is_open = room.state == "open" and room.until > now and row.state in LIVE
    return RoomView(
        ticket=row.public_id, subject=row.subject, is_open=is_open,
        state=room.state if is_open or room.state != "open" else "failed", opened_at=room.opened_at, until=room.until,
        closed_at=room.closed_at, order=row.order, time_zone=row.time_zone,
        messages=tuple(RoomMessage(SIDE_OF[one.kind], one.body, one.language, one.said_at) for one in said),
        offers=tuple(_offer(one, now) for one in offers),
    )  # fmt: skip


def _offer(one: Offer, now: datetime) -> OfferView:
    is_over = one.state == "open" and one.valid_until is not None and one.valid_until <= now
    yes = {"customer": one.customer_agreed_at, "merchant": one.merchant_agreed_at}
    decision = getattr(one, "decision", None)
    return OfferView(
        public_id=one.public_id, by=one.by, remedy=one.remedy, line=one.line, amount_minor=one.amount_minor,
        currency=one.currency, words=one.words, state="expired" if is_over else one.state, made_at=one.made_at,
        valid_until=one.valid_until, answered_at=one.answered_at, answered_by=one.answered_by,
        agreed=tuple((side, yes[side]) for side in mediation.needed(one.by, one.remedy)),
        settlement=getattr(decision, "settlement", None),
    )  # fmt: skip
