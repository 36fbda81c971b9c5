"""The Stripe provider against the stand-in: every outcome, in our words."""

from __future__ import annotations

import time

import pytest
import requests

from marketplace.kernel.money import Money
from orders.payments import BadWebhook, Intent, Provider, ProviderDown, RefundResult, provider
from tests.fakes.stripe_server import StripeFake

EUR_20 = Money(2000, "EUR")


@pytest.fixture
def stripe_provider(stripe_fake: StripeFake) -> Provider:
    return provider("stripe")


def authorise(found: Provider, token: str = "pm_card_visa", key: str = "C-1:1") -> Intent:
    return found.authorise(
        key=key, payment="PM-1", amount=EUR_20, method={"token": token}, return_url="http://testserver/back"
    )


def test_a_good_card_is_authorised_and_not_yet_charged(
    stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    intent = authorise(stripe_provider)
    assert (intent.state, stripe_fake.captured_total()) == ("authorised", 0)


def test_the_same_key_opens_one_payment(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    assert authorise(stripe_provider) == authorise(stripe_provider)
    assert len(stripe_fake.intents) == 1


def test_a_declined_card_is_an_answer_with_its_reason(stripe_provider: Provider) -> None:
    intent = authorise(stripe_provider, "pm_card_chargeDeclined")
    assert (intent.state, intent.failure) == ("failed", "generic_decline")


def test_a_challenge_names_the_page_to_go_to(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    intent = authorise(stripe_provider, "pm_card_threeDSecure2Required")
    assert (intent.state, intent.action["kind"]) == ("needs_action", "redirect")
    stripe_fake.pass_challenge(intent.ref, passed=True)
    assert stripe_provider.fetch(intent.ref).state == "authorised"


def test_a_failed_challenge_is_a_failed_payment(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    intent = authorise(stripe_provider, "pm_card_threeDSecure2Required")
    stripe_fake.pass_challenge(intent.ref, passed=False)
    assert stripe_provider.fetch(intent.ref).state == "failed"


def test_capturing_twice_takes_the_money_once(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    ref = authorise(stripe_provider).ref
    first = stripe_provider.capture(ref, key="a", amount=EUR_20)
    second = stripe_provider.capture(ref, key="b", amount=EUR_20)
    assert (first, second, stripe_fake.captured_total()) == (second, Intent(ref, "captured", 2000), 2000)


def test_cancelling_what_was_captured_says_that_it_was(stripe_provider: Provider) -> None:
    ref = authorise(stripe_provider).ref
    stripe_provider.capture(ref, key="a", amount=EUR_20)
    assert stripe_provider.cancel(ref, key="b").state == "captured"


def test_a_refund_is_paid_once_under_its_key(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    ref = authorise(stripe_provider).ref
    stripe_provider.capture(ref, key="a", amount=EUR_20)
    results = [
        stripe_provider.refund(ref, key="refund:1", refund="RF-1", amount=Money(700, "EUR")) for _ in range(3)
    ]
    assert {result.state for result in results} == {"done"}
    assert stripe_fake.captured_total() == 1300


def test_more_than_was_taken_is_not_refunded(stripe_provider: Provider) -> None:
    ref = authorise(stripe_provider).ref
    stripe_provider.capture(ref, key="a", amount=EUR_20)
    result = stripe_provider.refund(ref, key="r", refund="RF-1", amount=Money(2001, "EUR"))
    assert result == RefundResult("", "failed", "charge_already_refunded")


def test_a_provider_that_is_down_is_said_to_be_down(
    stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    stripe_fake.is_down = True
    with pytest.raises(ProviderDown):
        authorise(stripe_provider)


def test_an_answer_lost_on_the_way_is_found_again(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    stripe_fake.lose_answers_of = {"create"}
    with pytest.raises(ProviderDown):
        authorise(stripe_provider)
    stripe_fake.lose_answers_of = set()
    assert authorise(stripe_provider).state == "authorised"
    assert len(stripe_fake.intents) == 1


def test_both_secrets_hold_while_one_is_replaced(stripe_provider: Provider, stripe_fake: StripeFake) -> None:
    authorise(stripe_provider)
    event = stripe_fake.events[-1]
    told = []
    for secret in (stripe_fake.secret, "whsec_next"):
        body, headers = stripe_fake.message(event, secret=secret)
        told.append(stripe_provider.read_webhook(body=body, headers=headers))
    assert told[0] == told[1]
    assert (told[0].payment, told[0].intent and told[0].intent.state) == ("PM-1", "authorised")


@pytest.mark.parametrize("wrong", ["other secret", "old", "changed", "unsigned", "no JSON"])
def test_a_message_that_cannot_be_trusted_is_refused(
    wrong: str, stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    authorise(stripe_provider)
    event = stripe_fake.events[-1]
    body, headers = stripe_fake.message(event)
    if wrong == "other secret":
        body, headers = stripe_fake.message(event, secret="whsec_evil")
    elif wrong == "old":
        body, headers = stripe_fake.message(event, at=time.time() - 360)
    elif wrong == "changed":
        body = body.replace(b"2000", b"1000")
    elif wrong == "unsigned":
        headers = {}
    else:
        body, headers = b"\xff\xfe", headers
    with pytest.raises(BadWebhook):
        stripe_provider.read_webhook(body=body, headers=headers)


# -- the provider's own form


def open_form(found: Provider) -> Intent:
    return found.authorise(
        key="C-1:1", payment="PM-1", amount=EUR_20, method={}, return_url="http://testserver/back"
    )


def test_without_a_token_the_shopper_is_asked_in_the_form(
    stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    intent = open_form(stripe_provider)
    secret = stripe_fake.intents[intent.ref]["client_secret"]
    assert (intent.state, intent.action) == ("needs_action", {"kind": "form", "client_secret": secret})


@pytest.mark.parametrize(
    ("card", "state", "failure"),
    [
        ("4242424242424242", "authorised", ""),
        ("4000000000000002", "needs_action", "generic_decline"),
        ("4000000000009995", "needs_action", "insufficient_funds"),
        ("4000002760003184", "needs_action", ""),
    ],
)
def test_a_card_refused_in_the_form_leaves_it_open_for_another(
    card: str, state: str, failure: str, stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    ref = open_form(stripe_provider).ref
    stripe_fake.type_card(ref, card)
    intent = stripe_provider.fetch(ref)
    assert (intent.state, intent.failure) == (state, failure)


def test_a_message_of_the_form_says_the_same_as_asking(
    stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    ref = open_form(stripe_provider).ref
    stripe_fake.type_card(ref, "4000000000000002")
    body, headers = stripe_fake.message(stripe_fake.events[-1])
    assert stripe_provider.read_webhook(body=body, headers=headers).intent == stripe_provider.fetch(ref)


def test_a_browser_reaches_only_the_payment_whose_secret_it_has(
    stripe_provider: Provider, stripe_fake: StripeFake
) -> None:
    ref = open_form(stripe_provider).ref
    path = f"{stripe_fake.base}/v1/payment_intents/{ref}"
    known = stripe_fake.intents[ref]["client_secret"]
    told = [
        requests.get(path, params={"client_secret": secret}, headers={"Authorization": key}, timeout=5)
        for secret, key in (
            (known, "Bearer pk_test_local"),
            ("guessed", "Bearer pk_test_local"),
            (known, ""),
        )
    ]
    assert [answer.status_code for answer in told] == [200, 400, 401]
