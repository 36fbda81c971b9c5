"""What the desk gives in passing: once, told with its words, above a sum by two people, and nothing is decided by it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from complaints import operations
from complaints.domain.errors import (
    GestureOver,
    Incomplete,
    NewerMessages,
    NoOrder,
    SecondPairOfEyes,
    WrongState,
)
from complaints.models import Decision, Gesture, Settlement, Ticket
from complaints.operations import giving
from complaints.queries.desk import queue
from marketplace.kernel import outbox
from marketplace.kernel.money import Money
from orders import operations as orders
from orders.domain.errors import NothingToRefund
from orders.models import Refund
from returns.models import Return
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket
from tests.orders.operations.test_concurrency import at_once


def give(ticket: Ticket, kind: str = "goodwill", minor: int | None = 700, **more: Any) -> Gesture:
    amount = Money(minor, "EUR") if minor is not None else None
    gift = operations.Gift(kind=kind, words="We are sorry.", amount=amount, line=more.pop("line", ""))
    user = more.pop("user", None) or make_agent().user_id
    return operations.give(ticket=ticket.public_id, gift=gift, user_id=user, **{"now": NOW, **more})


@pytest.mark.django_db
def test_a_sum_is_paid_beyond_the_lines_and_the_complaint_goes_on():
    ticket = make_order_ticket()
    one = give(ticket)
    ticket.refresh_from_db()
    assert (ticket.state, Decision.objects.count(), one.needs_agreement) == ("new", 0, False)
    assert list(Refund.objects.get().parts.values_list("kind", "line", "amount_minor")) == [
        ("goodwill", None, 700)
    ]
    assert (one.settlement.state, one.settlement.ref) == ("pending", Refund.objects.get().public_id)


@pytest.mark.django_db
def test_a_label_is_there_at_once():
    one = give(make_order_ticket(), kind="return_label", minor=None)
    ret = Return.objects.get()
    assert (ret.state, ret.paid_by, one.settlement.ref, one.settlement.state) == (
        "label_issued",
        "merchant",
        ret.public_id,
        "done",
    )


@pytest.mark.django_db(transaction=True)
def test_the_buyer_is_told_with_our_words_and_again_when_it_is_paid():
    ticket = make_order_ticket(language="de")
    give(ticket)
    outbox.relay()
    orders.send_refund(refund_id=Refund.objects.get().pk, now=NOW)
    for _ in range(3):
        outbox.relay()
    told = [one.body for one in mail.outbox if "7,00" in one.body]
    assert (len(told), "We are sorry." in told[0], Settlement.objects.get().state) == (2, True, "paid")


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "minor", "error"), [
    ("goodwill", None, Incomplete), ("goodwill", 0, Incomplete), ("return_label", 500, Incomplete),
    ("refund", 500, Incomplete), ("", None, Incomplete),
])  # fmt: skip
def test_what_it_needs_is_named(kind: str, minor: int | None, error: type[Exception]):
    with pytest.raises(error):
        give(make_order_ticket(), kind=kind, minor=minor)


@pytest.mark.django_db
def test_nothing_is_given_without_an_order_a_word_a_live_complaint_or_so_much_money():
    order = make_order(pieces=1, price=1000)
    closed = make_order_ticket(order)
    operations.take_step(ticket=closed.public_id, action="close", actor="a", now=NOW)
    with pytest.raises(NoOrder):
        give(make_ticket())
    with pytest.raises(WrongState):
        give(closed)
    with pytest.raises(NothingToRefund):
        give(make_order_ticket(order), minor=order.total_minor + 1)
    with pytest.raises(NewerMessages):
        give(make_order_ticket(order), read_version=99)
    with pytest.raises(Incomplete):
        operations.give(
            ticket=make_order_ticket(order).public_id, gift=operations.Gift("goodwill", " ", Money(1, "EUR")),
            user_id=make_agent().user_id, now=NOW,
        )  # fmt: skip
    assert (Gesture.objects.count(), Refund.objects.count()) == (0, 0)


def large() -> tuple[Ticket, Gesture, int]:
    ticket, user = make_order_ticket(make_order(price=40_000)), make_agent().user_id
    return ticket, give(ticket, minor=50_000, user=user), user


@pytest.mark.django_db
def test_a_large_sum_waits_for_a_colleague_and_is_paid_once():
    ticket, one, user = large()
    assert (one.needs_agreement, Refund.objects.count(), list(queue("agree", make_agent(), now=NOW))) == (
        True,
        0,
        [ticket],
    )
    with pytest.raises(SecondPairOfEyes):
        operations.agree_gesture(gesture=one.public_id, user_id=user, now=NOW)
    other = make_agent().user_id
    for _ in range(2):
        operations.agree_gesture(gesture=one.public_id, user_id=other, now=NOW)
    assert (Refund.objects.get().amount_minor, queue("agree", make_agent(), now=NOW).count()) == (50_000, 0)
    with pytest.raises(GestureOver):
        operations.drop_gesture(gesture=one.public_id, user_id=other, now=NOW)


@pytest.mark.django_db
def test_what_a_colleague_does_not_agree_to_is_not_given():
    _ticket, one, _user = large()
    for _ in range(2):
        operations.drop_gesture(gesture=one.public_id, user_id=make_agent().user_id, now=NOW)
    with pytest.raises(GestureOver):
        operations.agree_gesture(gesture=one.public_id, user_id=make_agent().user_id, now=NOW)
    assert (Refund.objects.count(), queue("agree", make_agent(), now=NOW).count()) == (0, 0)


@pytest.mark.django_db
def test_many_small_sums_of_one_complaint_are_one_large_sum():
    ticket = make_order_ticket(make_order(price=40_000))
    waits = [give(ticket, minor=9_000).needs_agreement for _ in range(3)]
    other = give(make_order_ticket(make_order(price=40_000)), minor=9_000)
    assert (waits, other.needs_agreement) == ([False, False, True], False)


@pytest.mark.django_db
def test_the_database_keeps_two_people_and_what_was_given():
    _ticket, one, user = large()
    for change in ({"agreed_by_id": user}, {"amount_minor": 1}, {"words": "Other."}):
        with pytest.raises(Exception) as refused, transaction.atomic():  # noqa: PT011 -- the database's own
            Gesture.objects.filter(pk=one.pk).update(**change)
        assert isinstance(refused.value, IntegrityError) or "complaints_gesture" in str(refused.value)
    one.refresh_from_db()
    assert (one.agreed_by_id, one.amount_minor, one.words) == (None, 50_000, "We are sorry.")


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_given_once():
    ticket, user = make_order_ticket(), make_agent().user_id
    given = at_once(lambda _: give(ticket, user=user, key="desk:1").public_id, 3)
    assert (len(set(given)), Refund.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_read_the_same_give_once():
    ticket, users = make_order_ticket(), [make_agent().user_id for _ in range(2)]
    given = at_once(
        lambda who: give(ticket, user=users[who], key=f"desk:{who}", read_version=ticket.version).kind, 2
    )
    assert (sorted(given), Refund.objects.count()) == (sorted(["goodwill", NewerMessages.code]), 1)


@pytest.mark.django_db(transaction=True)
def test_without_key_and_version_the_same_press_gives_twice():
    """The negative control of the two above."""
    ticket, users = make_order_ticket(), [make_agent().user_id for _ in range(2)]
    at_once(lambda who: give(ticket, user=users[who]).kind, 2)
    assert Refund.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_agree_at_once_and_it_is_paid_once():
    _ticket, one, _user = large()
    users = [make_agent().user_id for _ in range(2)]
    at_once(
        lambda who: operations.agree_gesture(gesture=one.public_id, user_id=users[who], now=NOW).public_id, 2
    )
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sums_given_at_once_are_counted_together():
    ticket = make_order_ticket(make_order(price=40_000))
    users = [make_agent().user_id for _ in range(3)]
    at_once(lambda who: give(ticket, minor=9_000, user=users[who]).public_id, 3)
    assert sorted(Gesture.objects.values_list("needs_agreement", flat=True)) == [False, False, True]


@pytest.mark.django_db
def test_if_they_were_not_counted_together_no_colleague_would_be_asked(monkeypatch: pytest.MonkeyPatch):
    """The negative control: each sum by itself."""
    monkeypatch.setattr(giving, "_with_others", lambda row, amount: amount)
    ticket = make_order_ticket(make_order(price=40_000))
    assert [give(ticket, minor=9_000).needs_agreement for _ in range(3)] == [False, False, False]
