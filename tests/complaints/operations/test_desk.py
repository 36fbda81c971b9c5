"""Who gets which ticket."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from complaints import operations
from complaints.domain.errors import NothingNext, NotYours
from complaints.models import Ticket
from complaints.operations import desk
from tests.complaints.factories import NOW, make_agent, make_ticket
from tests.races import end_behind

pytestmark = pytest.mark.django_db


def test_next_gives_the_most_urgent_that_fits():
    make_ticket(language="fr")
    make_ticket(now=NOW - timedelta(hours=1))
    urgent = make_ticket(body="There was smoke.")
    agent = make_agent()
    given = operations.next_ticket(agent_id=agent.pk, now=NOW)
    assert (given.pk, given.agent_id, given.state) == (urgent.pk, agent.pk, "open")


def test_next_says_when_nothing_fits():
    make_ticket(language="fr")
    with pytest.raises(NothingNext):
        operations.next_ticket(agent_id=make_agent().pk, now=NOW)


def test_a_full_agent_gets_no_more():
    make_ticket(), make_ticket()
    agent = make_agent(capacity=1)
    operations.next_ticket(agent_id=agent.pk, now=NOW)
    with pytest.raises(NothingNext):
        operations.next_ticket(agent_id=agent.pk, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_two_agents_never_get_the_same():
    first, second = make_ticket(), make_ticket()
    one, two = make_agent(), make_agent()
    got = end_behind(
        lambda: operations.next_ticket(agent_id=one.pk, now=NOW),
        lambda: operations.next_ticket(agent_id=two.pk, now=NOW).pk,
    )
    assert (got, Ticket.objects.get(agent=one).pk) == (second.pk, first.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_without_locks_two_agents_are_given_the_same(monkeypatch):
    """The negative control: the same operation on rows that nobody locks gives one ticket to both."""
    first, _second = make_ticket(), make_ticket()
    one, two = make_agent(), make_agent()
    locking = QuerySet.select_for_update

    def loose(rows, **options):
        return rows.all() if rows.model is Ticket else locking(rows, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", loose)
    given: list[int] = []
    read, written = threading.Barrier(2, timeout=20), desk.give

    def give(row, agent, **options):
        given.append(row.pk)
        read.wait()  # both have read before either writes
        written(row, agent, **options)

    monkeypatch.setattr(desk, "give", give)
    run_together(
        *(lambda agent=agent: operations.next_ticket(agent_id=agent.pk, now=NOW) for agent in (one, two))
    )
    assert given == [first.pk, first.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_twelve_agents_at_once_get_twelve_different_tickets():
    for _ in range(12):
        make_ticket()
    agents = [make_agent() for _ in range(12)]
    run_together(
        *(lambda agent=agent: operations.next_ticket(agent_id=agent.pk, now=NOW) for agent in agents)
    )
    assert sorted(agent.tickets.count() for agent in agents) == [1] * 12


def run_together(*works):
    """Do all at once, each on a connection of its own."""

    def run(work):
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_colleagues_ticket_is_taken_only_by_saying_so():
    ticket, one, two = make_ticket(), make_agent(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=one.pk, take_over=False, now=NOW)
    with pytest.raises(NotYours):
        operations.claim(ticket=ticket.public_id, agent_id=two.pk, take_over=False, now=NOW)
    taken = operations.claim(ticket=ticket.public_id, agent_id=two.pk, take_over=True, now=NOW)
    assert taken.agent_id == two.pk


def test_who_leaves_gives_back_what_waits_for_an_answer():
    ticket, agent = make_ticket(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    operations.set_presence(agent_id=agent.pk, presence="away", now=NOW)
    ticket.refresh_from_db()
    assert ticket.agent_id is None


def test_tickets_are_spread_over_those_who_are_there_and_can():
    for _ in range(4):
        make_ticket()
    french = make_ticket(language="fr")
    one, two = make_agent(), make_agent(capacity=1)
    make_agent(presence="away")
    given = operations.spread(now=NOW)
    french.refresh_from_db()
    assert (given, one.tickets.count(), two.tickets.count(), french.agent) == (4, 3, 1, None)


def test_it_goes_round_among_those_with_the_same_load():
    agents = [make_agent() for _ in range(3)]
    tickets = [make_ticket() for _ in range(6)]
    operations.spread(now=NOW)
    whose = list(Ticket.objects.order_by("pk").values_list("agent", flat=True))
    assert whose == [agents[n % 3].pk for n in range(len(tickets))]


def test_who_was_given_one_longest_ago_is_next():
    one, two = make_agent(last_given_at=NOW), make_agent(last_given_at=NOW - timedelta(hours=1))
    make_ticket()
    operations.spread(now=NOW)
    assert (one.tickets.count(), two.tickets.count()) == (0, 1)


def test_what_was_given_back_and_what_is_dangerous_are_handed_out_too_by_skill():
    back, danger = make_ticket(), make_ticket(topic="unsafe", language="en")
    first, expert = make_agent(topics=["late"], languages=["en"]), make_agent(topics=["defective"])
    operations.claim(ticket=back.public_id, agent_id=expert.pk, take_over=False, now=NOW)
    operations.set_presence(agent_id=expert.pk, presence="away", now=NOW)
    operations.set_presence(agent_id=expert.pk, presence="available", now=NOW)
    operations.spread(now=NOW)
    back.refresh_from_db(), danger.refresh_from_db()
    assert (back.agent, danger.agent) == (expert, first)


def test_languages_that_nobody_speaks_keep_nobody_waiting():
    for _ in range(3):
        make_ticket(language="fr", body="Il y a du feu.", topic="unsafe")
    ticket, agent = make_ticket(), make_agent()
    assert (operations.spread(now=NOW, most=2), agent.tickets.get()) == (1, ticket)


def test_colleagues_who_look_at_the_same_are_named_for_a_while():
    ticket, one, two = make_ticket(), make_agent(), make_agent()
    operations.look_at(ticket_id=ticket.pk, agent_id=one.pk, is_writing=True, now=NOW)
    soon = operations.look_at(ticket_id=ticket.pk, agent_id=two.pk, is_writing=False, now=NOW)
    later = operations.look_at(
        ticket_id=ticket.pk, agent_id=two.pk, is_writing=False, now=NOW + timedelta(minutes=5)
    )
    assert ([seen.agent_id for seen in soon], later) == ([one.pk], [])
