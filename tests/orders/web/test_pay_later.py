"""Paying more for an order that stands, by the provider's card form: accepted, asked about, declined, tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketplace.kernel import clock
from orders import operations
from orders.models import OrderLine, Payment, Supplement
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import load_rates, make_checkout, make_merchant, make_variant, pay
from tests.orders.web.test_pay import directives, said

pytestmark = pytest.mark.django_db(transaction=True)
VISA, ASKED, DECLINED, EMPTY = (
    "4242424242424242", "4000002760003184", "4000000000000002", "4000000000009995",
)  # fmt: skip
BACK = "/exchanges/of/this"


@pytest.fixture
def supplement(transactional_db: None) -> Supplement:
    load_rates()
    now = clock.now()
    group = pay(make_checkout([(make_variant(make_merchant()), 1)], now=now), now=now).group
    return operations.ask_supplement(
        line_id=OrderLine.objects.get(order__group=group).pk, amount_minor=300, key="exchange:EX-1", title="More",
        back_path=BACK, pay_by=now + timedelta(days=2), now=now,
    )  # fmt: skip


def address(supplement: Supplement, more: str = "") -> str:
    return f"/pay/{supplement.token}{more}"


def press(client: Client, supplement: Supplement, method: str = "stripe") -> Any:
    return client.post(address(supplement), {"method": method, "card": "card_ok"})


def state(supplement: Supplement) -> str:
    supplement.refresh_from_db()
    return supplement.state


def test_the_button_leads_to_the_card_form_for_this_sum(
    client: Client, supplement: Supplement, stripe_fake: StripeFake
):
    pressed = press(client, supplement)
    answer = client.get(pressed.headers["Location"])
    page, [intent] = answer.context["page"], stripe_fake.intents.values()
    assert (page.kind, page.form.secret, intent["amount"], page.form.return_url) == (
        "form", intent["client_secret"], 300, f"http://testserver{address(supplement, '/bank')}",
    )  # fmt: skip
    assert stripe_fake.base in directives(answer)["script-src"]


def test_a_good_card_pays_and_leads_back(client: Client, supplement: Supplement, stripe_fake: StripeFake):
    press(client, supplement)
    [ref] = stripe_fake.intents
    stripe_fake.type_card(ref, VISA)
    back = client.get(address(supplement, "/bank"))
    assert (back.headers["Location"], state(supplement), stripe_fake.captured_total()) == (BACK, "paid", 300)


def test_what_the_address_says_is_not_believed(
    client: Client, supplement: Supplement, stripe_fake: StripeFake
):
    press(client, supplement)
    back = client.get(address(supplement, "/bank?redirect_status=succeeded"))
    assert (back.headers["Location"], state(supplement)) == (address(supplement), "open")


@pytest.mark.parametrize(
    ("passed", "ends", "words"),
    [(True, "paid", ""), (False, "open", "Your bank did not confirm that it is you who pays.")],
)
def test_the_bank_asks_and_its_answer_decides(
    client: Client, supplement: Supplement, stripe_fake: StripeFake, passed: bool, ends: str, words: str
):
    press(client, supplement)
    [ref] = stripe_fake.intents
    stripe_fake.type_card(ref, ASKED)
    waiting = client.get(address(supplement)).context["page"]
    stripe_fake.pass_challenge(ref, passed=passed)
    back = client.get(address(supplement, "/bank"))
    shown = client.get(back.headers["Location"])
    failure = shown.context["page"].failure if ends == "open" else ""
    assert (waiting.kind, state(supplement), failure) == (
        "form",
        ends,
        words,
    )  # the form leads to the bank again


def test_a_refused_card_is_told_in_words_and_another_pays_in_the_same_form(
    client: Client, supplement: Supplement, stripe_fake: StripeFake
):
    press(client, supplement)
    [ref] = stripe_fake.intents
    told = []
    for card in (DECLINED, EMPTY):
        stripe_fake.type_card(ref, card)
        told.append(client.get(address(supplement)).context["page"].failure)
    stripe_fake.type_card(ref, VISA)
    client.get(address(supplement, "/bank"))
    assert (told, state(supplement), Payment.objects.filter(purpose="supplement").count()) == (
        ["The card was declined.", "There is not enough money on this card."], "paid", 1,
    )  # fmt: skip


def test_the_message_of_the_provider_is_enough_where_the_browser_was_closed(
    client: Client, supplement: Supplement, stripe_fake: StripeFake
):
    press(client, supplement)
    [ref] = stripe_fake.intents
    stripe_fake.type_card(ref, VISA)
    for event in stripe_fake.events:
        body, headers = stripe_fake.message(event)
        operations.receive_webhook(provider="stripe", body=body, headers=headers, now=clock.now())
    assert (state(supplement), client.get(address(supplement)).headers["Location"]) == ("paid", BACK)


def test_without_the_script_the_page_says_so_and_another_way_is_open(
    client: Client, supplement: Supplement, stripe_fake: StripeFake
):
    press(client, supplement)
    html = client.get(address(supplement)).content.decode()
    left = client.post(address(supplement, "/leave"))
    again = client.get(left.headers["Location"]).content.decode()
    paid = press(client, supplement, method="offline")
    assert ("The card form needs JavaScript" in html, "You can also pay another way" in html, 'name="method"' in again) == (
        True, True, True,
    )  # fmt: skip
    assert (paid.headers["Location"], state(supplement), stripe_fake.captured_total()) == (BACK, "paid", 0)


def test_a_provider_that_is_down_is_told_and_asked_again(
    client: Client, supplement: Supplement, stripe_fake: StripeFake
):
    stripe_fake.is_down = True
    pressed = press(client, supplement)
    told = client.get(pressed.headers["Location"])
    stripe_fake.is_down = False
    again = client.get(address(supplement))
    assert (b"does not answer" in told.content, told.context["page"].kind, again.context["page"].kind) == (
        True, "wait", "form",
    )  # fmt: skip


def test_after_the_time_nothing_can_be_paid(client: Client, supplement: Supplement, stripe_fake: StripeFake):
    press(client, supplement)
    operations.reconcile_payments(now=clock.now() + timedelta(days=3))
    [intent] = stripe_fake.intents.values()
    operations.cancel_supplement(supplement_id=supplement.pk)
    answer = client.get(address(supplement))
    assert (intent["status"], answer.headers["Location"], said(answer)) == ("canceled", BACK, [])
