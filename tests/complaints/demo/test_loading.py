"""The demo's desk is not empty, and loading it again changes nothing."""

from __future__ import annotations

import pytest

from catalog.management.commands.load_demo import PEOPLE
from complaints import operations
from complaints.demo.loading import load
from complaints.models import Agent, Macro, Suggestion, Ticket
from marketplace.accounts.models import User
from tests.complaints.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)  # as the command runs: no transaction around it


def test_the_desk_has_agents_and_complaints_in_every_state():
    for email, name, _role in PEOPLE:
        User.objects.create_user(email, "secret", name=name)
    counts = [load(now=NOW), load(now=NOW)]
    states = sorted(Ticket.objects.values_list("state", flat=True).distinct())
    assert (counts[0], counts[1]) == ({"tickets": 8, "agents": 3}, {"tickets": 8, "agents": 3})
    assert states == ["closed", "decided", "new", "waiting_customer", "waiting_merchant"]
    assert (
        Macro.objects.count(),
        Suggestion.objects.count(),
        Agent.objects.filter(is_supervisor=True).count(),
    ) == (4, 3, 1)
    danger = operations.next_ticket(agent_id=Agent.objects.get(user__email="agent@demo.example").pk, now=NOW)
    assert danger.hazards == ["fire"]
