"""News for agents: once, in one letter, until they have seen it."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail

from complaints import operations
from complaints.models import Agent, Notice
from complaints.operations import notices
from complaints.operations.notices import mentioned, see, send_digests
from complaints.tasks import spread_tickets, tell_agents
from marketplace.kernel import outbox
from marketplace.kernel.models import JobRun
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def note(ticket, agent, body: str) -> None:
    operations.say(
        ticket=ticket.public_id, kind="note", body=body, now=NOW, author_id=agent.user_id, author_name="Lin"
    )
    outbox.relay()


def test_a_colleague_who_is_named_in_a_note_is_told_once():
    ticket, lin, bo = make_ticket(), make_agent(), make_agent()
    name = bo.user.email.partition("@")[0]
    note(ticket, lin, f"@{name}, please look, @{name}.")
    mail.outbox.clear()
    assert (send_digests(now=NOW), send_digests(now=NOW)) == (1, 0)
    [letter] = mail.outbox
    assert (letter.to, ticket.public_id in letter.body, "please look" in letter.body) == (
        [bo.user.email],
        True,
        True,
    )


def test_what_was_seen_is_not_told_again():
    ticket, lin, bo = make_ticket(), make_agent(), make_agent()
    note(ticket, lin, f"@{bo.user.email.partition('@')[0]} look")
    see(agent_id=bo.pk, now=NOW, ticket_id=ticket.pk)
    mail.outbox.clear()
    assert (send_digests(now=NOW), mail.outbox, Notice.objects.filter(told_at=None).count()) == (0, [], 0)


def test_an_address_in_a_text_names_nobody():
    agent = make_agent()
    assert mentioned(f"write to post@{agent.user.email.partition('@')[0]}.example", [agent]) == []


def test_a_clock_that_runs_down_tells_its_agent_and_a_late_one_the_supervisors():
    ticket, agent, chief = make_ticket(), make_agent(), make_agent(is_supervisor=True)
    operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    operations.say(ticket=ticket.public_id, kind="agent", body="Hello.", now=NOW + timedelta(hours=1))
    operations.sweep_clocks(now=NOW + timedelta(days=20))
    outbox.relay()
    told = {
        (one.agent_id, one.data["clock"], one.data["is_over"]) for one in Notice.objects.filter(kind="ladder")
    }
    assert {(agent.pk, "resolution", False), (chief.pk, "resolution", True)} <= told


def test_who_is_given_a_complaint_by_somebody_else_is_told():
    ticket, lin, bo = make_ticket(), make_agent(), make_agent()
    operations.assign(ticket=ticket.public_id, agent_id=lin.pk, by=lin, now=NOW)
    operations.assign(ticket=ticket.public_id, agent_id=bo.pk, by=lin, now=NOW)
    assert list(Notice.objects.values_list("agent", "kind")) == [(bo.pk, "given")]


def test_the_jobs_leave_a_row_and_spreading_is_off_until_the_house_wants_it(settings):
    make_ticket()
    agent = make_agent()
    spread_tickets()
    before = agent.tickets.count()
    JobRun.objects.all().delete()
    settings.COMPLAINTS_SPREAD = True
    spread_tickets()
    tell_agents()
    assert (before, Agent.objects.get().tickets.count()) == (0, 1)
    assert set(JobRun.objects.values_list("name", "outcome")) == {
        ("spread-tickets", "done"),
        ("tell-agents", "done"),
    }


def test_an_address_that_nobody_takes_keeps_nobody_else_waiting(monkeypatch: pytest.MonkeyPatch):
    ticket, lin = make_ticket(), make_agent()
    agents = [make_agent() for _ in range(3)]
    names = [one.user.email.partition("@")[0] for one in agents]
    note(ticket, lin, " ".join(f"@{name}" for name in names))
    bad, send = agents[0].user.email, notices._send

    def refusing(agent: Agent, rows: object) -> None:
        if agent.user.email == bad:
            raise SMTPRecipientsRefused({bad: (550, b"no such user")})
        send(agent, rows)

    monkeypatch.setattr(notices, "_send", refusing)
    mail.outbox.clear()
    told = send_digests(now=NOW)
    assert (told, sorted(one.to[0] for one in mail.outbox)) == (
        2,
        sorted(one.user.email for one in agents[1:]),
    )
    assert set(Notice.objects.filter(told_at=None).values_list("agent", flat=True)) == {agents[0].pk}
    monkeypatch.undo()
    assert (send_digests(now=NOW), notices.try_again(agent_id=agents[0].pk)) == (0, True)
    assert (send_digests(now=NOW), mail.outbox[-1].to) == (1, [bad])
