"""Exchanges as a guest meets them, without a script; and the merchant's side."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts.place import Place
from marketplace.kernel import outbox
from orders.models import Supplement
from returns.domain import policy
from returns.models import Exchange, ExchangePolicy
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_exchanging import Case, again, come_back
from tests.returns.web.test_claims import page_of, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


QUERIES = 18  # of the page that lists what may be exchanged


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


def agree(client, case: Case, **more):
    """Press the button of step two with what it shows."""
    url = reverse("exchange-choose", args=[case.group.token, case.line.public_id])
    seen = next(one for one in case.choice().wishes).each_minor
    form = {
        "variant": case.new.public_id, "quantity": "1", "seen": str(seen), "nonce": "n1", "step": "agree", **more,
    }  # fmt: skip
    return client.post(url, form)


@pytest.mark.parametrize(
    ("place", "says"), [(factories.DE, True), (Place("US", "en", "USD", "America/Chicago"), False)]
)
def test_a_right_to_withdraw_is_spoken_of_only_where_there_is_one(client, place, says, monkeypatch):
    texas = {"region": "TX", "postcode": "73301", "city": "Austin"}
    monkeypatch.setitem(factories.ADDRESSES, "US", factories.ADDRESSES["US"] | texas)
    case = Case(place=place)
    client.cookies["language"] = "en"
    url = reverse("exchange-choose", args=[case.group.token, case.line.public_id])
    review = page_of(client.post(url, {"variant": case.new.public_id, "quantity": "1"}))
    agree(client, case)
    outbox.relay()
    (letter,) = [one for one in mail.outbox if Exchange.objects.get().public_id in one.subject]
    said = "Your right to withdraw stays" if place.language == "en" else "Ihr Widerrufsrecht bleibt"
    assert ("Your right to withdraw stays" in review, said in letter.body) == (says, says)


def test_from_the_order_to_a_paid_exchange(client):
    case = Case(price=1500)
    order = page_of(client.get(reverse("order", args=[case.group.token])))
    assert f"/exchanges/order/{case.group.token}" in order
    start = page_of(client.get(reverse("exchange-start", args=[case.group.token])))
    url = reverse("exchange-choose", args=[case.group.token, case.line.public_id])
    assert url in start
    assert "Size: L" in page_of(client.get(url))
    review = page_of(client.post(url, {"variant": case.new.public_id, "quantity": "1"}))
    assert "You pay" in review
    assert Exchange.objects.count() == 0

    answer = agree(client, case)
    exchange = Exchange.objects.get()
    assert answer["Location"] == reverse("exchange", args=[exchange.token])
    pay = reverse("supplement", args=[Supplement.objects.get().token])
    assert pay in page_of(client.get(answer["Location"]))
    assert "Pay €" in page_of(client.get(pay))
    paid = client.post(pay, {"method": "offline", "card": "card_ok"})
    assert paid["Location"] == reverse("exchange", args=[exchange.token])
    outbox.relay()
    shown = page_of(client.get(paid["Location"]))
    assert "We hold the new one. Send the other one back." in shown
    assert client.get(pay)["Location"] == paid["Location"]


def test_the_bank_asks_first_and_leads_back_to_the_exchange(client):
    case = Case(price=1500)
    agree(client, case)
    pay = reverse("supplement", args=[Supplement.objects.get().token])
    asked = client.post(pay, {"method": "offline", "card": "card_challenge"})
    back = client.post(asked["Location"], {"result": "confirm"}, follow=True)
    assert back.redirect_chain[-1][0] == reverse("exchange", args=[Exchange.objects.get().token])
    outbox.relay()
    assert Exchange.objects.get().state == "waiting"


def test_a_declined_card_leads_back_to_the_choice(client):
    case = Case(price=1500)
    agree(client, case)
    pay = reverse("supplement", args=[Supplement.objects.get().token])
    shown = client.post(pay, {"method": "offline", "card": "card_declined"}, follow=True)
    assert "The payment was declined. Nothing was charged." in page_of(shown)
    assert Exchange.objects.get().state == "to_pay"


def test_a_sum_that_moved_is_shown_anew_and_nothing_is_agreed(client):
    case = Case()
    shown = page_of(agree(client, case, seen="-700"))
    assert "Is this what you want?" in shown
    assert Exchange.objects.count() == 0


def test_the_shopper_calls_it_off(client):
    case = Case()
    agree(client, case)
    token = Exchange.objects.get().token
    shown = client.post(reverse("exchange-act", args=[token, "cancel"]), follow=True)
    assert "You called it off." in page_of(shown)
    assert client.get(reverse("exchange-act", args=[token, "cancel"]))["Location"] == reverse(
        "exchange", args=[token]
    )
    assert client.get(reverse("exchange", args=["nobody"])).status_code == 404


def test_the_merchant_sends_it_says_that_it_cannot_and_promises(client):
    case = Case(stock=9)
    merchant = case.order.merchant
    sent, out = case.ask(key="a"), case.ask(key="b")
    for one in (sent, out):
        come_back(one)
    sign_in(client, merchant)
    listed = page_of(client.get(reverse("merchant-return-exchanges")))
    assert sent.public_id in listed
    url = reverse("merchant-return-exchange-ship", args=[sent.public_id])
    assert client.post(url, {"carrier": "", "tracking_number": ""}).status_code == 422
    client.post(url, {"carrier": "Post", "tracking_number": "NEW1"})
    client.post(reverse("merchant-return-exchange-out", args=[out.public_id]), {"why": "Water damage."})
    assert [(again(one).state, again(one).because) for one in (sent, out)] == [
        ("shipped", ""), ("sold_out", "Water damage."),
    ]  # fmt: skip
    client.post(reverse("merchant-return-exchange-promise"), {"days": "60", "ship_on": "scan"})
    policy = ExchangePolicy.objects.get()
    assert (policy.is_offered, policy.days, policy.ship_on) == (False, 60, "scan")
    assert "Water damage." in page_of(client.get(reverse("merchant-return-exchange", args=[out.public_id])))


def test_another_merchant_sees_nothing_of_it(client):
    case, other = Case(), Case()
    exchange = case.ask()
    sign_in(client, other.order.merchant)
    assert client.get(reverse("merchant-return-exchange", args=[exchange.public_id])).status_code == 404


@pytest.mark.parametrize("seen", ["²", "--5", "", "9" * 5000])
def test_a_sum_that_this_page_did_not_show_agrees_on_nothing(client, seen):
    case = Case()
    shown = agree(client, case, seen=seen)
    assert ("Is this what you want?" in page_of(shown), Exchange.objects.count()) == (True, 0)


def test_the_same_button_of_another_order_leads_to_its_own_exchange(client):
    first, second = Case(), Case()
    answers = [agree(client, case) for case in (first, second)]
    links = [
        reverse("exchange", args=[Exchange.objects.get(order=case.order).token]) for case in (first, second)
    ]
    assert [answer["Location"] for answer in answers] == links


def test_what_was_not_sent_in_time_is_ended_by_the_shopper(client):
    case = Case()
    exchange = case.ask()
    come_back(exchange)
    page, end = (
        reverse("exchange", args=[exchange.token]),
        reverse("exchange-act", args=[exchange.token, "give-up"]),
    )
    assert (end in page_of(client.get(page)), "The seller sends it by" in page_of(client.get(page))) == (
        False, True,
    )  # fmt: skip
    with time_machine.travel(LATER + policy.EXCHANGE_SHIP + timedelta(days=1), tick=False):
        assert end in page_of(client.get(page))
        ended = page_of(client.post(end, follow=True))
    assert ("Your money comes back." in ended, again(exchange).state) == (True, "sold_out")


@pytest.mark.parametrize("things", [1, 4])
def test_the_start_page_asks_the_same_number_of_questions_whatever_is_in_the_order(client, things):
    merchant = make_merchant()
    group = factories.delivered([(make_variant(merchant), 1) for _ in range(things)])
    url = reverse("exchange-start", args=[group.token])
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    assert len(asked) == QUERIES
