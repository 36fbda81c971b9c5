"""Sweeping on demand: any kind of subject, slice by slice, so that no worker is held for long."""

from __future__ import annotations

import time
from datetime import datetime

from compliance.checks import registry, runs, subjects, sweeping
from compliance.checks.models import CheckRun
from marketplace.kernel.errors import NotFound


def kinds() -> tuple[str, ...]:
    """Return every kind of subject that can be swept."""
    return tuple(sorted({*registry.KINDS, *subjects.KINDS}))


def ask_for(kind: str, *, by: str, now: datetime) -> CheckRun:
    """Return the run of a kind that goes on now; a finished one of today is followed by another.

    :raises NotFound: for a kind that nobody registered.
    """
    if kind not in kinds():
        raise NotFound(field="kind")
    return runs.another(kind, by=by, now=now)


def go_on(run_id: int, *, now: datetime, seconds: float) -> CheckRun:
    """Do chunks of a run for so many seconds, at least one; return the run, finished or not."""
    run, end = CheckRun.objects.get(pk=run_id), time.monotonic() + seconds
    chunk = subjects.sweep_chunk if run.kind in subjects.KINDS else sweeping.sweep_chunk
    while run.finished_at is None:
        run = chunk(run.pk, now)
        if time.monotonic() >= end:
            break
    return run
