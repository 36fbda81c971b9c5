"""Who can do what on the desk, changed by those who lead it; the floor in figures, and handing on from there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from complaints import operations
from complaints.models import Agent, Notice, Ticket
from complaints.queries.desk import health
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db


def as_agent(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_supervisor_writes_down_what_somebody_can_do_and_next_goes_by_it():
    chief, lin = make_agent(is_supervisor=True), make_agent(languages=["en"])
    french = make_ticket(language="fr", topic="late")
    said = {"languages": ["fr"], "topics": ["late"], "markets": ["DE"], "capacity": "1"}
    as_agent(chief).post(f"/desk/people/{lin.pk}", said)
    lin.refresh_from_db()
    assert (lin.languages, lin.topics, lin.markets, lin.capacity) == (["fr"], ["late"], ["DE"], 1)
    assert operations.next_ticket(agent_id=lin.pk, now=NOW).pk == french.pk


@pytest.mark.parametrize(
    "said",
    [{"languages": ["xx"], "capacity": "1"}, {"capacity": "1"}, {"languages": ["en"], "capacity": "9999"}],
)
def test_what_cannot_be_is_said_and_changes_nothing(said: dict[str, object]):
    chief, lin = make_agent(is_supervisor=True), make_agent()
    answer = as_agent(chief).post(f"/desk/people/{lin.pk}", said)
    lin.refresh_from_db()
    assert (answer.status_code, lin.languages, lin.capacity) == (422, ["en", "de"], 40)


def test_colleagues_look_and_may_not_change():
    lin, bo = make_agent(), make_agent()
    client = as_agent(lin)
    assert (client.get("/desk/people").status_code, client.get(f"/desk/people/{bo.pk}").status_code) == (
        200,
        200,
    )
    changes = [
        client.post(f"/desk/people/{bo.pk}", {"what": what}).status_code
        for what in ("hand-over", "away", "letters", "")
    ]
    assert (changes, client.post("/desk/floor").status_code) == ([403] * 4, 403)


def test_an_operator_makes_the_first_supervisor():
    boss, lin = make_agent(), make_agent()
    boss.user.is_superuser = True
    boss.user.save()
    as_agent(boss).post(
        f"/desk/people/{lin.pk}", {"languages": ["en"], "capacity": "5", "is_supervisor": "on"}
    )
    lin.refresh_from_db()
    assert lin.is_supervisor


def test_what_somebody_has_open_goes_to_colleagues_who_can_the_rest_to_the_queue():
    chief, ill, lin = (
        make_agent(is_supervisor=True, presence="away"),
        make_agent(languages=["en", "fr"]),
        make_agent(),
    )
    mine = [make_ticket(), make_ticket(), make_ticket(language="fr"), make_ticket()]
    for one in mine:
        operations.claim(ticket=one.public_id, agent_id=ill.pk, take_over=False, now=NOW)
    operations.wait(ticket=mine[3].public_id, whom="customer", actor="a", now=NOW, reason="asked")
    page = as_agent(chief).post(f"/desk/people/{ill.pk}", {"what": "hand-over"}, follow=True).content.decode()
    assert [Ticket.objects.get(pk=one.pk).agent for one in mine] == [lin, lin, None, ill]
    assert (
        "2 went to colleagues, 1 back to the queue." in page,
        Notice.objects.filter(agent=lin).count(),
    ) == (True, 2)


def test_a_supervisor_hands_out_what_is_free_from_the_floor():
    chief, lin = make_agent(is_supervisor=True, presence="away"), make_agent()
    make_ticket(), make_ticket()
    as_agent(chief).post("/desk/floor")
    assert lin.tickets.count() == 2


def test_the_floor_counts_ages_what_runs_out_and_who_has_how_much():
    lin = make_agent(capacity=4)
    old, new = make_ticket(now=NOW - timedelta(days=5)), make_ticket(topic="late")
    Ticket.objects.filter(pk=old.pk).update(is_breached=True, due_at=NOW - timedelta(days=1))
    Ticket.objects.filter(pk=new.pk).update(due_at=NOW + timedelta(hours=3))
    operations.claim(ticket=old.public_id, agent_id=lin.pk, take_over=False, now=NOW)
    told = health(now=NOW)
    assert (told.live, told.late, told.free, told.topics) == (2, 1, 1, [("defective", 1), ("late", 1)])
    assert [one["count"] for one in told.ages] == [1, 0, 1, 0, 0]
    assert [one["count"] for one in told.ahead] == [0, 1, 1, 1, 1]
    assert [(one.pk, load["open"], load["late"]) for one, load in told.agents] == [(lin.pk, 1, 1)]
    page = as_agent(lin).get("/desk/floor").content.decode()
    assert "1 / 4" in page
