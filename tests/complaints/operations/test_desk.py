"""Who gets which ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import operations
from complaints.domain.errors import NothingNext, NotYours
from complaints.models import Ticket
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
def test_without_passing_over_locked_rows_the_second_agent_waits_and_gets_what_is_given_already():
    """The negative control: a plain read sees the ticket as free although a colleague is being given it."""
    first, _second = make_ticket(), make_ticket()
    one = make_agent()

    def free() -> Ticket:
        return Ticket.objects.filter(agent=None, state__in=("new", "open")).order_by("due_at", "id").first()

    got = end_behind(lambda: operations.next_ticket(agent_id=one.pk, now=NOW), lambda: free().pk)
    assert got == first.pk


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


def test_colleagues_who_look_at_the_same_are_named_for_a_while():
    ticket, one, two = make_ticket(), make_agent(), make_agent()
    operations.look_at(ticket_id=ticket.pk, agent_id=one.pk, is_writing=True, now=NOW)
    soon = operations.look_at(ticket_id=ticket.pk, agent_id=two.pk, is_writing=False, now=NOW)
    later = operations.look_at(
        ticket_id=ticket.pk, agent_id=two.pk, is_writing=False, now=NOW + timedelta(minutes=5)
    )
    assert ([seen.agent_id for seen in soon], later) == ([one.pk], [])
