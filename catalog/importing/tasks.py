"""Taking files in, in the background. Any repetition goes on where the last one stood."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from catalog.importing import operations
from marketplace.kernel import clock


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
