"""How many are in each queue: as many as the queue shows, up to a thousand, and cheap however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from complaints import operations
from complaints.queries import desk
from tests.complaints.factories import NOW, make_agent, make_ticket

pytestmark = pytest.mark.django_db


def test_every_count_is_what_its_queue_holds():
    agent, other = make_agent(topics=["late"]), make_agent()
    (
        make_ticket(topic="late"),
        make_ticket(topic="refund"),
        make_ticket(language="fr"),
        make_ticket(body="Smoke, fire."),
    )
    mine, waits = make_ticket(topic="late"), make_ticket()
    operations.claim(ticket=mine.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    operations.claim(ticket=waits.public_id, agent_id=other.pk, take_over=False, now=NOW)
    operations.wait(ticket=waits.public_id, whom="customer", actor="a", now=NOW, reason="asked")
    later = NOW + timedelta(days=9)
    told = desk.counts(agent, now=later)
    assert told == {name: desk.queue(name, agent, now=later).count() for name in desk.COUNTED}
    assert told == {"mine": 1, "free": 2, "late": 0, "danger": 1, "waiting": 1, "all": 6}


def test_beyond_the_most_it_says_more_than(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(desk, "MOST_COUNTED", 2)
    agent = make_agent()
    for _ in range(5):
        make_ticket()
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/desk/").content.decode()
    assert (desk.counts(agent, now=NOW)["all"], '<span class="desk-queue__count">2+</span>' in page) == (
        3,
        True,
    )
