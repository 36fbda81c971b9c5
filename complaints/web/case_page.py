"""A case's page at the desk: from the returns' views to what the template shows; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Agent, CaseDecision, Ticket
from complaints.operations.cases import waiting
from complaints.web import desk_page, words
from complaints.web.purchase_page import case_url
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from returns.documents.claim_words import note_in_words, remedy_in_words
from returns.queries import claims, oversight, parcels, withdrawals
from returns.queries.case_letters import (
    Case,
    case_of_claim,
    case_of_return,
    case_of_withdrawal,
    drafts_for,
    letters_of,
)
from returns.queries.case_view import claim_view, refunds_view, return_view, withdrawal_view

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A case by its number: the row with its parts, what is owed for it, and what letters about it are about."""

    kind: str  # claim, withdrawal, return
    number: str
    row: Any
    owed: tuple[Any, ...]
    cases: tuple[Case, ...]  # one for each order


def found(number: str) -> Found:
    """Return a case by the number of a claim, a withdrawal or a return.

    :raises NotFound: for what is none.
    """
    kind = number.partition("-")[0]
    if kind == "CL":
        claim = claims.claim_of_merchant(number, None)
        return Found("claim", number, claim, _owed(number), (case_of_claim(claim),))
    if kind == "W":
        declared = withdrawals.withdrawal_by_number(number, None)
        orders = {row.line.order_id: row.line.order for row in declared.lines.all()}
        cases = (case_of_withdrawal(declared, order) for order in orders.values())
        return Found("withdrawal", number, declared, _owed(number), tuple(one for one in cases if one))
    if kind == "RT":
        ret = parcels.return_of_merchant(number, None)
        case = case_of_return(ret)
        owed = tuple(one for one in _owed(ret.subject) if one.order_id == ret.order_id)
        return Found("return", number, ret, owed, (case,) if case else ())
    raise NotFound(field="case")


def _owed(subject: str) -> tuple[Any, ...]:
    return tuple(withdrawals.owed_for(subject)) if subject else ()


def losses_of(one: Found) -> list[Any]:
    """Return the losses of value that are claimed on a return."""
    lines = one.row.lines.all() if one.kind == "return" else ()
    return [loss for line in lines for loss in line.losses.all()]


def case_page(one: Found, agent: Agent, language: str, zone: str) -> dict[str, Any]:
    """Return everything that stands on a case's page."""
    views = {"claim": claim_view, "withdrawal": withdrawal_view, "return": return_view}
    orders = _orders_of(one)
    subject = getattr(one.row, "subject", "")
    sent = letters_of(dict.fromkeys([one.number, subject]))
    return {
        "chosen": {},
        "kind": one.kind,
        "number": one.number,
        "case": views[one.kind](one.row, language),
        "subject": subject,
        "subject_url": case_url(subject),
        "orders": [
            {"number": order.public_id, "url": reverse("desk-order", args=[order.public_id]), "seller": order.merchant.name, "market": order.group.market}
            for order in orders
        ],
        "refunds": refunds_view(one.owed, language),
        "notes": list(_notes(one, language, zone)),
        "decisions": [
            _decision(row, agent, language, zone) for row in CaseDecision.objects.filter(case=one.number).order_by("decided_at", "pk")
        ],
        "waits_on": set(waiting(one.number).values_list("part", flat=True)),
        "letters": {"offered": list(_offered(one)), "sent": [(words.moment(row.written_at, language, zone), row) for row in sent]},
        "tickets": [
            desk_page.small(row, language)
            for row in Ticket.objects.filter(order__in=[order.public_id for order in orders]).order_by("-received_at", "-pk")[:SHOWN]
        ],
    }  # fmt: skip


def _notes(one: Found, language: str, zone: str) -> Iterable[dict[str, str]]:
    """What happened with a claim; the words are those that the buyer reads, so each says whose doing it was."""
    who = {"shopper": _("The buyer"), "seller": _("The seller"), "platform": _("Rightful")}
    for note in one.row.notes.all() if one.kind == "claim" else ():
        when = words.moment(note.at, language, zone)
        yield {"when": when, "who": who[note.side], "label": note_in_words(note.what), "text": note.text}


def _orders_of(one: Found) -> list[Any]:
    if one.kind == "withdrawal":
        return list({row.line.order_id: row.line.order for row in one.row.lines.all()}.values())
    return [one.row.order]


def _offered(one: Found) -> Iterable[dict[str, str]]:
    for case in one.cases:
        for draft in drafts_for(case):
            url = reverse("desk-case-letter", args=[one.number, case.order.public_id, draft.template])
            yield {
                "name": draft.name,
                "url": url,
                "order": case.order.public_id if len(one.cases) > 1 else "",
            }


def _decision(row: CaseDecision, agent: Agent, language: str, zone: str) -> dict[str, Any]:
    waits = row.needs_agreement and row.agreed_by_id is None and row.dropped_at is None
    return {
        "id": row.public_id,
        "title": _("Granted") if row.grants else _("Not granted"),
        "remedy": remedy_in_words(row.remedy) if row.remedy else "",
        "part": row.part,
        "worth": Money(row.worth_minor, row.currency).display(language) if row.worth_minor else "",
        "reason": row.reason,
        "when": words.moment(row.decided_at, language, zone),
        "waits": waits,
        "may_agree": waits and row.decided_by_id != agent.user_id,
        "is_dropped": row.dropped_at is not None,
    }


def index_page(language: str, agent: Agent) -> dict[str, Any]:
    """Return the cases that wait: for a colleague's agreement, and for the platform's decision. Five queries."""
    return {
        "chosen": {},
        "waiting": [
            {
                **_link(row.case, row.order),
                "what": Money(row.worth_minor, row.currency).display(language),
                "is_own": row.decided_by_id == agent.user_id,
            }
            for row in waiting()[:SHOWN]
        ],
        "claims": [
            {**_link(row.public_id, row.order.public_id), "what": row.line.title, "seller": row.merchant.name, "was_silent": row.was_silent}
            for row in claims.claims_to_decide()
        ],
        "disputes": [
            {**_link(row.withdrawal.public_id, row.line.order.public_id), "what": row.line.title, "seller": row.line.order.merchant.name}
            for row in withdrawals.disputes()[:SHOWN]
        ],
        "losses": [
            {**_link(row.return_line.ret.public_id, row.return_line.ret.order.public_id), "what": row.return_line.line.title, "seller": row.return_line.ret.merchant.name}
            for row in oversight.losses_to_decide()[:SHOWN]
        ],
    }  # fmt: skip


def _link(number: str, order: str) -> dict[str, str]:
    return {"number": number, "url": reverse("desk-case", args=[number]), "order": order}
