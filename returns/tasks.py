"""Scheduled work after the sale."""

from celery import shared_task

from marketplace.kernel import clock, jobs
from returns import operations


@shared_task(name="returns.tasks.pay_refunds")
def pay_refunds() -> None:
    """Pay what is due, let losses of value lapse that nobody answered, tell about what is overdue."""
    now = clock.now()
    today = now.date()
    jobs.run_slot(
        name="pay-refunds",
        work=lambda: {
            "asked": operations.pay_due(today=today, now=now),
            "lapsed": operations.lapse_losses(today=today, now=now),
            "escalated": operations.escalate_overdue(today=today, now=now),
        },
    )


@shared_task(name="returns.tasks.follow_parcels")
def follow_parcels() -> None:
    """Ask carriers about returns on their way; go on with those of which nobody says anything any more."""
    now = clock.now()
    jobs.run_slot(
        name="follow-returns",
        work=lambda: {
            "scans": operations.follow_parcels(now=now),
            "presumed": operations.presume_arrived(now=now),
        },
    )


@shared_task(name="returns.tasks.follow_claims")
def follow_claims() -> None:
    """Take over claims that nobody answered, grant by default, and let silence about delays have its meaning."""
    now = clock.now()
    today = now.date()
    jobs.run_slot(
        name="follow-claims",
        work=lambda: {
            "lapsed": operations.lapse_claims(today=today, now=now),
            "granted": operations.decide_silent(today=today, now=now),
            "finished": operations.finish_quiet(today=today, now=now),
            "ended": operations.apply_silence(now=now),
        },
    )


@shared_task(name="returns.tasks.follow_exchanges")
def follow_exchanges() -> None:
    """End exchanges that were not paid or sent back in time."""
    jobs.run_slot(
        name="follow-exchanges", work=lambda: {"ended": operations.follow_exchanges(now=clock.now())}
    )
