"""A guest in Japan: what the law wants shown stands in the offer and on the last page; what the law does not give, the seller's promise does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from compliance import rulebook
from marketplace.accounts.models import Merchant
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import ContractSnapshot, Order, Refund
from returns import operations
from returns.models import OwedRefund, Return, WithdrawalLine
from returns.operations import Counted
from tests.journeys.conftest import address_of
from tests.journeys.looking import Found, look

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
BOTH = (1280, 390)
PROMISED = 30  # days; of the demo's merchant, more than the law gives


def fill_in(page: Page) -> None:
    page.get_by_label("E-mail address").fill("yuki@example.org")
    page.get_by_label("Full name").fill("Sato Yuki")
    page.get_by_label("Street and number").fill("1-1 Chiyoda")
    page.get_by_label("Country", exact=True).select_option("JP")
    page.get_by_label("Postcode").fill("100-0001")
    page.get_by_label("Town or city").fill("Chiyoda-ku")
    page.get_by_label("State or province").fill("Tokyo")
    page.get_by_label("Which test card").select_option("card_ok")


def arrive(order: Order, now: Any) -> None:
    packed = [orders.Packed(line, count) for line, count in orders.left_to_ship(order).items()]
    parcel = orders.ship_parcel(
        order_id=order.pk, packed=packed, carrier="other", tracking_number="ABC-12345", recorded_by="test", now=now
    )  # fmt: skip
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=now, received_by="consumer", recorded_by="test", now=now
    )


def test_return_terms_are_shown_before_the_order_and_kept_after_the_law_s_days(
    open_page: Any, axe: Any, monkeypatch: pytest.MonkeyPatch
):
    found = list[Found]()
    merchant = Merchant.objects.get(slug="yunlan")
    merchant.numbers = {**merchant.numbers, "representative_name": "Lin Yun"}
    merchant.save(update_fields=["numbers"])
    law_days = rulebook.default().rules["jp.withdrawal.period"].versions[-1].value
    assert law_days < PROMISED

    # the offer
    page = open_page(
        address_of("crane-silk-scarf"), market="JP", currency="JPY", viewport={"width": 1280, "height": 900}
    )
    found += look(page, axe, "japan-1-offer", widths=BOTH)
    offer = page.get_by_role("main").inner_text()
    wanted = (
        "all in", "Delivery", "Changing your mind", f"within {PROMISED} days of delivery", "Sending it back",
        merchant.legal_name, merchant.street, merchant.phone, "Lin Yun",
    )  # fmt: skip
    assert [words for words in wanted if words not in offer] == []

    # the last page before the order
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_url("**/basket")
    page.get_by_role("button", name="To the checkout").click()
    fill_in(page)
    page.get_by_role("button", name="Show the whole price").click()
    pay = page.locator("button[name=action][value=pay]")
    pay.wait_for()
    found += look(page, axe, "japan-2-last-page", widths=BOTH)
    last = page.get_by_role("main").inner_text()
    wanted = (
        "1 × ", "Total", "You are charged when you press the button", "We hold these things for you until", f"within {PROMISED} days of delivery", "Sending it back",
    )  # fmt: skip
    assert [words for words in wanted if words not in last] == []
    pay.click()
    page.wait_for_url("**/orders/**")
    outbox.relay()
    order, now = Order.objects.get(), clock.now()
    kept = ContractSnapshot.objects.get().content["final_screen"]
    assert (kept["total_minor"], list(kept["returns"].values())) == (order.group.total_minor, [PROMISED])

    # after the days of the law, within those of the promise
    arrive(order, now)
    later = now + timedelta(days=law_days + 10)
    monkeypatch.setattr(clock, "now", lambda: later)
    page.goto(f"/withdraw/order/{order.group.token}")
    page.get_by_role("button", name="Choose everything").click()
    page.locator("main button.button--primary").click()
    page.wait_for_url("**/withdrawals/**")
    page.get_by_text("In time by the seller's own promise.").or_(
        page.get_by_text("In time by the seller’s own promise.")
    ).wait_for()
    found += look(page, axe, "japan-3-withdrawn", widths=BOTH)
    assert list(WithdrawalLine.objects.values_list("state", "ground")) == [("effective", "promise")]

    ret = Return.objects.get()
    operations.receive_return(
        return_id=ret.pk, counted={ret.lines.get().line.public_id: Counted(good=1)}, complete=True, by="seller", now=later
    )  # fmt: skip
    owed = OwedRefund.objects.get()
    operations.pay_due(today=owed.due_on, now=later)
    refund = Refund.objects.get()
    orders.send_refund(refund_id=refund.pk, now=later)
    outbox.relay()
    page.reload()
    page.get_by_text("Paid on").wait_for()
    refund.refresh_from_db()
    assert (refund.state, refund.currency, refund.amount_minor) == ("done", "JPY", owed.amount_minor)
    assert found == []
