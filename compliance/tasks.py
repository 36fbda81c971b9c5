"""Scheduled work: keep every judgement up with today's law and today's facts."""

from typing import Any

from celery import shared_task

from compliance.checks import operations, registry
from marketplace.kernel import clock, jobs


@shared_task(name="compliance.tasks.sweep_compliance")
def sweep_compliance() -> None:
    """Judge every subject that today's rulebook has not seen; go on where an earlier sweep stopped."""
    jobs.run_slot(name="sweep-compliance", work=_sweep_all)


@shared_task(name="compliance.tasks.judge_subjects", acks_late=True)
def judge_subjects(kind: str, ids: list[str]) -> None:
    """Judge some subjects of a kind, for callers that do not wait."""
    operations.judge_again(kind=kind, ids=ids, now=clock.now())


def _sweep_all() -> dict[str, Any]:
    runs = [operations.sweep(kind=kind, now=clock.now()) for kind in sorted(registry.KINDS)]
    return {run.kind: {"looked_at": run.looked_at, "changed": run.changed} for run in runs}
