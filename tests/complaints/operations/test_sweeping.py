"""Clocks that run out: each step of the ladder once, whoever sweeps and whatever dies."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from complaints import operations
from complaints.models import Clock, Escalation, Notice, Ticket
from complaints.operations import sweeping
from complaints.tasks import check_clocks
from marketplace.kernel import clock, outbox
from marketplace.kernel.models import Event, JobRun
from tests.complaints.factories import NOW, make_agent, make_ticket

LATER = NOW + timedelta(hours=9)  # the first answer was due an hour ago


@pytest.mark.django_db
def test_a_step_is_taken_when_it_is_due_and_only_once():
    ticket = make_ticket()
    assert operations.sweep_clocks(now=NOW + timedelta(hours=6)).steps == 0
    operations.sweep_clocks(now=LATER)
    operations.sweep_clocks(now=LATER)
    taken = list(
        Escalation.objects.filter(clock__kind="first_response")
        .order_by("level")
        .values_list("level", "due_at")
    )
    assert taken == [(0, ticket.due_at - timedelta(hours=1)), (1, ticket.due_at)]
    assert Event.objects.filter(name="complaints.ComplaintEscalated").count() == 2


@pytest.mark.django_db
def test_a_step_is_carried_out_once_however_often_it_is_told():
    ticket = make_ticket()
    operations.sweep_clocks(now=LATER)
    for _ in range(2):
        for step in Escalation.objects.all():
            operations.carry_out(escalation_id=step.pk, now=LATER)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.is_breached, ticket.events.filter(kind="escalated").count()) == (
        2,
        True,
        2,
    )


@pytest.mark.django_db(transaction=True)
def test_the_outbox_carries_steps_out():
    ticket = make_ticket()
    operations.sweep_clocks(now=LATER)
    outbox.relay()
    ticket.refresh_from_db()
    assert ticket.priority == 2


@pytest.mark.django_db
def test_an_answer_in_time_leaves_nothing_to_do():
    ticket = make_ticket()
    operations.say(ticket=ticket.public_id, kind="agent", body="Hello.", now=NOW + timedelta(hours=1))
    operations.sweep_clocks(now=LATER)
    assert Escalation.objects.filter(clock__kind="first_response").count() == 0


@pytest.mark.django_db
def test_a_seller_who_does_not_answer_loses_its_say():
    ticket = make_ticket()
    operations.wait(
        ticket=ticket.public_id, whom="merchant", actor="agent", now=NOW, reason="Is it in stock?"
    )
    operations.sweep_clocks(now=NOW + timedelta(days=4))
    for step in Escalation.objects.filter(clock__kind="merchant_answer"):
        operations.carry_out(escalation_id=step.pk, now=NOW + timedelta(days=4))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.clocks.get(kind="merchant_answer").state) == ("open", "breached")


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_many_sweepers_at_once_take_each_step_once():
    for _ in range(30):
        make_ticket()

    def sweep() -> None:
        try:
            operations.sweep_clocks(now=LATER)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = Event.objects.filter(name="complaints.ComplaintEscalated")
    told = {event.payload["escalation"] for event in events}
    assert (Escalation.objects.count(), events.count(), len(told)) == (60, 60, 60)


@pytest.mark.django_db(transaction=True)
def test_one_bad_clock_stops_nobody_else_and_is_put_aside(monkeypatch):
    bad = make_ticket()
    for _ in range(5):
        make_ticket()
    real = sweeping._move

    def poisoned(clock, now):
        if clock.ticket_id == bad.pk:
            raise RuntimeError("poison")
        return real(clock, now)

    monkeypatch.setattr(sweeping, "_move", poisoned)
    for _ in range(5):
        operations.sweep_clocks(now=LATER)
    aside = Clock.objects.filter(is_quarantined=True)
    assert ({clock.ticket_id for clock in aside}, Escalation.objects.count()) == ({bad.pk}, 10)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bent", "kinds"),
    [
        ({"due_at": NOW + timedelta(days=90)}, ["resolution"]),
        ({"state": "paused"}, ["resolution"]),
        ({"done_at": NOW, "state": "met"}, ["resolution"]),
        ({"next_action_at": None}, ["resolution"]),
        ({"next_action_at": NOW + timedelta(days=90)}, ["resolution"]),
        ({}, []),
    ],
)
def test_the_nightly_look_finds_and_mends_a_clock_that_was_bent(bent, kinds):
    ticket = make_ticket()
    if bent:
        Clock.objects.filter(kind="resolution").update(**bent)
    found = operations.find_drift(now=NOW, mend=True)
    assert [(one.ticket, one.kind) for one in found] == [(ticket.public_id, kind) for kind in kinds]
    assert operations.find_drift(now=NOW) == []


@pytest.mark.django_db
def test_a_ticket_whose_nearest_deadline_is_wrong_is_found_and_mended():
    ticket = make_ticket()
    due = ticket.due_at
    Ticket.objects.update(due_at=NOW + timedelta(days=90))
    found = operations.find_drift(now=NOW, mend=True)
    ticket.refresh_from_db()
    assert ([one.kind for one in found], ticket.due_at) == (["nearest"], due)


@pytest.mark.django_db(transaction=True)
def test_what_the_nightly_look_found_is_an_alarm_for_the_supervisors_once():
    chief, _other = make_agent(is_supervisor=True), make_agent()
    now = clock.now()
    good, bent = make_ticket(now=now), make_ticket(now=now)
    Clock.objects.filter(ticket=bent, kind="resolution").update(due_at=now + timedelta(days=90))
    check_clocks()
    told = list(Notice.objects.values_list("agent", "ticket", "kind"))
    run = JobRun.objects.get(name="check-clocks")
    assert (told, run.outcome) == ([(chief.pk, bent.pk, "drift")], "done")
    assert (good.pk != bent.pk, operations.find_drift(now=clock.now())) == (True, [])


@pytest.mark.django_db
def test_clocks_that_lived_a_whole_life_have_not_drifted():
    ticket, agent = make_ticket(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    said = {"ticket": ticket.public_id, "actor": "agent"}
    for hours, kind in ((1, "agent"), (2, "customer"), (20, "agent"), (30, "customer")):
        operations.say(kind=kind, body="More.", now=NOW + timedelta(hours=hours), **said)
        operations.sweep_clocks(now=NOW + timedelta(hours=hours))
    operations.wait(whom="merchant", reason="asked", now=NOW + timedelta(hours=40), **said)
    for hours in (41, 100, 200, 400, 900):
        operations.sweep_clocks(now=NOW + timedelta(hours=hours))
        for one in Escalation.objects.filter(done_at=None):
            operations.carry_out(escalation_id=one.pk, now=NOW + timedelta(hours=hours))
        assert operations.find_drift(now=NOW + timedelta(hours=hours)) == [], hours


@pytest.mark.django_db
def test_a_supervisor_is_told_when_a_complaint_is_not_decided_in_time():
    make_agent(is_supervisor=True)
    make_ticket()
    operations.sweep_clocks(now=NOW + timedelta(days=20))
    for step in Escalation.objects.filter(clock__kind="resolution"):
        operations.carry_out(escalation_id=step.pk, now=NOW)
    assert any(step.result.get("told") for step in Escalation.objects.all())
