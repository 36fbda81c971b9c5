"""Handing a complaint to a body outside: only with the complainant's consent, with one dossier, followed to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from complaints.documents import draw_dossier
from complaints.domain.errors import Incomplete
from complaints.domain.referral_states import REFERRAL, REFERRAL_OVER
from complaints.domain.states import next_state
from complaints.domain.ways_out import ways_out
from complaints.events import ReferralChanged
from complaints.models import Message, Referral, Ticket
from complaints.operations.tickets import finish, lock_ticket, record
from complaints.queries.decisions import standing_decision
from compliance import rulebook
from compliance.rulebook.words import noop as _
from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotAllowed, NotFound
from orders.queries.cases import order_facts

SHOWN = (Message.Kind.CUSTOMER, Message.Kind.AGENT, Message.Kind.MERCHANT)


def bodies_for(row: Ticket) -> tuple[dict[str, Any], ...]:
    """Return the bodies outside that fit a complaint, best first."""
    country = Merchant.objects.filter(public_id=row.merchant).values_list("country", flat=True).first() or ""
    return ways_out(market=row.market, topic=row.topic, seller_country=country)


# What goes to a body outside: kept with the consent, so that nothing more can be sent than was agreed to.
DATA = ("name", "email", "complaint", "messages", "files", "order", "decision")
# The law's own times for what a body does next; only dispute bodies for consumers have them.
_TIMES = {"send": "complaint.adr_refuses", "accept": "complaint.adr_decides"}
_TIMED_ROLES = ("adr_general", "adr_sector")


@transaction.atomic
def refer(
    *, ticket: str, body: str, consented: bool, actor: str, now: datetime, language: str = ""
) -> Referral:
    """Prepare the dossier for a body outside (its name as the rulebook has it). The same body twice is once.

    :raises Incomplete: without the complainant's consent, or for a body that the rulebook does not name here.
    """
    if not consented:
        raise Incomplete(_("Your consent is needed before anything leaves this house."), field="consent")
    row = lock_ticket(ticket)
    chosen = next((one for one in bodies_for(row) if one["name"] == body), None)
    if chosen is None:
        raise Incomplete(_("This is not one of the choices."), field="body")
    known = row.referrals.filter(body__name=body).exclude(state="withdrawn").first()
    if known is not None:
        return known
    consent = {"language": language or row.language, "body": chosen["name"], "data": list(DATA)}
    referral = Referral(ticket=row, body=chosen, consented_at=now, consent=consent)
    case, files = case_of(row, chosen)
    archive = draw_dossier(case, files, language=row.language, made_at=now)
    referral.digest = hashlib.sha256(archive).hexdigest()
    referral.dossier.save(f"{referral.public_id}.zip", ContentFile(archive), save=False)
    referral.save(force_insert=True)
    record(
        row,
        "referred",
        actor=actor,
        at=now,
        now=now,
        referral=referral.public_id,
        body=body,
        digest=referral.digest,
    )
    outbox.publish(ReferralChanged(row.public_id, referral.public_id, "prepared"))
    finish(row, now)
    return referral


@transaction.atomic
def refuse_referral(*, ticket: str, actor: str, now: datetime) -> None:
    """Write down that the complainant does not want anything to leave this house."""
    row = lock_ticket(ticket)
    record(row, "referral_refused", actor=actor, at=now, now=now)
    finish(row, now)


def withdraw_consent(*, referral: str, now: datetime) -> Referral:
    """Take the consent back, at any time before the body has decided: what has not left is destroyed. Twice is once.

    :raises WrongState: once the body has refused or decided.
    """
    state = Referral.objects.filter(public_id=referral).values_list("state", flat=True).first()
    if state == "withdrawn":
        return Referral.objects.get(public_id=referral)
    return _step(referral, "withdraw", "customer", now)


def follow(*, referral: str, action: str, actor: str, now: datetime, result: str = "") -> Referral:
    """Write down what became of a referral: send, accept, refuse, decide.

    :raises NotAllowed: to take the consent back, which is its complainant's alone.
    :raises WrongState: if that cannot follow.
    """
    if action == "withdraw":
        raise NotAllowed(_("Only who gave the consent takes it back."), field="action")
    return _step(referral, action, actor, now, result)


@transaction.atomic
def _step(referral: str, action: str, actor: str, now: datetime, result: str = "") -> Referral:
    ticket = Referral.objects.filter(public_id=referral).values_list("ticket__public_id", flat=True).first()
    if ticket is None:
        raise NotFound(field="referral")
    row = lock_ticket(ticket)
    one = Referral.objects.select_for_update(of=("self",)).get(public_id=referral)
    one.state = next_state(REFERRAL, one.state, action)
    one.sent_at = now if action == "send" else one.sent_at
    one.accepted_at = now if action == "accept" else one.accepted_at
    one.answered_at = now if action in ("accept", "refuse", "decide") else one.answered_at
    one.ended_at = now if one.state in REFERRAL_OVER else None
    one.due_on, one.rulings = _deadline(row, one, action, now)
    one.result = result or one.result
    if action == "withdraw" and one.sent_at is None and one.dossier:
        _destroy(one)
    one.save()
    record(row, "referral", actor=actor, at=now, now=now, referral=referral, action=action)
    outbox.publish(ReferralChanged(row.public_id, referral, one.state))
    finish(row, now)
    return one


def _destroy(one: Referral) -> None:
    """Let go of a dossier; the file itself goes once that is certain, because no rollback brings a file back."""
    storage, name = one.dossier.storage, one.dossier.name
    one.dossier = ""
    transaction.on_commit(lambda: storage.delete(name))


def _deadline(
    row: Ticket, one: Referral, action: str, now: datetime
) -> tuple[date | None, list[dict[str, Any]]]:
    """Return by when the body has to do what comes next, with the rulings; none where the law sets no time."""
    if action not in _TIMES or one.body.get("role") not in _TIMED_ROLES:
        return None, []
    found = rulebook.default().on(now.date()).find(_TIMES[action], row.market)
    if found is None:
        return None, []
    facts = {"rule": found.rule.id, "market": row.market, "happened_at": now.isoformat()}
    answer = rulebook.answer("deadline", facts)
    due = answer.answer.get("due_on")
    return date.fromisoformat(due) if due else None, [one.as_json() for one in answer.rulings]


def case_of(row: Ticket, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a complaint as JSON values and its files by name; notes among colleagues stay here."""
    messages, files = [], {}
    for said in row.messages.filter(kind__in=SHOWN).prefetch_related("attachments").order_by("said_at", "pk"):
        told = []
        for kept in said.attachments.all():
            name = f"{kept.public_id}-{kept.name}"
            with kept.file.open("rb") as file:
                files[name] = file.read()
            told.append({"name": name, "kind": kept.kind, "sha256": kept.digest})
        messages.append(
            {"kind": said.kind, "said_at": said.said_at.isoformat(), "body": said.body, "files": told}
        )
    decided = standing_decision(row)
    case = {
        "complaint": {
            "number": row.public_id, "subject": row.subject, "topic": row.topic, "remedy": row.remedy,
            "name": row.name, "email": row.email, "market": row.market, "language": row.language,
            "time_zone": row.time_zone, "received_at": row.received_at.isoformat(), "state": row.state,
        },
        "body": dict(body),
        "order": order_facts(row.order) if row.order else {},
        "messages": messages,
        "decision": {
            "outcome": decided.outcome, "reason": decided.reason, "decided_at": decided.decided_at.isoformat(),
            "rulings": decided.rulings,
        } if decided is not None else None,
    }  # fmt: skip
    return case, files
