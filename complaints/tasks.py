"""Scheduled work of complaints."""

from dataclasses import asdict

from celery import shared_task
from django.conf import settings

from complaints import operations
from complaints.operations import incoming, notices
from complaints.operations.waking import wake_due
from marketplace.kernel import clock, jobs


@shared_task(name="complaints.tasks.sweep_clocks")
def sweep_clocks() -> None:
    """Take the steps of the ladder that are due. The slot is the database's too: a wrong clock claims no other's."""
    slot_of = operations.database_time()
    jobs.run_slot(name="sweep-clocks", work=lambda: asdict(operations.sweep_clocks()), now=slot_of)


@shared_task(name="complaints.tasks.check_clocks")
def check_clocks() -> None:
    """Work out all live clocks anew; a difference is mended and shown."""
    jobs.run_slot(name="check-clocks", work=_check)


def _check() -> dict[str, object]:
    now = clock.now()
    drift = operations.find_drift(now=now, mend=True)
    notices.alarm_of_drift(drift=drift, now=now)
    return {"drift": len(drift), "tickets": sorted({one.ticket for one in drift})[:50]}


@shared_task(name="complaints.tasks.close_rooms")
def close_rooms() -> None:
    """End offers and mediation rooms whose time is over."""
    jobs.run_slot(name="close-rooms", work=lambda: {"ended": operations.close_due(now=clock.now())})


@shared_task(name="complaints.tasks.wake_complaints")
def wake_complaints() -> None:
    """Take up again what was put off until now."""
    jobs.run_slot(name="wake-complaints", work=lambda: {"woken": wake_due(now=clock.now())})


@shared_task(name="complaints.tasks.fetch_letters")
def fetch_letters() -> None:
    """Take in the e-mail that waits, where a mailbox is set."""
    jobs.run_slot(name="fetch-letters", work=_fetch)


def _fetch() -> dict[str, object]:
    if not settings.MAILBOX_HOST:
        return {"mailbox": "none"}
    with incoming.open_mailbox() as mailbox:
        return dict(incoming.fetch_letters(mailbox=mailbox, now=clock.now()))


@shared_task(name="complaints.tasks.spread_tickets")
def spread_tickets() -> None:
    """Hand free complaints to the agents who are there, in turn."""
    jobs.run_slot(name="spread-tickets", work=_spread)


def _spread() -> dict[str, object]:
    return {"given": operations.spread(now=clock.now())} if settings.COMPLAINTS_SPREAD else {"spread": "off"}


@shared_task(name="complaints.tasks.tell_agents")
def tell_agents() -> None:
    """Tell agents in one letter what is new for them."""
    jobs.run_slot(name="tell-agents", work=lambda: {"letters": notices.send_digests(now=clock.now())})
