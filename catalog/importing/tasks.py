"""Taking files in, in the background. Any repetition goes on where the last one stood."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from catalog.importing import operations, pictures
from marketplace.kernel import clock, jobs

ONE_TURN = timedelta(minutes=5)  # well below the time at which a task is stopped


@shared_task(name="catalog.importing.tasks.bulk_import", acks_late=True)
def bulk_import(run_id: int) -> None:
    """Take a file in from where it stands; a file too long for one turn is handed on to the next."""
    try:
        operations.carry_on(run_id=run_id, now=clock.now())
    except SoftTimeLimitExceeded:
        bulk_import.delay(run_id)
    except Exception as error:
        operations.stop(run_id=run_id, problem=f"{type(error).__name__}: {error}")
        raise


@shared_task(name="catalog.importing.tasks.bulk_fetch_pictures", acks_late=True)
def bulk_fetch_pictures() -> None:
    """Fetch the pictures that are due. Several workers share them; one that dies leaves its picture to the next."""
    until = clock.now() + ONE_TURN
    while pictures.fetch_next(now=clock.now()):
        if clock.now() > until:
            bulk_fetch_pictures.delay()
            return


@shared_task(name="catalog.importing.tasks.retry_pictures")
def retry_pictures() -> None:
    """Set a worker going where a picture is due again, or was lost with a worker."""
    jobs.run_slot(name="retry-pictures", work=_retry_pictures)


def _retry_pictures() -> dict[str, Any]:
    due = pictures.count_due(now=clock.now())
    if due:
        bulk_fetch_pictures.delay()
    return {"due": due}
