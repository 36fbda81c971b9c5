"""Suspending a merchant: proposed by one officer, decided by another, with reasons, and ended with its cause."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from compliance import rulebook
from compliance.checks.findings import cites_of
from compliance.checks.models import Finding, Judgement
from compliance.enforcement.measures import complaint_months, reason_of
from compliance.enforcement.models import Measure, Suspension
from compliance.events import MeasuresTaken, SuspensionChanged
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.periods import add_months
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid, NotFound

OPEN = (Suspension.State.PROPOSED, Suspension.State.IN_FORCE)


class AlreadySuspended(Conflict):
    code: ClassVar[str] = "already_suspended"
    title: ClassVar[str] = gettext_noop("This merchant is suspended, or it is proposed already.")


class NoCause(Conflict):
    code: ClassVar[str] = "no_cause"
    title: ClassVar[str] = gettext_noop("Nothing that stops a sale is open against the merchant itself.")


class SameOfficer(Conflict):
    code: ClassVar[str] = "same_officer"
    title: ClassVar[str] = gettext_noop("Somebody else must decide what you proposed.")


class SuspensionDecided(Conflict):
    code: ClassVar[str] = "suspension_decided"
    title: ClassVar[str] = gettext_noop("This suspension was decided already.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A merchant with open findings of its own that stop a sale."""

    owner: str
    rules: tuple[str, ...]


def is_suspended(owner: str) -> bool:
    """Return whether a merchant is suspended now."""
    return Suspension.objects.filter(owner=owner, state=Suspension.State.IN_FORCE).exists()


def candidates() -> list[Candidate]:
    """Return the merchants that could be proposed, by their id; those proposed or suspended are left out."""
    taken = Suspension.objects.filter(state__in=OPEN).values("owner")
    rows = _causes().filter(subject__startswith="merchant:").exclude(owner__in=taken)
    found: dict[str, set[str]] = {}
    for owner, rule in rows.values_list("owner", "rule").distinct()[:500]:
        found.setdefault(owner, set()).add(rule)
    return [Candidate(owner, tuple(sorted(found[owner]))) for owner in sorted(found)]


@transaction.atomic
def propose(*, owner: str, note: str, user_id: int, now: datetime) -> Suspension:
    """Propose to suspend a merchant for what it misses itself.

    :raises NoCause: if nothing that stops a sale is open against it.
    :raises AlreadySuspended: if it is suspended or proposed.
    """
    if not note.strip():
        raise Invalid("Say why a suspension is needed.", field="note")
    rules = sorted({finding.rule for finding in _causes_of(owner)})
    if not rules:
        raise NoCause(owner=owner)
    try:
        with transaction.atomic():
            return Suspension.objects.create(
                owner=owner, rules=rules, note=note.strip(), proposed_by_id=user_id, proposed_at=now
            )
    except IntegrityError:
        raise AlreadySuspended(owner=owner) from None


@transaction.atomic
def decide(*, suspension_id: int, accept: bool, note: str, user_id: int, now: datetime) -> Suspension:
    """Put a suspension into force with its statement of reasons, or reject it. Never by who proposed it."""
    row = _locked(suspension_id)
    if row.state != Suspension.State.PROPOSED:
        raise SuspensionDecided(state=row.state)
    if row.proposed_by_id == user_id:
        raise SameOfficer(suspension=row.public_id)
    row.decided_by_id, row.decided_at, row.decision_note = user_id, now, note.strip()
    row.state = Suspension.State.IN_FORCE if accept else Suspension.State.REJECTED
    if accept:
        row.measure = _statement(row, now)
    row.save()
    if row.measure is not None:
        outbox.publish(MeasuresTaken(owner=row.owner, measures=(row.measure.pk,)))
        outbox.publish(SuspensionChanged(owner=row.owner))
    return row


@transaction.atomic
def lift_mended(*, owners: Collection[str], now: datetime) -> int:
    """End the suspensions whose cause is gone; return how many. Called when merchants are judged."""
    rows = Suspension.objects.select_for_update().filter(
        owner__in=list(owners), state=Suspension.State.IN_FORCE
    )
    ended = [row for row in rows.order_by("pk") if not _causes_of(row.owner, row.rules)]
    for row in ended:
        _lift(row, now)
    return len(ended)


@transaction.atomic
def lift_measure(*, measure_id: int, now: datetime) -> None:
    """End the suspension that a measure is the statement of, if it is one: the merchant was right."""
    rows = Suspension.objects.select_for_update().filter(
        measure_id=measure_id, state=Suspension.State.IN_FORCE
    )
    for row in rows:
        _lift(row, now)


def _locked(pk: int) -> Suspension:
    """Lock the merchant's judgement, so that its causes stand still, and then the suspension."""
    owner = Suspension.objects.filter(pk=pk).values_list("owner", flat=True).first()
    if owner is None:
        raise NotFound(field="suspension")
    list(Judgement.objects.select_for_update().filter(subject=f"merchant:{owner}"))
    return Suspension.objects.select_for_update().get(pk=pk)


def _lift(row: Suspension, now: datetime) -> None:
    row.state, row.lifted_at = Suspension.State.LIFTED, now
    row.save(update_fields=["state", "lifted_at"])
    Measure.objects.filter(pk=row.measure_id).update(still_in=[], lifted_at=now)
    outbox.publish(SuspensionChanged(owner=row.owner))


def _causes() -> Any:
    found = Finding.objects.open().filter(severity=Finding.Severity.BLOCK, due_on=None)
    return found.exclude(confidence="knowledge")


def _causes_of(owner: str, rules: Collection[str] | None = None) -> list[Finding]:
    rows = _causes().filter(subject=f"merchant:{owner}")
    rows = rows if rules is None else rows.filter(rule__in=list(rules))
    return list(rows.order_by("rule", "field"))


def _statement(row: Suspension, now: datetime) -> Measure:
    """Freeze the reasons as they stand; a cause that is gone meanwhile is none.

    :raises NoCause: if nothing is left of the cause.
    """
    causes = _causes_of(row.owner, row.rules)
    if not causes:
        raise NoCause(owner=row.owner)
    book, markets = rulebook.default(), list(selling_markets())
    return Measure.objects.create(
        step=Measure.Step.SUSPEND,
        subject=f"merchant:{row.owner}",
        owner=row.owner,
        taken_in=markets,
        still_in=markets,
        rules=sorted({finding.rule for finding in causes}),
        facts=[reason_of(finding, cites_of(finding.rule, now.date(), book)) for finding in causes],
        rulebook_version=book.version,
        taken_at=now,
        appeal_until=add_months(now.date(), complaint_months(book, now.date(), markets)),
    )
