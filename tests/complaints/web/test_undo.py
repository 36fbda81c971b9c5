"""What an agent just did is taken back: by them alone, for a minute, while nothing else has happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from complaints import operations
from complaints.models import Agent, Ticket
from marketplace.kernel import clock, outbox
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hour():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def as_agent(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(client: Client, ticket: Ticket, what: str, **said: object) -> str:
    return client.post(f"/desk/{ticket.public_id}/{what}", said, follow=True).content.decode()


STEPS = [
    ("take", {}),
    ("hand-on", {"to": ""}),
    ("change", {"topic": "late", "priority": "1", "tags": "one, two", "subject": "Other", "email": "b@example.com"}),
    ("wait", {"whom": "customer", "reason": "asked"}),
    ("wait", {"whom": "outside", "reason": "the post", "until": "1h"}),
    ("close", {}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "said"), STEPS)
def test_every_such_step_is_taken_back_whole_and_the_clocks_go_on(what, said, hour):
    ticket, agent = make_ticket(), make_agent()
    if what == "hand-on":
        operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    before = facts(ticket)
    desk = as_agent(agent)
    page = act(desk, ticket, what, **said)
    changed = facts(ticket)
    hour.shift(timedelta(seconds=1))
    after = act(desk, ticket, "undo")
    assert (changed != before, facts(ticket)) == (True, before)
    assert ('/undo"' in page, "Undone." in after, '/undo"' in after) == (True, True, False)
    assert operations.find_drift(now=clock.now()) == []


def facts(ticket: Ticket) -> dict[str, object]:
    """What stands on a ticket, and how its clocks stand; their ends move by the second that it took."""
    ticket.refresh_from_db()
    names = (
        "state",
        "agent_id",
        "topic",
        "priority",
        "tags",
        "subject",
        "email",
        "snoozed_until",
        "closed_at",
    )
    clocks = {one.kind: one.state for one in ticket.clocks.all()}
    return {**{name: getattr(ticket, name) for name in names}, **clocks}


def test_a_minute_later_it_stays(hour):
    ticket, agent = make_ticket(), make_agent()
    desk = as_agent(agent)
    act(desk, ticket, "close")
    hour.shift(timedelta(seconds=60))
    page = act(desk, ticket, "undo")
    assert ("cannot be undone any more" in page, Ticket.objects.get().state) == (True, "closed")


def test_nobody_undoes_a_colleagues_step_or_one_after_which_something_happened():
    ticket, agent, other = make_ticket(), make_agent(), make_agent()
    act(as_agent(agent), ticket, "change", topic="late")
    shown = as_agent(other).get(f"/desk/{ticket.public_id}").content.decode()
    refused = act(as_agent(other), ticket, "undo")
    operations.say(ticket=ticket.public_id, kind="customer", body="More.", now=NOW)
    late = act(as_agent(agent), ticket, "undo")
    assert ['/undo"' in shown, "cannot be undone" in refused, "cannot be undone" in late] == [
        False,
        True,
        True,
    ]
    assert Ticket.objects.get().topic == "late"


def test_closing_asks_nobody_what_they_think_while_it_can_be_undone(hour):
    kept, undone, agent = make_ticket(), make_ticket(), make_agent()
    outbox.relay()
    mail.outbox.clear()
    desk = as_agent(agent)
    for ticket in (kept, undone):
        act(desk, ticket, "close")
    outbox.relay()
    at_once = len(mail.outbox)
    act(desk, undone, "undo")
    hour.shift(timedelta(seconds=61))
    outbox.relay()
    assert (at_once, [kept.public_id in one.subject for one in mail.outbox]) == (0, [True])


def test_what_left_the_house_is_not_undone():
    ticket, agent = make_ticket(), make_agent()
    page = act(as_agent(agent), ticket, "write", body="Dear Ada.", kind="agent")
    assert '/undo"' not in page
