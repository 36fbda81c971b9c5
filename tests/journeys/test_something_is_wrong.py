"""A guest in Germany: a faulty thing that is repaired, fails again and is given back; a parcel that the carrier lost."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import Order
from returns import operations
from returns.models import Claim, OwedRefund, Return, ReturnUnit
from returns.operations import Counted, Verdict
from tests.journeys.test_guest_buys_abroad import check_out, fill_basket

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def buy(open_page: Any, **options: Any) -> tuple[Page, Order]:
    page = open_page("/", **options)
    fill_basket(page, "olive-soap")
    check_out(page)
    page.wait_for_url("**/orders/**")
    outbox.relay()
    return page, Order.objects.get()


def send(order: Order) -> Any:
    left = orders.left_to_ship(order)
    return orders.ship_parcel(
        order_id=order.pk, packed=[orders.Packed(line, count) for line, count in left.items()], carrier="other",
        tracking_number="ABC-12345", recorded_by="test", now=clock.now(),
    )  # fmt: skip


def come_back(claim: Claim) -> None:
    """The parcel of the newest return is with the seller, and looked at."""
    ret = Return.objects.filter(subject=claim.public_id).latest("pk")
    line = ret.lines.get().line.public_id
    operations.receive_return(
        return_id=ret.pk,
        counted={line: Counted(good=claim.quantity)},
        complete=True,
        by="seller",
        now=clock.now(),
    )
    units = ReturnUnit.objects.filter(return_line__ret=ret).values_list("public_id", flat=True)
    seen = [Verdict(unit=unit, accept=True, grade="D", resellable=False) for unit in units]
    operations.inspect_return(return_id=ret.pk, verdicts=seen, by="seller", now=clock.now())
    outbox.relay()


def ask_for_repair(page: Page, said: str) -> Claim:
    """Fill in the form of a claim and send it."""
    page.get_by_label("It is faulty or broke").check()
    page.get_by_label("Say it in your words").fill(said)
    page.get_by_label("Repair", exact=True).check()
    page.get_by_role("button", name="Send the claim").click()
    page.get_by_text("the seller answers", exact=True).wait_for()
    return Claim.objects.get()


def send_repaired(claim: Claim, note: str) -> None:
    """The seller sends what was repaired."""
    operations.send_remedy(
        claim_id=claim.pk, carrier="Post", tracking_number="9", note=note, by="seller", now=clock.now()
    )


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
        pytest.param({"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}, id="phone"),
    ],
)
def test_faulty_repaired_faulty_again_and_given_back(open_page: Any, axe: Any, options: dict[str, Any]):
    page, order = buy(open_page, **options)
    parcel = send(order)
    now = clock.now()
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=now, received_by="consumer", recorded_by="test", now=now
    )
    page.reload()
    page.get_by_role("link", name="Something wrong?").click()
    page.locator("main ul a").first.click()
    claim = ask_for_repair(page, "It crumbles.")

    operations.accept_claim(claim_id=claim.pk, by="seller", now=clock.now())
    page.reload()
    page.get_by_role("link", name="Send it back, at the seller’s cost").wait_for()
    come_back(claim)
    send_repaired(claim, "Pressed anew.")
    page.reload()
    if options.get("java_script_enabled", True):
        assert [rule["id"] for rule in axe.run(page).response["violations"]] == []
    page.get_by_text("It did not help, or takes too long").click()
    page.get_by_label("Send it back and get the money").check()
    page.get_by_role("button", name="Ask for this").click()
    page.get_by_text("After a repair the seller answers for faults longer").wait_for()

    operations.accept_claim(claim_id=claim.pk, by="seller", now=clock.now())
    come_back(claim)
    outbox.relay()
    page.reload()
    page.get_by_text("What you get back").wait_for()
    assert OwedRefund.objects.get().state in ("requested", "paid")
    assert OwedRefund.objects.get().amount_minor == order.total_minor


def test_a_lost_parcel_brings_the_money_back(open_page: Any):
    page, order = buy(open_page, java_script_enabled=False)
    parcel = send(order)
    orders.mark_lost(parcel_id=parcel.pk, recorded_by="test", now=clock.now())
    page.reload()
    page.get_by_role("link", name="Something wrong?").click()
    page.get_by_role("link", name="It has not come").click()
    page.get_by_role("button", name="End it and get my money back").click()
    page.get_by_text("The order has ended. Your money comes back.").wait_for()
    outbox.relay()
    assert OwedRefund.objects.get().amount_minor == order.total_minor
