"""Cases after the sale, decided at the desk: a claim, a declaration of withdrawal, a loss of value.

What is decided is carried out by the same operations as an officer's decision. What gives the shopper more money than
the platform's threshold waits for a colleague; what is given on one case counts together.

Lock order: the order, the decision, then what the returns lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from complaints.domain.errors import CaseMoved, CaseWaits, GestureOver, Incomplete, SecondPairOfEyes
from complaints.models import CaseDecision
from complaints.operations.deciding import needs_agreement
from complaints.operations.tickets import LONGEST
from compliance.rulebook.words import noop as _
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from orders.queries import after_sales
from returns import operations as returns
from returns.domain.claims import BY_SUM
from returns.queries.deciding import Question, question_of


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What an agent decides: of which case and part, for or against the shopper, why; of a claim the remedy, and its sum."""

    case: str
    part: str
    grants: bool
    reason: str
    remedy: str = ""
    amount_minor: int | None = None


@transaction.atomic
def decide_case(*, verdict: CaseVerdict, user_id: int, now: datetime, key: str = "") -> CaseDecision:
    """Decide an open question of a case. Above the agreed sum it waits for a colleague before.

    The same `key` is the same decision.

    :raises NotFound: for no such case; :raises Incomplete: naming the field.
    :raises CaseMoved: if nothing is open to this decision; :raises CaseWaits: while another one waits for a colleague.
    """
    question = question_of(verdict.case, verdict.part)
    _check(verdict, question)
    after_sales.lock_orders([question.order_id])
    known = CaseDecision.objects.filter(key=key).first() if key else None
    if known is not None:
        return known
    question = question_of(verdict.case, verdict.part)  # under the lock of its order it stays as it is
    _check_open(question, grants=verdict.grants)
    if waiting(verdict.case).filter(part=verdict.part).exists():
        raise CaseWaits(case=verdict.case)
    worth = question.worth_of(verdict.remedy, verdict.amount_minor) if verdict.grants else 0
    made = CaseDecision.objects.create(
        case=verdict.case, part=verdict.part, order=question.order, grants=verdict.grants, remedy=verdict.remedy,
        amount_minor=verdict.amount_minor, worth_minor=worth, currency=question.currency, reason=verdict.reason.strip(),
        key=key or None, decided_by_id=user_id, decided_at=now,
        needs_agreement=bool(worth) and needs_agreement(_with_others(verdict.case, Money(worth, question.currency))),
    )  # fmt: skip
    if not made.needs_agreement:
        _take_effect(made, question, now)
    return made


def waiting(case: str = "") -> Any:
    """Return the decisions that wait for a colleague, the oldest first; of one case, or of all."""
    rows = CaseDecision.objects.filter(needs_agreement=True, agreed_by=None, dropped_at=None)
    return (rows.filter(case=case) if case else rows).order_by("decided_at", "pk")


def _with_others(case: str, worth: Money) -> Money:
    others = CaseDecision.objects.filter(case=case, currency=worth.currency, dropped_at=None)
    return Money(
        worth.minor + (others.aggregate(sum=Sum("worth_minor"))["sum"] or 0),
        worth.currency,
    )


@transaction.atomic
def agree_case(*, decision: str, user_id: int, now: datetime) -> CaseDecision:
    """Agree to a colleague's decision, which takes effect with it. Twice is once.

    :raises SecondPairOfEyes: for one's own; :raises GestureOver: if it was dropped.
    :raises CaseMoved: if the case was decided otherwise meanwhile.
    """
    one = _locked(decision)
    if one.agreed_by_id is not None or not one.needs_agreement:
        return one
    if one.dropped_at is not None:
        raise GestureOver(decision=decision)
    if one.decided_by_id == user_id:
        raise SecondPairOfEyes(_("You made this decision yourself; a colleague has to agree to it."))
    question = question_of(one.case, one.part)
    _check_open(question, grants=one.grants)
    one.agreed_by_id, one.agreed_at = user_id, now
    one.save(update_fields=["agreed_by", "agreed_at"])
    _take_effect(one, question, now)
    return one


@transaction.atomic
def drop_case(*, decision: str, user_id: int, now: datetime) -> CaseDecision:
    """Say no to what waits for agreement, one's own or a colleague's: nothing is decided. Twice is once.

    :raises GestureOver: if it took effect already.
    """
    one = _locked(decision)
    if one.dropped_at is not None:
        return one
    if one.agreed_by_id is not None or not one.needs_agreement:
        raise GestureOver(decision=decision)
    one.dropped_at = now
    one.save(update_fields=["dropped_at"])
    return one


def _locked(decision: str) -> CaseDecision:
    found = CaseDecision.objects.filter(public_id=decision).first()
    if found is None:
        raise NotFound(field="decision")
    after_sales.lock_orders([question_of(found.case, found.part).order_id])
    return CaseDecision.objects.select_for_update(of=("self",)).get(pk=found.pk)


def _check(verdict: CaseVerdict, question: Question) -> None:
    if not verdict.reason.strip():
        raise Incomplete(_("A decision needs its reason."), field="reason")
    if len(verdict.reason) > LONGEST:
        raise Incomplete(_("This text is longer than %(most)s characters."), field="reason", most=LONGEST)
    if question.kind == "claim" and verdict.grants and verdict.remedy not in question.remedies:
        raise Incomplete(_("This is not one of the choices."), field="remedy")
    if verdict.remedy in BY_SUM and not verdict.amount_minor:
        raise Incomplete(_("Write a sum such as 12.50."), field="amount")


def _check_open(question: Question, *, grants: bool) -> None:
    if not (question.may_grant if grants else question.may_uphold):
        raise CaseMoved(order=question.order)


def _take_effect(made: CaseDecision, question: Question, now: datetime) -> None:
    by = str(User.objects.values_list("email", flat=True).get(pk=made.decided_by_id))[:60]
    said: dict[str, Any] = {"decision": made.reason, "by": by, "now": now}
    acts: dict[str, Callable[[], Any]] = {
        "claim": lambda: returns.decide_claim(
            claim_id=question.key, remedy=made.remedy if made.grants else "", amount_minor=made.amount_minor, **said
        ),
        "declared": lambda: returns.decide_dispute(
            withdrawal_id=question.key, line=question.line, grant=made.grants, **said
        ),
        "loss": lambda: returns.decide_loss(loss_id=question.key, stands=not made.grants, **said),
    }  # fmt: skip
    acts[question.kind]()
