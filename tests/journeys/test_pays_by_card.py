"""Somebody pays by card in the provider's form: accepted, refused, asked by the bank, walked away.

The browser talks to the site and to the stand-in over real HTTP, under the content policy as it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page

from catalog.models import Stock
from marketplace.kernel import clock
from orders import operations
from orders.models import Checkout, Order, OrderGroup, Payment, PaymentEvent
from tests.fakes.stripe_server import StripeFake, running_stripe
from tests.journeys.conftest import address_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
GOOD, DECLINED, POOR, ASKING = (
    "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 9995", "4000 0027 6000 3184",
)  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def stripe_fake(settings: Any) -> Iterator[StripeFake]:
    """Return a running stand-in for Stripe that the site is set to use."""
    with running_stripe() as fake:
        settings.STRIPE_API_BASE = fake.base
        settings.STRIPE_SCRIPT_URL = f"{fake.base}/stripe.js"
        settings.STRIPE_WEBHOOK_SECRET = fake.secret
        yield fake


LABELS = {
    "en": ("To the checkout", "Show the whole price", "order with obligation to pay"),
    "de": ("Zur Kasse", "Ganzen Preis zeigen", "zahlungspflichtig bestellen"),
}


def go_to_the_form(page: Page, language: str = "en") -> FrameLocator:
    """Put something into the basket, fill in the checkout, press the button; the frame with the card's fields."""
    go, price, order = LABELS[language]
    page.goto(address_of("olive-soap"))
    page.locator("main form[action$='/basket/add'] button.button--primary").click()
    page.wait_for_url("**/basket")
    page.get_by_role("button", name=go).click()
    for name, value in {
        "email": "ana@example.org", "name": "Ana Beispiel", "street": "Torstraße 1", "postcode": "10115",
        "city": "Berlin",
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=country]").select_option("DE")
    page.locator("[name=method][value=stripe]").check()
    page.get_by_role("button", name=price).click()
    page.get_by_role("button", name=order).click()
    page.wait_for_url("**/pay")
    return page.frame_locator("#card iframe")


def form_is_there(page: Page) -> None:
    """Wait until the card form can be filled in."""
    page.locator("#pay-button:not([disabled])").wait_for()


def type_card(page: Page, number: str) -> None:
    """Fill in the card and press the button."""
    fields = page.frame_locator("#card iframe")
    fields.locator("[name=number]").fill(number)
    fields.locator("[name=expiry]").fill("12/34")
    fields.locator("[name=code]").fill("123")
    press(page.locator("#pay-button"))


def press(button: Locator) -> None:
    """Press a button by its key: a click right after scrolling can land in the frame that was there before."""
    button.press("Enter")


def books(fake: StripeFake) -> tuple[int, list[str], bool]:
    """Return how many orders there are, how payments stand, and whether the provider holds what they cost."""
    total = sum(OrderGroup.objects.values_list("total_minor", flat=True))
    return Order.objects.count(), states(), fake.captured_total() == total


def states() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("options", [pytest.param({}, id="desk"), pytest.param(PHONE, id="phone")])
def test_a_good_card_places_the_order(open_page: Any, stripe_fake: StripeFake, options: dict[str, Any]):
    page = open_page("/", **options)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    go_to_the_form(page)

    type_card(page, GOOD)
    page.wait_for_url("**/orders/**")

    assert (books(stripe_fake), refused) == ((1, ["captured"], True), [])


def test_the_keyboard_is_enough_and_the_words_are_german(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/", language="de")
    fields = go_to_the_form(page, "de")
    heading, button = page.locator("h1").inner_text(), page.locator("#pay-button").inner_text()

    form_is_there(page)  # until the fields are ready the button is disabled, and Tab goes past it
    fields.get_by_label("Kartennummer").focus()
    page.keyboard.type("4242424242424242")
    page.keyboard.press("Tab")
    page.keyboard.type("1234")
    page.keyboard.press("Tab")
    page.keyboard.type("123")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/**")

    assert (heading, button.endswith("zahlen"), books(stripe_fake)) == (
        "Mit Karte zahlen",
        True,
        (1, ["captured"], True),
    )


def test_after_a_declined_card_another_pays(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    go_to_the_form(page)
    said = []
    for number in ("4242", DECLINED, POOR):
        type_card(page, number)
        page.locator("#pay-problem:not([hidden])").wait_for()
        form_is_there(page)
        said.append(page.locator("#pay-problem").inner_text().strip())
    before = Order.objects.count()

    type_card(page, GOOD)
    page.wait_for_url("**/orders/**")

    assert said == [
        "Your card number is incomplete.",
        "Your card was declined.",
        "Your card has insufficient funds.",
    ]
    assert (before, books(stripe_fake)) == (0, (1, ["captured"], True))


def test_a_bank_that_asks_is_answered(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    go_to_the_form(page)
    type_card(page, ASKING)

    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url("**/orders/**")

    assert books(stripe_fake) == (1, ["captured"], True)


def test_a_bank_that_refuses_is_told_and_another_card_pays(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    go_to_the_form(page)
    type_card(page, ASKING)
    page.get_by_role("button", name="Fail authentication").click()
    page.get_by_text("Your bank did not confirm that it is you who pays.").wait_for()
    before = books(stripe_fake)

    type_card(page, GOOD)
    page.wait_for_url("**/orders/**")

    assert (before, books(stripe_fake)) == ((0, ["needs_action"], True), (1, ["captured"], True))


def test_a_browser_closed_at_the_bank_and_a_message_make_one_order(
    open_page: Any, shelf: Any, stripe_fake: StripeFake
):
    page = open_page("/")
    go_to_the_form(page)
    type_card(page, ASKING)
    page.get_by_role("button", name="Complete authentication").wait_for()
    checkout = Checkout.objects.get()
    page.context.clear_cookies()
    page.close()
    [ref] = stripe_fake.intents
    stripe_fake.pass_challenge(ref, passed=True)

    answers = [stripe_fake.send(f"{shelf.url}/webhooks/payments/stripe") for _ in range(3)]
    later = open_page(f"/checkout/{checkout.token}/bank")

    assert ({status for told in answers for status in told}, books(stripe_fake)) == (
        {200},
        (1, ["captured"], True),
    )
    assert (later.url.rpartition("/")[2], PaymentEvent.objects.filter(applied_at=None).count()) == (
        OrderGroup.objects.get().token,
        0,
    )


def test_a_payment_nobody_finishes_lets_the_goods_go_and_says_so(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    go_to_the_form(page)
    held = sum(Stock.objects.values_list("reserved", flat=True))
    operations.reconcile_payments(now=clock.now() + timedelta(hours=1))

    type_card(page, GOOD)
    page.wait_for_url("**/basket")

    assert page.get_by_text("The time for this checkout is over.").count() == 1
    assert page.get_by_role("button", name="To the checkout").count() == 1
    assert (held, sum(Stock.objects.values_list("reserved", flat=True)), books(stripe_fake)) == (
        1,
        0,
        (0, ["cancelled"], True),
    )


def test_another_way_to_pay_is_one_press_away(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    go_to_the_form(page)
    form_is_there(page)

    press(page.get_by_role("button", name="Back to the checkout"))
    page.get_by_text("Nothing was charged. Choose how you want to pay.").wait_for()
    page.locator("[name=method][value=offline]").check()
    page.get_by_role("button", name="order with obligation to pay").click()
    page.wait_for_url("**/orders/**")

    assert (states(), stripe_fake.captured_total()) == (["cancelled", "captured"], 0)


def test_without_javascript_there_is_no_dead_form_but_another_way(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/", java_script_enabled=False)
    go_to_the_form(page)
    seen = (
        page.get_by_text("The card form needs JavaScript").is_visible(),
        page.locator("#pay-button").is_visible(),
        page.get_by_text("You can also pay another way: Test card (nothing is charged).").is_visible(),
    )

    page.get_by_role("button", name="Back to the checkout").click()
    page.locator("[name=method][value=offline]").check()
    page.get_by_role("button", name="order with obligation to pay").click()
    page.wait_for_url("**/orders/**")

    assert (seen, states()) == ((True, False, True), ["cancelled", "captured"])


def test_a_script_that_does_not_come_is_told(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    page.route("**/stripe.js", lambda route: route.abort())
    go_to_the_form(page)

    page.get_by_text("The card form could not be loaded.").wait_for()

    assert page.locator("#pay-button").is_visible() is False


def test_a_script_from_elsewhere_is_not_run_on_the_payment_page(open_page: Any, stripe_fake: StripeFake):
    page = open_page("/")
    go_to_the_form(page)

    with running_stripe() as stranger:
        outcome = page.evaluate(
            """(src) => new Promise((resolve) => {
                 const script = Object.assign(document.createElement("script"), { src });
                 script.onload = () => resolve("ran"); script.onerror = () => resolve("refused");
                 document.head.append(script);
               })""",
            f"{stranger.base}/stripe.js",
        )

    assert outcome == "refused"


@pytest.mark.parametrize("options", [pytest.param({}, id="light"), pytest.param(PHONE, id="dark phone")])
def test_axe_finds_nothing_on_the_payment_page(
    open_page: Any, axe: Any, stripe_fake: StripeFake, options: dict[str, Any]
):
    page = open_page("/", **options)
    go_to_the_form(page)
    type_card(page, DECLINED)
    page.locator("#pay-problem:not([hidden])").wait_for()

    report = axe.run(page, options={"iframes": False}).response

    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in report["violations"]] == []
