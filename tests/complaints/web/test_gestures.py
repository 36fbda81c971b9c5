"""Giving in passing at the desk, and what the buyer sees of it."""

from __future__ import annotations

import pytest
from django.test import Client

from complaints import operations
from complaints.models import Agent, Draft, Gesture, Settlement, Ticket
from marketplace.kernel.money import Money
from orders.models import Refund
from orders.operations.refunds import record_refund
from orders.payments import RefundResult
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> Agent:
    return make_agent()


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, ticket: Ticket, what: str = "give", **said: object) -> str:
    given = {"kind": "goodwill", "amount": "7", "words": "We are sorry.", "key": "k", **said}
    return client.post(f"/desk/{ticket.public_id}/{what}", given, follow=True).content.decode()


def test_a_sum_is_given_on_the_page_once_and_the_buyer_sees_it(agent: Agent):
    ticket = make_order_ticket()
    pages = [post(signed_in(agent), ticket) for _ in range(2)]
    shopper = Client().get(f"/complaints/{ticket.token}").content.decode()
    assert ["Given and told." in page for page in pages] == [True, True]
    assert (Refund.objects.get().amount_minor, "on its way" in pages[0], "We are sorry." in shopper) == (
        700,
        True,
        True,
    )


def test_a_label_leads_the_buyer_to_its_page(agent: Agent):
    ticket = make_order_ticket()
    post(signed_in(agent), ticket, kind="return_label", amount="")
    ret = Settlement.objects.get().ref
    shopper = Client().get(f"/complaints/{ticket.token}").content.decode()
    page = signed_in(agent).get(f"/desk/{ticket.public_id}").content.decode()
    assert ("/return/" in shopper or "/returns/" in shopper, ret in page) == (True, True)


def test_what_is_refused_keeps_its_words(agent: Agent):
    ticket = make_order_ticket()
    page = post(signed_in(agent), ticket, amount="")
    assert ("Name the sum." in page, Draft.objects.get().body, "We are sorry.</textarea>" in page) == (
        True,
        "We are sorry.",
        True,
    )
    post(signed_in(agent), ticket)
    assert (Gesture.objects.count(), Draft.objects.count()) == (1, 0)


def test_a_large_sum_shows_its_button_to_colleagues_alone_and_nothing_to_the_buyer(agent: Agent):
    ticket = make_order_ticket(make_order(price=40_000))
    mine = post(signed_in(agent), ticket, amount="500")
    other = signed_in(make_agent())
    theirs = other.get(f"/desk/{ticket.public_id}").content.decode()
    shopper = Client().get(f"/complaints/{ticket.token}").content.decode()
    assert ["/agree-gesture" in page for page in (mine, theirs)] == [False, True]
    assert ("We are sorry." in shopper, Refund.objects.count()) == (False, 0)
    gesture = Gesture.objects.get().public_id
    post(other, make_ticket(), "agree-gesture", gesture=gesture)  # of another ticket
    assert Refund.objects.count() == 0
    post(other, ticket, "agree-gesture", gesture=gesture)
    assert Refund.objects.get().amount_minor == 50_000


def test_what_waits_may_be_taken_back(agent: Agent):
    ticket = make_order_ticket(make_order(price=40_000))
    post(signed_in(agent), ticket, amount="500")
    page = post(signed_in(agent), ticket, "drop-gesture", gesture=Gesture.objects.get().public_id)
    assert ("was not given" in page, Refund.objects.count()) == (True, 0)


def test_money_of_a_gesture_that_did_not_go_is_asked_for_again(agent: Agent):
    ticket = make_order_ticket()
    gift = operations.Gift("goodwill", "Sorry.", Money(700, "EUR"))
    operations.give(ticket=ticket.public_id, gift=gift, user_id=agent.user_id, now=NOW)
    settled = Settlement.objects.get()
    record_refund(
        refund_id=settled.ref, result=RefundResult(ref="x", state="failed", failure="account closed"), now=NOW
    )
    operations.follow_refund(refund=settled.ref, now=NOW)
    desk = signed_in(agent)
    shown = desk.get(f"/desk/{ticket.public_id}").content.decode()
    desk.post(f"/desk/{ticket.public_id}/retry", {"settlement": settled.public_id})
    settled.refresh_from_db()
    assert (
        "account closed" in shown,
        ticket.public_id in desk.get("/desk/?queue=unpaid").content.decode(),
    ) == (
        True,
        False,
    )
    assert settled.state == "pending"


def test_where_nothing_can_be_given_there_is_no_form(agent: Agent):
    closed = make_order_ticket()
    operations.take_step(ticket=closed.public_id, action="close", actor="a", now=NOW)
    pages = [
        signed_in(agent).get(f"/desk/{ticket.public_id}").content.decode()
        for ticket in (make_order_ticket(), make_ticket(), closed)
    ]
    assert ["/give" in page for page in pages] == [True, False, False]
