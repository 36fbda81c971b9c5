"""What is decided is carried out on the order: once, whoever presses and whatever fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from complaints import operations
from complaints.domain.errors import Incomplete, NewerMessages, NoOrder
from complaints.domain.remedies import WHOLE_ORDER
from complaints.models import Decision, Settlement, Ticket
from complaints.operations import deciding
from marketplace.kernel import outbox
from marketplace.kernel.money import Money
from orders import operations as orders
from orders.domain.errors import NothingToRefund
from orders.models import Refund
from orders.operations.refunds import record_refund
from orders.payments import RefundResult
from returns.models import Claim, Return
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket
from tests.orders.operations.test_concurrency import at_once


def verdict(remedy: str, minor: int | None = None, **fields: Any) -> operations.Verdict:
    amount = Money(minor, "EUR") if minor else None
    given = {"outcome": "upheld", "reason": "It was broken.", "cause": "product_quality", "remedy": remedy}
    return operations.Verdict(**{**given, "amount": amount, **fields})


def decide(ticket: Ticket, what: operations.Verdict, **more: Any) -> Decision:
    return operations.decide(
        ticket=ticket.public_id, verdict=what, user_id=make_agent().user_id, now=NOW, **more
    )


@pytest.mark.django_db
def test_a_part_of_the_price_goes_back_by_the_lines_own_parts():
    order = make_order()
    decision = decide(make_order_ticket(order, of_line=True), verdict("price_reduction", 1000))
    settled, refund = Settlement.objects.get(), Refund.objects.get()
    assert (settled.state, settled.ref, settled.amount_minor) == ("pending", refund.public_id, 1000)
    assert (refund.amount_minor, refund.order_id, refund.parts.exclude(line=order.lines.get()).count()) == (
        1000,
        order.pk,
        0,
    )
    decision.refresh_from_db()
    assert decision.executed_at == NOW


@pytest.mark.django_db
def test_a_refund_without_a_sum_is_of_everything_that_is_left():
    order = make_order(pieces=1)
    ticket = make_order_ticket(order)
    decide(ticket, verdict("price_reduction", 500))
    decide(ticket, verdict("refund"))
    assert sum(Refund.objects.values_list("amount_minor", flat=True)) == order.total_minor


@pytest.mark.django_db
def test_goodwill_is_beyond_the_lines():
    decide(make_order_ticket(), verdict("goodwill", 700))
    assert list(Refund.objects.get().parts.values_list("kind", "line", "amount_minor")) == [
        ("goodwill", None, 700)
    ]


@pytest.mark.django_db
def test_more_than_was_paid_is_refused_and_nothing_is_decided():
    order = make_order(pieces=1, price=1000)
    with pytest.raises(NothingToRefund):
        decide(make_order_ticket(order), verdict("refund", order.total_minor + 1))
    assert (Decision.objects.count(), Settlement.objects.count(), Refund.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(("remedy", "minor", "error"), [
    ("price_reduction", None, Incomplete), ("repair", 500, Incomplete), ("apology", 500, Incomplete),
])  # fmt: skip
def test_a_remedy_and_its_sum_belong_together(remedy: str, minor: int | None, error: type[Exception]):
    with pytest.raises(error):
        decide(make_order_ticket(), verdict(remedy, minor))


@pytest.mark.django_db
@pytest.mark.parametrize("remedy", ["refund", "price_reduction", "goodwill"])
def test_a_sum_of_nothing_is_not_everything(remedy: str):
    ticket = make_order_ticket()
    with pytest.raises(Incomplete) as refused:
        decide(ticket, verdict(remedy, amount=Money(0, "EUR")))
    assert (refused.value.field, Decision.objects.count(), Refund.objects.count()) == ("amount", 0, 0)


@pytest.mark.django_db
def test_a_refund_of_one_line_is_what_is_left_of_that_line():
    order = make_order(pieces=1, lines=2)
    first, second = order.lines.order_by("position")
    decide(make_order_ticket(order), verdict("refund", line=second.public_id))
    refund = Refund.objects.get()
    assert (refund.amount_minor, set(refund.parts.values_list("line", flat=True))) == (
        second.total_minor,
        {second.pk},
    )


@pytest.mark.django_db
def test_a_complaint_about_a_line_gives_back_that_line_unless_the_whole_order_is_meant():
    order = make_order(pieces=1, lines=2)
    ticket = make_order_ticket(order, of_line=True)
    decide(ticket, verdict("refund"))
    decide(ticket, verdict("refund", line=WHOLE_ORDER))
    lines = [set(one.parts.values_list("line", flat=True)) for one in Refund.objects.order_by("pk")]
    first, second = order.lines.order_by("position").values_list("pk", flat=True)
    assert lines == [{first}, {second}]  # the second time only the other was left of the whole
    assert Decision.objects.order_by("number").last().line == ""


@pytest.mark.django_db
def test_more_than_is_left_of_a_line_is_refused_and_takes_nothing_from_its_neighbours():
    order = make_order(pieces=1, lines=2)
    first = order.lines.order_by("position").first()
    ticket = make_order_ticket(order)
    with pytest.raises(NothingToRefund):
        decide(ticket, verdict("refund", first.total_minor + 1, line=first.public_id))
    decide(ticket, verdict("refund", line=first.public_id))
    with pytest.raises(Incomplete):
        decide(ticket, verdict("refund", line=first.public_id))
    assert (Decision.objects.count(), Refund.objects.get().amount_minor) == (1, first.total_minor)


@pytest.mark.django_db
def test_without_an_order_no_money_is_promised():
    with pytest.raises(NoOrder):
        decide(make_ticket(), verdict("refund", 500))


@pytest.mark.django_db
def test_a_label_is_there_at_once_and_the_seller_pays_it():
    decide(make_order_ticket(), verdict("return_label"))
    ret = Return.objects.get()
    assert (ret.state, ret.paid_by, ret.parcels.count(), Settlement.objects.get().state) == (
        "label_issued",
        "merchant",
        1,
        "done",
    )


@pytest.mark.django_db
def test_a_new_one_opens_a_claim_with_the_seller():
    ticket = make_order_ticket(of_line=True)
    decide(ticket, verdict("replacement"))
    claim = Claim.objects.get()
    assert (claim.wanted, claim.kind, Settlement.objects.get().ref) == (
        "replacement",
        "defective",
        claim.public_id,
    )


@pytest.mark.django_db(transaction=True)
def test_the_money_is_paid_and_the_letter_says_how_much_and_when():
    ticket = make_order_ticket(language="de")
    decide(ticket, verdict("refund", 1000))
    outbox.relay()
    orders.send_refund(refund_id=Refund.objects.get().pk, now=NOW)  # what a worker does
    outbox.relay()
    outbox.relay()
    settled = Settlement.objects.get()
    letter = next(one for one in mail.outbox if "10,00" in one.subject)
    assert (settled.state, settled.ref) == ("paid", Refund.objects.get().public_id)
    assert settled.done_at is not None
    assert str(settled.done_at.year) in letter.body
    assert "10,00" in letter.body
    before = len(mail.outbox)
    operations.follow_refund(refund=settled.ref, now=NOW)
    outbox.relay()
    assert len(mail.outbox) == before


def failed(settled: Settlement) -> Settlement:
    record_refund(
        refund_id=settled.ref, result=RefundResult(ref="x", state="failed", failure="account closed"), now=NOW
    )
    operations.follow_refund(refund=settled.ref, now=NOW)
    settled.refresh_from_db()
    return settled


@pytest.mark.django_db
def test_money_that_did_not_go_says_why_and_is_asked_for_again_once():
    decide(make_order_ticket(), verdict("refund", 1000))
    settled = failed(Settlement.objects.get())
    assert (settled.state, settled.failure, settled.done_at) == ("failed", "account closed", None)
    for _ in range(2):
        again = operations.retry_settlement(settlement=settled.public_id, actor="agent", now=NOW)
    assert (again.state, again.attempts, Refund.objects.exclude(state="failed").count()) == ("pending", 2, 1)


@pytest.mark.django_db(transaction=True)
def test_two_press_try_again_and_it_is_asked_for_once():
    decide(make_order_ticket(), verdict("refund", 1000))
    settled = failed(Settlement.objects.get())
    at_once(
        lambda _: operations.retry_settlement(settlement=settled.public_id, actor="agent", now=NOW).state, 3
    )
    assert Refund.objects.exclude(state="failed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_agents_decide_at_once_and_one_refund_goes_out():
    ticket = make_order_ticket()
    users = [make_agent().user_id for _ in range(2)]

    def press(who: int) -> str:
        return operations.decide(
            ticket=ticket.public_id, verdict=verdict("refund", 1000), user_id=users[who], now=NOW,
            key=f"desk:{who}", read_version=ticket.version,
        ).outcome  # fmt: skip

    assert sorted(at_once(press, 2)) == [NewerMessages.code, "upheld"]
    assert (Refund.objects.count(), Settlement.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_agent_presses_twice_and_one_refund_goes_out():
    ticket, user = make_order_ticket(), make_agent().user_id

    def press(_: int) -> str:
        return operations.decide(
            ticket=ticket.public_id, verdict=verdict("refund", 1000), user_id=user, now=NOW, key="desk:1",
            read_version=ticket.version,
        ).public_id  # fmt: skip

    assert len(set(at_once(press, 3))) == 1
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_version_the_same_press_pays_twice():
    """The negative control: what the two tests above see if nobody looked at what was read."""
    ticket = make_order_ticket()
    users = [make_agent().user_id for _ in range(2)]
    at_once(
        lambda who: (
            deciding.decide(
                ticket=ticket.public_id, verdict=verdict("refund", 1000), user_id=users[who], now=NOW
            ).pk
        ),
        2,
    )
    assert Refund.objects.count() == 2


@pytest.mark.django_db
def test_a_large_sum_moves_only_when_a_colleague_agrees_and_only_once():
    order = make_order(pieces=2, price=30_000)
    ticket = make_order_ticket(order)
    decision = decide(ticket, verdict("refund", 40_000))
    assert (decision.needs_agreement, Refund.objects.count()) == (True, 0)
    other = make_agent().user_id
    for _ in range(2):
        operations.agree(decision=decision.public_id, user_id=other, now=NOW)
    assert (Refund.objects.count(), Settlement.objects.get().amount_minor) == (1, 40_000)
