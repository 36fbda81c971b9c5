"""Scheduled work: keep every judgement up with today's law and today's facts."""

from typing import Any

from celery import shared_task

from compliance import rulebook
from compliance.checks import operations, platform, registry, subjects, sweeping, sweeps
from compliance.edition import keeping
from compliance.radar import operations as radar
from compliance.simulator import operations as simulator
from marketplace.kernel import clock, jobs

SLICE_SECONDS = 10.0


@shared_task(name="compliance.tasks.sweep_compliance")
def sweep_compliance() -> None:
    """Judge every subject that today's rulebook has not seen; go on where an earlier sweep stopped."""
    jobs.run_slot(name="sweep-compliance", work=_sweep_all)


@shared_task(name="compliance.tasks.judge_subjects", acks_late=True)
def judge_subjects(kind: str, ids: list[str]) -> None:
    """Judge some subjects of a kind, for callers that do not wait."""
    keeping.keep_up()
    if kind in subjects.KINDS:
        subjects.judge(about=kind, ids=ids, now=clock.now())
        return
    operations.judge_again(kind=kind, ids=ids, now=clock.now())


@shared_task(name="compliance.tasks.judge_touched", acks_late=True)
def judge_touched(rules: list[str]) -> None:
    """Judge whom a change of these rules can concern, and the marketplace itself."""
    keeping.keep_up()
    platform.judge_platform(now=clock.now())
    for about in subjects.kinds_asked_by(rules, rulebook.default()):
        subjects.sweep(about=about, now=clock.now())
    for kind in sorted(registry.KINDS):
        sweeping.judge_touched(kind=kind, now=clock.now())


@shared_task(name="compliance.tasks.bulk_sweep", acks_late=True)
def bulk_sweep(run_id: int) -> None:
    """Do a slice of a sweep and leave the rest to the next task, so that other work gets its turn."""
    keeping.keep_up()
    run = sweeps.go_on(run_id, now=clock.now(), seconds=SLICE_SECONDS)
    if run.finished_at is None:
        bulk_sweep.delay(run_id)


@shared_task(name="compliance.tasks.run_simulation", acks_late=True)
def run_simulation(simulation_id: int) -> None:
    """Take a simulation to its end."""
    keeping.keep_up()
    simulator.run_simulation(simulation_id=simulation_id, now=clock.now())


@shared_task(name="compliance.tasks.tell_of_law")
def tell_of_law() -> None:
    """Queue notices of the law ahead, send what is queued and the reminders that are due."""
    jobs.run_slot(name="tell-of-law", work=_tell_of_law)


def _sweep_all() -> dict[str, Any]:
    keeping.keep_up()
    platform.judge_platform(now=clock.now())
    runs = [subjects.sweep(about=about, now=clock.now()) for about in sorted(subjects.KINDS)]
    runs += [sweeping.sweep(kind=kind, now=clock.now()) for kind in sorted(registry.KINDS)]
    for kind in sorted(registry.KINDS):
        sweeping.read_afresh(kind=kind, now=clock.now())
    radar.count_day(now=clock.now())
    return {run.kind: {"looked_at": run.looked_at, "changed": run.changed} for run in runs}


def _tell_of_law() -> dict[str, Any]:
    now = clock.now()
    return {"queued": simulator.queue_announced(now=now), "sent": simulator.send_notices(now=now)}
