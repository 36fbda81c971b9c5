"""Appeals against measures: filed in time, decided by a person, and what follows from being right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from compliance.enforcement import suspensions
from compliance.enforcement.models import Appeal, Exemption, Measure
from compliance.events import AppealDecided
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid, NotFound


class AppealTooLate(Conflict):
    code: ClassVar[str] = "appeal_too_late"
    title: ClassVar[str] = gettext_noop("The time to complain about this decision is over.")


class AlreadyAppealed(Conflict):
    code: ClassVar[str] = "already_appealed"
    title: ClassVar[str] = gettext_noop("A complaint about this decision waits for an answer already.")


class AppealClosed(Conflict):
    code: ClassVar[str] = "appeal_closed"
    title: ClassVar[str] = gettext_noop("This complaint was decided already.")


@transaction.atomic
def file_appeal(*, measure_id: int, text: str, user_id: int, now: datetime) -> Appeal:
    """Complain about a measure, also after it was lifted.

    :raises AppealTooLate: after the last day, which the measure names.
    """
    measure = Measure.objects.select_for_update().filter(pk=measure_id).first()
    if measure is None:
        raise NotFound(field="measure")
    if not text.strip():
        raise Invalid("Say what is wrong with the decision.", field="text")
    if now.date() > measure.appeal_until:
        raise AppealTooLate(until=measure.appeal_until.isoformat())
    due_on = now.date() + timedelta(days=settings.APPEAL_DECISION_DAYS)
    try:
        with transaction.atomic():
            return Appeal.objects.create(
                measure=measure, text=text.strip(), filed_by_id=user_id, filed_at=now, due_on=due_on
            )
    except IntegrityError:
        raise AlreadyAppealed(measure=measure.public_id) from None


@transaction.atomic
def decide_appeal(*, appeal_id: int, is_right: bool, reasons: str, user_id: int, now: datetime) -> Appeal:
    """Decide a complaint, with reasons; if the merchant is right, the rules no longer count against the listing."""
    appeal = Appeal.objects.select_for_update().select_related("measure").filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound(field="appeal")
    if appeal.state != Appeal.State.OPEN:
        raise AppealClosed(state=appeal.state)
    if not reasons.strip():
        raise Invalid("Give the reasons of the decision.", field="reasons")
    appeal.state = Appeal.State.UPHELD if is_right else Appeal.State.REJECTED
    appeal.decision, appeal.decided_by_id, appeal.decided_at = reasons.strip(), user_id, now
    appeal.save(update_fields=["state", "decision", "decided_by", "decided_at"])
    if is_right:
        _exempt(appeal, now)
        suspensions.lift_measure(measure_id=appeal.measure_id, now=now)
    outbox.publish(AppealDecided(appeal.public_id, appeal.measure.subject, appeal.measure.owner))
    return appeal


def _exempt(appeal: Appeal, now: datetime) -> None:
    rows = [
        Exemption(
            subject=appeal.measure.subject, rule=fact["rule"], field=fact["field"], appeal=appeal, since=now
        )
        for fact in appeal.measure.facts
    ]
    Exemption.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def mark_told(*, measure_ids: list[int], now: datetime) -> list[Measure]:
    """Return the measures whose merchant was not told yet, as told now."""
    rows = Measure.objects.select_for_update().filter(pk__in=measure_ids, told_at=None).order_by("pk")
    found = list(rows)
    Measure.objects.filter(pk__in=[row.pk for row in found]).update(told_at=now)
    return found
