"""Money across borders: paid in one currency, it comes back whole in the same one, the way it was paid, with what was collected at the border."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from catalog.models import ExchangeRate
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import Order, Payment, Refund
from orders.queries.books import trial_balance
from returns import operations
from returns.models import OwedRefund, Return
from returns.operations import Counted
from tests.journeys.conftest import address_of
from tests.journeys.looking import Found, look
from tests.journeys.test_buys_from_japan import arrive

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
BOTH = (1280, 390)
ADDRESSES = {
    "DE": {"Postcode": "10115", "Town or city": "Berlin"},
    "GB": {"Postcode": "SW1A 1AA", "Town or city": "London"},
    "US-CA": {"Postcode": "90012", "Town or city": "Los Angeles", "State or province": "CA"},
}


def buy_the_scarf(page: Page, market: str) -> Order:
    """A scarf from China, paid by card, with duty and tax in the price."""
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_url("**/basket")
    page.get_by_role("button", name="To the checkout").click()
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Full name").fill("Ann Baker")
    page.get_by_label("Street and number").fill("1 High Street")
    page.get_by_label("Country", exact=True).select_option(market.split("-")[0])
    for label, words in ADDRESSES[market].items():
        page.get_by_label(label).fill(words)
    page.get_by_label("Which test card").select_option("card_ok")
    page.get_by_role("button", name="Show the whole price").click()
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url("**/orders/**")
    outbox.relay()
    return Order.objects.get()


@pytest.mark.parametrize(
    ("market", "currency", "sign"), [("GB", "GBP", "£"), ("US-CA", "USD", "$"), ("DE", "EUR", "€")]
)
def test_what_was_paid_abroad_comes_back_whole(
    open_page: Any, axe: Any, market: str, currency: str, sign: str
):
    found = list[Found]()
    page = open_page(
        address_of("crane-silk-scarf"),
        market=market,
        currency=currency,
        viewport={"width": 1280, "height": 900},
    )
    order = buy_the_scarf(page, market)
    arrive(order, clock.now())

    # the rates turn over between the order and the refund
    for rate in ExchangeRate.objects.order_by("currency").distinct("currency"):
        ExchangeRate.objects.update_or_create(
            currency=rate.currency, on=clock.today(), defaults={"rate": rate.rate * 2}
        )
    page.goto(f"/withdraw/order/{order.group.token}")
    page.get_by_role("button", name="Choose everything").click()
    page.locator("main button.button--primary").click()
    page.wait_for_url("**/withdrawals/**")
    ret = Return.objects.get()
    operations.receive_return(
        return_id=ret.pk, counted={ret.lines.get().line.public_id: Counted(good=1)}, complete=True, by="seller",
        now=clock.now(),
    )  # fmt: skip
    owed = OwedRefund.objects.get()
    operations.pay_due(today=owed.due_on, now=clock.now())
    refund = Refund.objects.get()
    orders.send_refund(refund_id=refund.pk, now=clock.now())
    outbox.relay()

    page.reload()
    page.get_by_text("Paid on").wait_for()
    said = page.get_by_role("main").inner_text()
    found += look(page, axe, f"abroad-{market}", widths=BOTH)
    refund.refresh_from_db()
    paid = Payment.objects.get()
    assert (refund.state, refund.payment_id, refund.currency) == ("done", paid.pk, currency)
    assert (refund.amount_minor, paid.captured_minor, paid.currency) == (
        order.total_minor,
        order.total_minor,
        currency,
    )
    assert ("duty" in {part["kind"] for part in owed.parts}) == bool(order.duty_minor + order.fees_minor)
    assert f"Refund of {sign}" in said
    assert "The money goes back the way you paid, in the currency you paid in." in said
    assert trial_balance().is_zero
    assert found == []
