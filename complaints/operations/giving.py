"""What the desk gives in passing, on a complaint that is not decided (or was): a sum as a gesture, a return label.

It is carried out as decisions are, by the same operations of orders and returns and under a key of its own. Sums of one
complaint count together: what is above the platform's threshold waits for a colleague, in one piece or in many.

Lock order: the ticket, the gesture, then what settling locks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from complaints.domain.errors import GestureOver, Incomplete, NewerMessages, SecondPairOfEyes, WrongState
from complaints.domain.remedies import GESTURES
from complaints.domain.states import LIVE
from complaints.events import GestureMade
from complaints.models import Gesture, Ticket
from complaints.operations.deciding import needs_agreement
from complaints.operations.settling import check_remedy, settle_gesture
from complaints.operations.tickets import LONGEST, finish, lock_ticket, record
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Gift:
    """What an agent gives: kind (of `GESTURES`), words for the complainant, the sum or the order line."""

    kind: str
    words: str
    amount: Money | None = None
    line: str = ""


@transaction.atomic
def give(
    *, ticket: str, gift: Gift, user_id: int, now: datetime, key: str = "", read_version: int | None = None
) -> Gesture:
    """Give something on a complaint and tell its complainant. Above the agreed sum it waits for a colleague before.

    The same `key` is the same gesture; `read_version` is the ticket's version that was read.

    :raises Incomplete: naming the field; :raises NoOrder: for a complaint that names no order.
    :raises WrongState: for a complaint that is over; :raises NewerMessages: if it changed since it was read.
    :raises NothingToRefund: if so much is not left of what was paid (of orders).
    """
    if gift.kind not in GESTURES:
        raise Incomplete(_("This is not one of the choices."), field="kind")
    if not gift.words.strip():
        raise Incomplete(_("Say a word to the buyer with it."), field="words")
    if len(gift.words) > LONGEST:
        raise Incomplete(_("This text is longer than %(most)s characters."), field="words", most=LONGEST)
    row = lock_ticket(ticket)
    known = Gesture.objects.filter(key=key).first() if key else None
    if known is not None:
        return known
    if read_version is not None and read_version != row.version:
        raise NewerMessages(read=read_version, version=row.version)
    _check_live(row)
    amount, line = check_remedy(row, gift.kind, gift.amount, gift.line, now=now)
    gesture = Gesture.objects.create(
        ticket=row, kind=gift.kind, line=line, amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else "", words=gift.words.strip(), key=key or None, given_by_id=user_id,
        needs_agreement=needs_agreement(_with_others(row, amount)), given_at=now,
    )  # fmt: skip
    if gesture.needs_agreement:
        record(row, "agreement_asked", actor=f"user:{user_id}", at=now, now=now, gesture=gesture.public_id)
        finish(row, now)
    else:
        _take_effect(row, gesture, f"user:{user_id}", now)
    return gesture


def _with_others(row: Ticket, amount: Money | None) -> Money | None:
    """Return a sum with everything that was given in passing on the same complaint."""
    if amount is None:
        return None
    others = row.gestures.filter(currency=amount.currency, dropped_at=None).aggregate(sum=Sum("amount_minor"))
    return Money(amount.minor + (others["sum"] or 0), amount.currency)


@transaction.atomic
def agree_gesture(*, gesture: str, user_id: int, now: datetime) -> Gesture:
    """Agree to what a colleague gives, which takes effect with it. Twice is once.

    :raises SecondPairOfEyes: for one's own; :raises GestureOver: if it was dropped.
    :raises NothingToRefund: if so much is not left any more (of orders).
    """
    row, one = _locked(gesture)
    if one.agreed_by_id is not None or not one.needs_agreement:
        return one
    if one.dropped_at is not None:
        raise GestureOver(gesture=gesture)
    if one.given_by_id == user_id:
        raise SecondPairOfEyes(_("You gave this yourself; a colleague has to agree to it."))
    _check_live(row)
    one.agreed_by_id, one.agreed_at = user_id, now
    one.save(update_fields=["agreed_by", "agreed_at"])
    _take_effect(row, one, f"user:{user_id}", now)
    return one


@transaction.atomic
def drop_gesture(*, gesture: str, user_id: int, now: datetime) -> Gesture:
    """Say no to what waits for agreement, one's own or a colleague's: nothing is given. Twice is once.

    :raises GestureOver: if it took effect already.
    """
    row, one = _locked(gesture)
    if one.dropped_at is not None:
        return one
    if one.agreed_by_id is not None or not one.needs_agreement:
        raise GestureOver(gesture=gesture)
    one.dropped_at = now
    one.save(update_fields=["dropped_at"])
    record(row, "gesture", actor=f"user:{user_id}", at=now, now=now, gesture=gesture, what="dropped")
    finish(row, now)
    return one


def _take_effect(row: Ticket, one: Gesture, actor: str, now: datetime) -> None:
    settle_gesture(row=row, gesture=one, now=now)
    record(row, "gesture", actor=actor, at=now, now=now, gesture=one.public_id, what=one.kind)
    outbox.publish(GestureMade(row.public_id, one.public_id))
    finish(row, now)


def _check_live(row: Ticket) -> None:
    if row.state not in LIVE:
        raise WrongState(state=row.state, action="give")


def _locked(gesture: str) -> tuple[Ticket, Gesture]:
    ticket = Gesture.objects.filter(public_id=gesture).values_list("ticket__public_id", flat=True).first()
    if ticket is None:
        raise NotFound(field="gesture")
    row = lock_ticket(ticket)
    return row, Gesture.objects.select_for_update(of=("self",)).get(public_id=gesture)
