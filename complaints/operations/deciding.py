"""Decisions: made by one agent, above a sum agreed by another, told with their reasons and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from complaints.domain import topics
from complaints.domain.errors import DecisionOvertaken, Incomplete, NewerMessages, SecondPairOfEyes
from complaints.events import ComplaintDecided
from complaints.models import Decision, Offer, Ticket
from complaints.operations.rooms import end_room
from complaints.operations.settling import check_remedy, settle
from complaints.operations.tickets import finish, lock_ticket, move, record
from complaints.queries.decisions import waiting_decision
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an agent decides: outcome, remedy (with its sum, if it is money), reason for the parties, root cause."""

    outcome: str
    reason: str
    cause: str
    remedy: str = ""
    amount: Money | None = None
    line: str = ""  # of the order, where the remedy is for one
    way_out: Sequence[dict[str, Any]] = ()
    rulings: Sequence[dict[str, Any]] = ()


@transaction.atomic
def decide(
    *,
    ticket: str,
    verdict: Verdict,
    user_id: int,
    now: datetime,
    key: str = "",
    read_version: int | None = None,
) -> Decision:
    """Decide a complaint, and carry out what it gives. Above the agreed sum it waits for a colleague before.

    The same `key` is the same decision; `read_version` is the ticket's version that was read.

    :raises Incomplete: without a reason or root cause, or for a rejection that names no way out.
    :raises NewerMessages: if the ticket changed since, by a colleague's decision for example.
    :raises NothingToRefund: if so much is not left to pay back on the order (of orders).
    """
    _check(verdict)
    row = lock_ticket(ticket)
    known = Decision.objects.filter(key=key).first() if key else None
    if known is not None:
        return known
    if read_version is not None and read_version != row.version:
        raise NewerMessages(read=read_version, version=row.version)
    amount, line = check_remedy(row, verdict.remedy, verdict.amount, verdict.line, now=now)
    decision = Decision.objects.create(
        ticket=row,
        number=row.decisions.count() + 1,
        outcome=verdict.outcome,
        remedy=verdict.remedy,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else "",
        line=line,
        reason=verdict.reason.strip(),
        cause=verdict.cause,
        way_out=list(verdict.way_out),
        rulings=list(verdict.rulings),
        decided_by_id=user_id,
        key=key or None,
        needs_agreement=needs_agreement(amount),
        decided_at=now,
    )
    if decision.needs_agreement:
        record(row, "agreement_asked", actor=f"user:{user_id}", at=now, now=now, decision=decision.public_id)
        finish(row, now)
    else:
        _take_effect(row, decision, now)
    return decision


def decide_agreed(*, row: Ticket, offer: Offer, reason: str, now: datetime) -> Decision:
    """Make an offer that all parties took the decision of a locked ticket, and carry it out."""
    decision = Decision.objects.create(
        ticket=row, number=row.decisions.count() + 1, outcome="settled", remedy=offer.remedy,
        amount_minor=offer.amount_minor, currency=offer.currency, line=offer.line, reason=reason, cause="",
        offer=offer, decided_at=now,
    )  # fmt: skip
    _take_effect(row, decision, now)
    return decision


def needs_agreement(amount: Money | None) -> bool:
    """Tell whether a sum needs a second pair of eyes: by the platform's own threshold of its currency."""
    if amount is None:
        return False
    most = settings.COMPLAINTS_FOUR_EYES_MINOR
    return amount.minor > most.get(amount.currency, most["EUR"])


@transaction.atomic
def agree(*, decision: str, user_id: int, now: datetime) -> Decision:
    """Agree to a colleague's decision, which takes effect with it. Twice is once.

    :raises SecondPairOfEyes: for one's own decision.
    :raises DecisionOvertaken: if a newer decision took its place.
    :raises NothingToRefund: if so much is not left to pay back any more (of orders).
    """
    found = Decision.objects.filter(public_id=decision).values_list("ticket__public_id", flat=True).first()
    if found is None:
        raise NotFound(field="decision")
    row = lock_ticket(found)
    one = Decision.objects.select_for_update(of=("self",)).get(public_id=decision)
    if one.agreed_by_id is not None or not one.needs_agreement:
        return one
    if waiting_decision(row) != one:
        raise DecisionOvertaken(decision=one.public_id)
    if one.decided_by_id == user_id:
        raise SecondPairOfEyes(_("You made this decision yourself; a colleague has to agree to it."))
    one.agreed_by_id, one.agreed_at = user_id, now
    one.save(update_fields=["agreed_by", "agreed_at"])
    _take_effect(row, one, now)
    return one


def _take_effect(row: Ticket, decision: Decision, now: datetime) -> None:
    row.assessed_at, row.investigated_at = row.assessed_at or now, row.investigated_at or now
    actor = f"user:{decision.decided_by_id}" if decision.decided_by_id else "parties"
    move(row, "decide", actor=actor, at=now, now=now, decision=decision.public_id)
    end_room(row, agreed=decision.offer_id is not None, now=now)
    if settle(row=row, decision=decision, now=now) is not None:
        Decision.objects.filter(pk=decision.pk).update(executed_at=now)
    outbox.publish(ComplaintDecided(row.public_id, decision.public_id, decision.outcome))
    finish(row, now)


def _check(verdict: Verdict) -> None:
    if verdict.outcome not in topics.OUTCOMES:
        raise Incomplete(_("This is not one of the choices."), field="outcome")
    if verdict.cause not in topics.CAUSES:
        raise Incomplete(_("Say where it went wrong."), field="cause")
    if not verdict.reason.strip():
        raise Incomplete(_("A decision needs its reason."), field="reason")
    if verdict.outcome == "rejected" and not verdict.way_out:
        raise Incomplete(_("A rejection names where to turn next."), field="way_out")
