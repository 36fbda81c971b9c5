"""Runs of sweeps: begun once a day and law, gone on with where they stopped, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from compliance import rulebook
from compliance.checks.models import CheckRun, Judgement
from compliance.rulebook.ladder import ladder

WHOLE = timedelta(days=7)  # so often a run looks at all subjects, and whenever somebody asks for one
STALLED = timedelta(minutes=10)  # no chunk for so long: a worker died, the next round goes on


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `left` is the time it still needs at its pace so far, None if that cannot be said."""

    run: CheckRun
    percent: int
    left: timedelta | None
    state: str  # running, stalled, finished


def run_of(kind: str, *, now: datetime) -> CheckRun:
    """Return the newest run of a kind for today's law; begin the first."""
    found = _runs(kind, now).first()
    return found if found is not None else _begin(kind, 1, "", now)


def another(kind: str, *, by: str, now: datetime) -> CheckRun:
    """Return a run to go on with: the one that is not finished, else a new one. Two callers get the same."""
    found = _runs(kind, now).first()
    if found is not None and found.finished_at is None:
        return found
    return _begin(kind, found.number + 1 if found else 1, by, now)


def looked_up_to(run: CheckRun, now: datetime) -> datetime | None:
    """Return up to when an earlier run has held against the same ladder what stood open; None to look at all.

    A whole run looks at all.
    """
    if run.is_whole:
        return None
    rows = CheckRun.objects.filter(kind=run.kind, ladder=run.ladder, started_at__lte=now)
    rows = rows.exclude(pk=run.pk).exclude(finished_at=None).order_by("-started_at")
    return rows.values_list("started_at", flat=True).first()


def _runs(kind: str, now: datetime):  # type: ignore[no-untyped-def] -- a query set of this module's own
    rows = CheckRun.objects.filter(kind=kind, day=now.date(), rulebook_version=rulebook.default().version)
    return rows.order_by("-number")


def _begin(kind: str, number: int, by: str, now: datetime) -> CheckRun:
    key = {
        "kind": kind,
        "day": now.date(),
        "rulebook_version": rulebook.default().version,
        "number": number,
    }
    steps = ladder().digest
    recent = CheckRun.objects.filter(kind=kind, is_whole=True, started_at__gt=now - WHOLE)
    is_whole = bool(by) or not recent.exclude(finished_at=None).exists()
    expected = Judgement.objects.filter(subject__startswith=f"{kind}:").count() if is_whole else None
    try:
        with transaction.atomic():
            return CheckRun.objects.create(
                **key, started_at=now, expected=expected, asked_by=by, ladder=steps, is_whole=is_whole
            )
    except IntegrityError:  # somebody began it at the same moment
        return CheckRun.objects.get(**key)


def progress_of(run: CheckRun, *, now: datetime) -> Progress:
    """Return how far a run is. What was added meanwhile never makes it more than 99 percent before its end."""
    if run.finished_at is not None:
        return Progress(run, 100, timedelta(), "finished")
    expected = max(run.expected or 0, run.looked_at)
    percent = min(99, 100 * run.looked_at // expected) if expected else 0
    last = run.touched_at or run.started_at
    state = "stalled" if now - last > STALLED else "running"
    spent, rest = last - run.started_at, expected - run.looked_at
    left = spent * rest / run.looked_at if run.looked_at and spent else None
    return Progress(run, percent, left, state)


def latest(*, now: datetime, most: int = 40) -> tuple[list[Progress], list[CheckRun]]:
    """Return the newest run of each kind with its progress, and the last runs of all. Two queries."""
    newest = CheckRun.objects.order_by("kind", "-started_at", "-number").distinct("kind")
    return [progress_of(run, now=now) for run in newest], list(
        CheckRun.objects.order_by("-started_at", "-pk")[:most]
    )
