"""Decisions: with reasons, above a sum with a second pair of eyes."""

from __future__ import annotations

import pytest

from complaints import operations
from complaints.domain.errors import DecisionOvertaken, Incomplete, SecondPairOfEyes
from complaints.models import Decision, Ticket
from complaints.operations import deciding
from complaints.operations.referring import case_of
from complaints.queries.decisions import standing_decision, waiting_decision
from complaints.queries.desk import queue
from complaints.queries.tickets import view_ticket
from marketplace.kernel.models import Event
from marketplace.kernel.money import Money
from orders.models import Refund
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket
from tests.races import end_behind

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


def large_and_then_small() -> tuple[Decision, Decision]:
    """A decision that waits for a colleague, and a newer one that was made meanwhile."""
    ticket = make_order_ticket(make_order(price=40_000))
    many = [verdict(remedy="refund", amount=Money(minor, "EUR")) for minor in (50_000, 1_000)]
    first, second = (
        operations.decide(ticket=ticket.public_id, verdict=one, user_id=make_agent().user_id, now=NOW)
        for one in many
    )
    return first, second


def test_a_decision_that_was_overtaken_is_not_agreed_to_and_pays_nothing():
    overtaken, standing = large_and_then_small()
    with pytest.raises(DecisionOvertaken):
        operations.agree(decision=overtaken.public_id, user_id=make_agent().user_id, now=NOW)
    overtaken.refresh_from_db()
    row = standing.ticket
    assert (standing_decision(row), waiting_decision(row), overtaken.agreed_by_id) == (standing, None, None)
    assert list(Refund.objects.values_list("amount_minor", flat=True)) == [1_000]
    assert queue("agree", make_agent(), now=NOW).count() == 0


def test_while_a_newer_decision_waits_the_one_before_it_stands():
    ticket, agent = make_order_ticket(make_order(price=40_000)), make_agent()
    small = verdict(remedy="refund", amount=Money(1_000, "EUR"))
    large = verdict(remedy="refund", amount=Money(50_000, "EUR"))
    first, second = (
        operations.decide(ticket=ticket.public_id, verdict=one, user_id=agent.user_id, now=NOW)
        for one in (small, large)
    )
    case, _files = case_of(ticket, {"name": "x"})
    assert (standing_decision(ticket), waiting_decision(ticket)) == (first, second)
    assert (view_ticket(ticket).decision, case["decision"]["reason"]) == (first, first.reason)
    assert list(queue("agree", make_agent(), now=NOW)) == [ticket]


@pytest.mark.django_db(transaction=True)
def test_agreeing_while_a_colleague_decides_anew_pays_the_new_decision_alone():
    ticket = make_order_ticket(make_order(price=40_000))
    assert race(ticket) == "DecisionOvertaken"
    assert list(Refund.objects.values_list("amount_minor", flat=True)) == [1_000]


@pytest.mark.django_db(transaction=True)
def test_without_the_look_at_newer_decisions_both_are_paid(monkeypatch: pytest.MonkeyPatch):
    """The negative control of the race above: whoever agrees believes what they saw."""
    ticket = make_order_ticket(make_order(price=40_000))
    monkeypatch.setattr(deciding, "waiting_decision", lambda row: row.decisions.get(number=1))
    race(ticket)
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [1_000, 50_000]


def race(ticket: Ticket) -> object:
    """Decide anew, and let a colleague agree to the decision before while that is not committed."""
    users = [make_agent().user_id for _ in range(3)]
    large, small = (verdict(remedy="refund", amount=Money(minor, "EUR")) for minor in (50_000, 1_000))
    first = operations.decide(ticket=ticket.public_id, verdict=large, user_id=users[0], now=NOW)
    return end_behind(
        lambda: operations.decide(ticket=ticket.public_id, verdict=small, user_id=users[1], now=NOW),
        lambda: operations.agree(decision=first.public_id, user_id=users[2], now=NOW).public_id,
    )
