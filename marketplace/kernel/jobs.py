"""Scheduled jobs leave a row per run. A slot is claimed once, whoever and however many ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from marketplace.kernel import clock
from marketplace.kernel.models import JobRun


def slot_of(*, seconds: int, now: datetime) -> datetime:
    """Return the start of the slot of this length that `now` lies in."""
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


def run_slot(
    *, name: str, work: Callable[[], dict[str, Any] | None], now: datetime | None = None
) -> JobRun | None:
    """Claim the present slot of the job `name` (a key of SCHEDULED_JOBS) and do its work.

    Return the run, or None if somebody else has the slot. A failure is recorded and raised.
    """
    at = now or clock.now()
    slot = slot_of(seconds=settings.SCHEDULED_JOBS[name][1], now=at)
    run, is_ours = JobRun.objects.get_or_create(name=name, slot=slot, defaults={"started_at": at})
    if not is_ours:
        return None
    try:
        run.detail = work() or {}
        run.outcome = JobRun.Outcome.DONE
    except Exception as error:
        run.outcome, run.detail = JobRun.Outcome.FAILED, {"error": f"{type(error).__name__}: {error}"[:500]}
        raise
    finally:
        run.finished_at = clock.now()
        run.save()
    return run


def prune(*, now: datetime, keep: timedelta = timedelta(days=14)) -> int:
    """Forget old runs, but never the latest of each job."""
    latest = JobRun.objects.order_by("name", "-started_at").distinct("name").values("pk")
    with transaction.atomic():
        return JobRun.objects.filter(started_at__lt=now - keep).exclude(pk__in=latest).delete()[0]


def last_runs() -> dict[str, JobRun]:
    """Return the latest run of every job that ever ran, by name."""
    return {run.name: run for run in JobRun.objects.order_by("name", "-started_at").distinct("name")}
