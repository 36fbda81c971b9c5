"""What was put off comes back by itself when its time is there, once, and tells whose it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import operations
from complaints.models import Notice, Ticket
from complaints.operations.waking import wake_due
from complaints.tasks import wake_complaints
from marketplace.kernel.models import JobRun
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def put_off(ticket: Ticket, *, whom: str = "outside", until: timedelta | None = HOUR) -> None:
    operations.wait(
        ticket=ticket.public_id, whom=whom, actor="agent", now=NOW, reason="The warehouse looks for it.",
        until=NOW + until if until else None,
    )  # fmt: skip


def test_it_comes_back_when_its_time_is_there_and_its_clocks_go_on():
    ticket, agent = make_ticket(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    put_off(ticket)
    before = (wake_due(now=NOW + HOUR - timedelta(seconds=1)), Ticket.objects.get().state)
    after = (wake_due(now=NOW + HOUR), wake_due(now=NOW + HOUR))
    ticket.refresh_from_db()
    assert (before, after) == ((0, "waiting_outside"), (1, 0))
    assert (ticket.state, ticket.snoozed_until, ticket.clocks.get(kind="resolution").state) == (
        "open", None, "running",
    )  # fmt: skip
    assert list(Notice.objects.values_list("agent", "kind")) == [(agent.pk, "woke")]


def test_nobodys_comes_back_to_the_queue():
    ticket, agent = make_ticket(), make_agent()
    put_off(ticket)
    wake_due(now=NOW + HOUR)
    assert operations.next_ticket(agent_id=agent.pk, now=NOW + HOUR).pk == ticket.pk


def test_waiting_for_an_answer_without_an_end_is_not_woken():
    ticket = make_ticket()
    put_off(ticket, whom="customer", until=None)
    assert (wake_due(now=NOW + 100 * HOUR), Ticket.objects.get().state) == (0, "waiting_customer")


def test_an_answer_before_the_time_ends_the_putting_off():
    ticket = make_ticket()
    put_off(ticket, whom="customer")
    operations.say(ticket=ticket.public_id, kind="customer", body="Here it is.", now=NOW)
    put_off(ticket, whom="customer", until=None)
    assert (wake_due(now=NOW + HOUR), Ticket.objects.get().snoozed_until) == (0, None)


def test_one_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch):
    from complaints.operations import waking

    bad, good = make_ticket(), make_ticket()
    put_off(bad), put_off(good)
    real = waking.move

    def failing(row: Ticket, *args: object, **options: object) -> None:
        if row.pk == bad.pk:
            raise RuntimeError("poison")
        real(row, *args, **options)

    monkeypatch.setattr(waking, "move", failing)
    woken = wake_due(now=NOW + HOUR)
    assert (woken, Ticket.objects.get(pk=bad.pk).state, Ticket.objects.get(pk=good.pk).state) == (
        1, "waiting_outside", "open",
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_job_does_it_and_leaves_a_row():
    put_off(make_ticket(now=NOW - 10 * HOUR), until=-HOUR)
    wake_complaints()
    assert (JobRun.objects.get().name, JobRun.objects.get().outcome, Ticket.objects.get().state) == (
        "wake-complaints", "done", "open",
    )  # fmt: skip
