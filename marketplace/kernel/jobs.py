"""Scheduled jobs leave a row per run. A slot is claimed once, whoever and however many ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import transaction

from marketplace.kernel import clock
from marketplace.kernel.models import JobRun

K = TypeVar("K")
log = structlog.get_logger(__name__)
_failures: ContextVar[list[Exception] | None] = ContextVar("failures", default=None)


def slot_of(*, seconds: int, now: datetime) -> datetime:
    """Return the start of the slot of this length that `now` lies in."""
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


def run_slot(
    *, name: str, work: Callable[[], dict[str, Any] | None], now: datetime | None = None
) -> JobRun | None:
    """Claim the present slot of the job `name` (a key of SCHEDULED_JOBS) and do its work.

    Return the run, or None if somebody else has the slot. A failure is recorded and raised; one of many things that
    failed (`each`) is recorded, and the work goes on.
    """
    at = now or clock.now()
    slot = slot_of(seconds=settings.SCHEDULED_JOBS[name][1], now=at)
    run, is_ours = JobRun.objects.get_or_create(name=name, slot=slot, defaults={"started_at": at})
    if not is_ours:
        return None
    failures: list[Exception] = []
    token = _failures.set(failures)
    try:
        run.detail = work() or {}
        run.outcome = JobRun.Outcome.FAILED if failures else JobRun.Outcome.DONE
        if failures:
            run.detail |= {"failed": len(failures), "error": _said(failures[0])}
    except Exception as error:
        run.outcome, run.detail = JobRun.Outcome.FAILED, {"error": _said(error)}
        raise
    finally:
        _failures.reset(token)
        run.finished_at = clock.now()
        run.save()
    return run


def each(keys: Iterable[K], work: Callable[[K], object]) -> int:
    """Do some work for each of many; return for how many it did anything.

    What fails is logged and leaves the others alone: a single bad row must not keep all behind it waiting. The job's
    run counts it; outside a job the first failure is raised, after all were tried. `work` is a transaction of its own.
    """
    done, failures = 0, []
    for key in keys:
        try:
            done += bool(work(key))
        except Exception as error:
            log.exception("One of many failed in a job.", key=str(key))
            failures.append(error)
    told = _failures.get()
    if told is not None:
        told += failures
    elif failures:
        raise failures[0]
    return done


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def prune(*, now: datetime, keep: timedelta = timedelta(days=14)) -> int:
    """Forget old runs, but never the latest of each job."""
    latest = JobRun.objects.order_by("name", "-started_at").distinct("name").values("pk")
    with transaction.atomic():
        return JobRun.objects.filter(started_at__lt=now - keep).exclude(pk__in=latest).delete()[0]


def last_runs() -> dict[str, JobRun]:
    """Return the latest run of every job that ever ran, by name."""
    return {run.name: run for run in JobRun.objects.order_by("name", "-started_at").distinct("name")}
