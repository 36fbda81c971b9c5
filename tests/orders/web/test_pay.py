"""The payment page: what it shows of a payment on its way, what its policy opens, and where it leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from marketplace.accounts.models import User
from marketplace.kernel import clock
from orders import operations
from orders.models import Checkout, OrderGroup, Payment
from tests.fakes.stripe_server import StripeFake
from tests.orders import factories as make
from tests.orders.factories import load_rates, make_checkout, make_merchant, make_variant

pytestmark = pytest.mark.django_db(transaction=True)
STRIPE_OWN = "https://js.stripe.com/endive/stripe.js"


@pytest.fixture
def checkout(transactional_db: None) -> Checkout:
    load_rates()
    return make_checkout([(make_variant(make_merchant(), stock=5), 1)], now=clock.now())


def press(client: Client, checkout: Checkout, **more: str) -> Any:
    """Fill in the checkout and press the order button."""
    checkout.refresh_from_db()
    data = {
        "email": "ada@example.com", **make.ADDRESS,
        "method": "stripe", "action": "pay", "quote": checkout.quote_digest, **more,
    }  # fmt: skip
    return client.post(f"/checkout/{checkout.token}", data)


def page_of(checkout: Checkout) -> str:
    return f"/checkout/{checkout.token}/pay"


def directives(answer: Any) -> dict[str, str]:
    """Return the policy of an answer by directive."""
    parts = (part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *rest in parts for sources in rest}


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_the_button_leads_to_the_card_form(client: Client, checkout: Checkout, stripe_fake: StripeFake):
    pressed = press(client, checkout)

    shown = client.get(pressed.headers["Location"]).context["page"]
    [intent] = stripe_fake.intents.values()
    assert (pressed.headers["Location"], shown.kind, shown.form.secret, shown.form.key) == (
        page_of(checkout), "form", intent["client_secret"], "pk_test_local",
    )  # fmt: skip


def test_the_policy_opens_the_provider_s_own_addresses(
    client: Client, checkout: Checkout, stripe_fake: StripeFake, settings: Any
):
    settings.STRIPE_SCRIPT_URL = STRIPE_OWN
    press(client, checkout)

    policy = directives(client.get(page_of(checkout)))

    assert {name: policy[name] for name in ("script-src", "frame-src", "connect-src", "style-src")} == {
        "script-src": "'self' https://js.stripe.com https://*.js.stripe.com",
        "frame-src": "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
        "connect-src": "'self' https://api.stripe.com",
        "style-src": "'self'",
    }


def test_no_other_page_opens_anything(client: Client, checkout: Checkout, stripe_fake: StripeFake):
    strict = directives(client.get("/terms"))
    own = directives(client.get(f"/checkout/{checkout.token}"))
    press(client, checkout, method="offline", card="card_challenge")

    waiting = client.get(page_of(checkout))

    assert (own, directives(waiting), waiting.context["page"].kind) == (strict, strict, "bank")


def test_a_payment_that_is_thought_about_waits_under_the_strict_policy(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)
    [ref] = stripe_fake.intents
    stripe_fake.intents[ref]["status"] = "processing"
    Payment.objects.update(state="created", action={})

    answer = client.get(page_of(checkout))

    assert (answer.context["page"].kind, "stripe" in answer.headers["Content-Security-Policy"]) == (
        "wait",
        False,
    )


def test_a_provider_that_is_down_is_told_and_asked_again(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    stripe_fake.is_down = True
    pressed = press(client, checkout)
    told = client.get(pressed.headers["Location"])
    stripe_fake.is_down = False

    again = client.get(page_of(checkout))

    assert (b"does not answer" in told.content, told.context["page"].kind, again.context["page"].kind) == (
        True,
        "wait",
        "form",
    )


def test_without_the_script_the_other_ways_are_named(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)

    html = client.get(page_of(checkout)).content.decode()

    assert (
        "The card form needs JavaScript" in html,
        'id="pay-button" hidden' in html,
        "You can also pay another way" in html,
    ) == (
        True,
        True,
        True,
    )


def test_coming_back_after_paying_leads_to_the_order(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)
    [ref] = stripe_fake.intents
    stripe_fake.type_card(ref, "4242424242424242")

    back = client.get(f"/checkout/{checkout.token}/bank?payment_intent={ref}&redirect_status=failed")

    assert back.headers["Location"] == f"/orders/{OrderGroup.objects.get().token}"


def test_what_the_address_says_of_the_payment_is_not_believed(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)

    back = client.get(f"/checkout/{checkout.token}/bank?payment_intent=pi_1&redirect_status=succeeded")

    assert (back.headers["Location"], OrderGroup.objects.count()) == (page_of(checkout), 0)


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("4000000000000002", "The card was declined."),
        ("4000000000009995", "There is not enough money on this card."),
    ],
)
def test_a_refused_card_is_told_in_words(
    client: Client, checkout: Checkout, stripe_fake: StripeFake, card: str, words: str
):
    press(client, checkout)
    [ref] = stripe_fake.intents
    stripe_fake.type_card(ref, card)

    assert client.get(page_of(checkout)).context["page"].failure == words


def test_leaving_opens_the_checkout_for_another_way(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)
    left = client.post(f"{page_of(checkout)}/leave")
    words = said(left)

    placed = press(client, checkout, method="offline", card="card_ok")

    assert (words, left.headers["Location"], placed.headers["Location"]) == (
        ["Nothing was charged. Choose how you want to pay."],
        f"/checkout/{checkout.token}",
        f"/orders/{OrderGroup.objects.get().token}",
    )


def test_the_checkout_leads_to_the_payment_while_it_runs(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)

    answers = [client.get(f"/checkout/{checkout.token}"), press(client, checkout)]

    assert ([answer.headers["Location"] for answer in answers], Payment.objects.count()) == (
        [page_of(checkout)] * 2,
        1,
    )


def test_whoever_comes_back_too_late_is_told_and_finds_the_basket(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)
    operations.reconcile_payments(now=clock.now() + timedelta(hours=2))

    back = client.get(page_of(checkout), follow=True)

    basket = back.context["page"]["merchants"]
    assert (back.redirect_chain[-1], b"The time for this checkout is over" in back.content, len(basket)) == (
        ("/basket", 302),
        True,
        1,
    )


def test_an_open_checkout_whose_time_is_over_says_so(client: Client, checkout: Checkout):
    Checkout.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    answer = client.get(f"/checkout/{checkout.token}")
    checkout.refresh_from_db()

    assert (answer.headers["Location"], len(said(answer)), checkout.state) == ("/basket", 1, "expired")


def test_money_that_came_too_late_is_told_to_be_let_go(
    client: Client, checkout: Checkout, stripe_fake: StripeFake
):
    press(client, checkout)
    Payment.objects.update(failure="out_of_stock", state="cancelled")
    Checkout.objects.update(state="abandoned")

    assert "let go or sent back" in said(client.get(f"/checkout/{checkout.token}"))[0]


@pytest.mark.parametrize("path", ["", "/pay", "/bank"])
def test_whoever_was_signed_out_signs_in_and_is_back(client: Client, checkout: Checkout, path: str):
    user = User.objects.create_user("ana@example.org", "correct horse battery")
    Checkout.objects.update(user=user)

    answer = client.get(f"/checkout/{checkout.token}{path}")

    assert (answer.headers["Location"], "signed out" in said(answer)[0]) == (
        f"/auth/login/?next=/checkout/{checkout.token}{path}",
        True,
    )


def test_somebody_else_who_is_signed_in_finds_nothing(client: Client, checkout: Checkout):
    Checkout.objects.update(user=User.objects.create_user("ana@example.org", "correct horse battery"))
    other = User.objects.create_user("eve@example.org", "correct horse battery")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(f"/checkout/{checkout.token}/pay").status_code == 404


@pytest.mark.parametrize("referer", ["/checkout/x", "https://evil.example/x"])
def test_a_form_without_its_proof_orders_nothing_and_keeps_the_basket(checkout: Checkout, referer: str):
    client = Client(enforce_csrf_checks=True)
    site = "http://testserver"
    client.get(f"/checkout/{checkout.token}")
    address = referer if referer.startswith("https") else site + referer

    answer = client.post(
        f"/checkout/{checkout.token}",
        {"action": "pay", "csrfmiddlewaretoken": "f" * 64},
        headers={"referer": address},
    )

    checkout.refresh_from_db()
    back = "/" if address == referer else address
    assert (answer.status_code, b"your basket is kept" in answer.content, answer.context["back"]) == (
        403,
        True,
        back,
    )
    assert (checkout.state, checkout.basket.lines.count(), Payment.objects.count()) == ("open", 1, 0)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.stripe.com/3ds/1", "https://hooks.stripe.com/3ds/1"),
        ("http://evil.example/", ""),
        ("//evil.example/", ""),
        ("/\\evil.example/", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_only_a_safe_bank_is_linked_to(
    client: Client, checkout: Checkout, stripe_fake: StripeFake, url: str, shown: str
):
    press(client, checkout)
    stripe_fake.is_down = True
    Payment.objects.update(action={"kind": "redirect", "url": url})

    assert client.get(page_of(checkout)).context["page"].bank_url == shown
