"""Scheduled work of complaints."""

from dataclasses import asdict

from celery import shared_task

from complaints import operations
from marketplace.kernel import clock, jobs


@shared_task(name="complaints.tasks.sweep_clocks")
def sweep_clocks() -> None:
    """Take the steps of the ladder that are due."""
    jobs.run_slot(name="sweep-clocks", work=lambda: asdict(operations.sweep_clocks()))


@shared_task(name="complaints.tasks.check_clocks")
def check_clocks() -> None:
    """Work out all live clocks anew; a difference is mended and shown."""
    jobs.run_slot(name="check-clocks", work=_check)


def _check() -> dict[str, object]:
    drift = operations.find_drift(now=clock.now(), mend=True)
    return {"drift": len(drift), "tickets": sorted({one.ticket for one in drift})[:50]}
