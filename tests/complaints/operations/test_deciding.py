"""Decisions: with reasons, above a sum with a second pair of eyes."""

from __future__ import annotations

import pytest

from complaints import operations
from complaints.domain.errors import Incomplete, SecondPairOfEyes
from complaints.models import Decision
from marketplace.kernel.models import Event
from marketplace.kernel.money import Money
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db


def verdict(**fields) -> operations.Verdict:
    return operations.Verdict(
        **{"outcome": "upheld", "reason": "It was broken.", "cause": "product_quality", **fields}
    )


def test_a_decision_ends_the_clock_and_is_told():
    ticket, agent = make_ticket(), make_agent()
    decision = operations.decide(ticket=ticket.public_id, verdict=verdict(), user_id=agent.user_id, now=NOW)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.decided_at, ticket.clocks.get(kind="resolution").state) == (
        "decided",
        NOW,
        "met",
    )
    assert Event.objects.get(name="complaints.ComplaintDecided").payload["decision"] == decision.public_id


@pytest.mark.parametrize(
    "fields", [{"reason": " "}, {"cause": ""}, {"outcome": "maybe"}, {"outcome": "rejected"}]
)
def test_what_a_decision_needs_is_named(fields):
    ticket, agent = make_ticket(), make_agent()
    with pytest.raises(Incomplete):
        operations.decide(ticket=ticket.public_id, verdict=verdict(**fields), user_id=agent.user_id, now=NOW)
    assert Decision.objects.count() == 0


def test_a_large_sum_waits_for_a_colleague():
    ticket, one, two = make_order_ticket(make_order(price=40_000)), make_agent(), make_agent()
    large = verdict(remedy="refund", amount=Money(50_000, "EUR"))
    decision = operations.decide(ticket=ticket.public_id, verdict=large, user_id=one.user_id, now=NOW)
    ticket.refresh_from_db()
    assert (ticket.state, decision.needs_agreement) == ("new", True)
    with pytest.raises(SecondPairOfEyes):
        operations.agree(decision=decision.public_id, user_id=one.user_id, now=NOW)
    operations.agree(decision=decision.public_id, user_id=two.user_id, now=NOW)
    operations.agree(decision=decision.public_id, user_id=two.user_id, now=NOW)
    ticket.refresh_from_db()
    assert (ticket.state, Event.objects.filter(name="complaints.ComplaintDecided").count()) == ("decided", 1)
