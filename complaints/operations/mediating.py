"""The mediation room: opened by an agent, offers from all sides, an agreement that carries itself out.

At most one offer lies on the table; another one takes its place. The maker of an offer has agreed to it; it is
accepted when everybody else whom it needs has. Lock order: the ticket, its room, its offer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext

from complaints.domain import mediation
from complaints.domain.errors import Incomplete, OfferOver, RoomClosed, SecondPairOfEyes
from complaints.domain.states import LIVE, TICKET, may, next_state
from complaints.events import RoomChanged
from complaints.models import Offer, Room, Ticket
from complaints.operations.deciding import decide_agreed, needs_agreement
from complaints.operations.rooms import end_room, open_room_of
from complaints.operations.settling import check_remedy
from complaints.operations.tickets import LONGEST, finish, lock_ticket, move, record
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.kernel.money import Money

log = structlog.get_logger(__name__)


@transaction.atomic
def open_room(*, ticket: str, user_id: int | None, actor: str, now: datetime) -> Room:
    """Open the room of a complaint about a seller, or open it again; an open one stays as it is.

    :raises Incomplete: for a complaint without a seller; :raises RoomClosed: for one that is over or was agreed.
    """
    row = lock_ticket(ticket)
    if not row.merchant:
        raise Incomplete(
            _("This complaint names no seller, so there is nobody to agree with."), field="merchant"
        )
    if row.state not in LIVE:
        raise RoomClosed(state=row.state)
    room = Room.objects.select_for_update().filter(ticket=row).first()
    if room is not None and room.state == "open":
        return room
    if room is None:
        room = Room(ticket=row)
    elif may(mediation.ROOM, room.state, "reopen"):
        room.state = next_state(mediation.ROOM, room.state, "reopen")
    else:
        raise RoomClosed(state=room.state)
    room.opened_by_id, room.opened_at, room.until, room.closed_at = (
        user_id,
        now,
        now + mediation.ROOM_LASTS,
        None,
    )
    room.save()
    if may(TICKET, row.state, "wait_outside"):
        move(row, "wait_outside", actor=actor, at=now, now=now, reason="mediation")
    _happened(row, "opened", "", mediation.AGENT, actor, now)
    finish(row, now)
    return room


@transaction.atomic
def make_offer(
    *, ticket: str, by: str, remedy: str, now: datetime, amount: Money | None = None, line: str = "", words: str = "",
    days: int = mediation.OFFER_LASTS.days, user_id: int | None = None, seen: str | None = None, key: str = "",
) -> Offer:  # fmt: skip
    """Put an offer on the table; the one that lies there is replaced by it. The same `key` is the same offer.

    `seen` is the open offer that its maker saw ("" for none): nobody answers what they have not read.

    :raises RoomClosed: if the room is not open; :raises OfferOver: if another offer lies there by now.
    :raises Incomplete: naming the field; :raises SecondPairOfEyes: for goodwill above the agreed sum.
    """
    row = lock_ticket(ticket)
    known = Offer.objects.filter(key=key).first() if key else None
    if known is not None:
        return known
    room = open_room_of(row, now)
    if remedy not in mediation_remedies(by):
        raise Incomplete(_("This is not one of the choices."), field="remedy")
    if not 1 <= days <= mediation.OFFER_MOST_DAYS:
        raise Incomplete(_("An offer stands for one to fourteen days."), field="days")
    if len(words) > LONGEST:
        raise Incomplete(_("This text is longer than %(most)s characters."), field="words", most=LONGEST)
    whole, chosen = check_remedy(row, remedy, amount, line, now=now)
    if remedy == "goodwill" and needs_agreement(whole):
        raise SecondPairOfEyes(_("So much of our own money is decided by two of us, not offered here."))
    before = Offer.objects.select_for_update(of=("self",)).filter(ticket=row, state="open").first()
    if seen is not None and seen != (before.public_id if before else ""):
        raise OfferOver(offer=seen)
    if before is not None:
        _step(before, "replace", by, now)
    offer = Offer.objects.create(
        ticket=row, by=by, remedy=remedy, line=chosen, amount_minor=whole.minor if whole else None,
        currency=whole.currency if whole else "", words=words.strip(), key=key or None, made_by_id=user_id,
        made_at=now, valid_until=min(now + timedelta(days=days), room.until),
    )  # fmt: skip
    _happened(row, "offered", offer.public_id, by, by, now)
    finish(row, now)
    return offer


def mediation_remedies(by: str) -> tuple[str, ...]:
    """Return what a side may offer."""
    every = (
        "refund",
        "price_reduction",
        "goodwill",
        "replacement",
        "exchange",
        "repair",
        "return_label",
        "apology",
        "explanation",
    )
    return tuple(remedy for remedy in every if mediation.may_offer(by, remedy))


@transaction.atomic
def accept_offer(*, offer: str, by: str, now: datetime) -> Offer:
    """Say yes to an offer for one side; the last yes that it needs carries it out. Twice is once.

    :raises OfferOver: if it is not on the table any more or its time is over.
    :raises NotAllowed: for a side whose yes it does not need.
    :raises NothingToRefund: if so much is not left to pay back (of orders); nothing is agreed then.
    """
    row, one = _locked(offer)
    if by in mediation.PARTIES and one.state == "accepted":
        return one
    open_room_of(row, now)
    _still_there(one, now)
    if by not in mediation.needed(one.by, one.remedy):
        raise NotAllowed(_("This offer does not need your yes."), field="offer")
    field = f"{by}_agreed_at"
    if getattr(one, field) is not None:
        return one
    setattr(one, field, now)
    one.save(update_fields=[field])
    waits = [
        side for side in mediation.needed(one.by, one.remedy) if getattr(one, f"{side}_agreed_at") is None
    ]
    if waits:
        _happened(row, "agreed", one.public_id, by, by, now)
        finish(row, now)
        return one
    _step(one, "accept", by, now)
    _happened(row, "accepted", one.public_id, by, by, now)
    decide_agreed(row=row, offer=one, reason=_reason(row, one), now=now)
    return one


@transaction.atomic
def decline_offer(*, offer: str, by: str, now: datetime) -> Offer:
    """Say no to an offer, or take one's own back. Twice is once."""
    row, one = _locked(offer)
    if one.state == "declined":
        return one
    open_room_of(row, now)
    _still_there(one, now)
    if by not in (one.by, *mediation.needed(one.by, one.remedy)):
        raise NotAllowed(_("This offer does not need your answer."), field="offer")
    _step(one, "decline", by, now)
    _happened(row, "declined", one.public_id, by, by, now)
    finish(row, now)
    return one


@transaction.atomic
def close_room(*, ticket: str, actor: str, now: datetime) -> Room:
    """Close a room in which nobody agreed; the complaint goes on and is decided. Twice is once."""
    row = lock_ticket(ticket)
    room = Room.objects.select_for_update().filter(ticket=row).first()
    if room is None:
        raise NotFound(field="room")
    if room.state == "open":
        _fail(row, actor, now)
    return room


def close_due(*, now: datetime, limit: int = 500) -> int:
    """End offers and rooms whose time is over; return how many. Each in a transaction of its own, once."""
    offers = Offer.objects.filter(state="open", valid_until__lte=now).order_by("valid_until", "pk")
    rooms = Room.objects.filter(state="open", until__lte=now).order_by("until", "pk")
    ended = sum(
        _alone(_expire, public_id, now)
        for public_id in list(offers.values_list("public_id", flat=True)[:limit])
    )
    tickets = list(rooms.values_list("ticket__public_id", flat=True)[:limit])
    return ended + sum(_alone(_close_due, ticket, now) for ticket in tickets)


def _alone(end: Callable[[str, datetime], bool], public_id: str, now: datetime) -> bool:
    """End one offer or room; one that cannot be ended keeps no other open, and is tried again."""
    try:
        return end(public_id, now)
    except Exception as error:
        if not connection.is_usable():
            raise
        log.error("An offer or a room could not be ended.", what=public_id, error=type(error).__name__)
        return False


@transaction.atomic
def _expire(offer: str, now: datetime) -> bool:
    row, one = _locked(offer)
    if one.state != "open" or one.valid_until is None or one.valid_until > now:
        return False
    _step(one, "expire", "", now)
    _happened(row, "expired", one.public_id, "", "clock", now)
    finish(row, now)
    return True


@transaction.atomic
def _close_due(ticket: str, now: datetime) -> bool:
    row = lock_ticket(ticket)
    room = Room.objects.select_for_update().get(ticket=row)
    if room.state != "open" or room.until > now:
        return False
    _fail(row, "clock", now)
    return True


def _fail(row: Ticket, actor: str, now: datetime) -> None:
    end_room(row, agreed=False, now=now)
    if row.state == "waiting_outside":
        move(row, "resume", actor=actor, at=now, now=now, reason="mediation")
    _happened(row, "closed", "", "", actor, now)
    finish(row, now)


def _locked(offer: str) -> tuple[Ticket, Offer]:
    ticket = Offer.objects.filter(public_id=offer).values_list("ticket__public_id", flat=True).first()
    if ticket is None:
        raise NotFound(field="offer")
    row = lock_ticket(ticket)
    return row, Offer.objects.select_for_update(of=("self",)).get(public_id=offer)


def _still_there(one: Offer, now: datetime) -> None:
    if one.state != "open" or (one.valid_until is not None and one.valid_until <= now):
        raise OfferOver(offer=one.public_id, state=one.state)


def _step(one: Offer, action: str, by: str, now: datetime) -> None:
    one.state = next_state(mediation.OFFER, one.state, action)
    one.answered_at, one.answered_by = now, by
    one.save(update_fields=["state", "answered_at", "answered_by"])


def _reason(row: Ticket, one: Offer) -> str:
    """Return what the decision says in the complainant's language, with the words of the offer."""
    known = row.language if row.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(known):
        said = gettext("You and the seller agreed in the mediation room.")
        if one.remedy == "goodwill":
            said = gettext("You took our offer in the mediation room.")
    return "\n\n".join(part for part in (said, one.words) if part)


def _happened(row: Ticket, what: str, offer: str, by: str, actor: str, now: datetime) -> None:
    record(row, "room", actor=actor, at=now, now=now, what=what, offer=offer)
    outbox.publish(RoomChanged(row.public_id, what, offer, by))
