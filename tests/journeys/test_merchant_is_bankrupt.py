"""A merchant is bankrupt and answers nobody: the clocks run out, the marketplace pays, claims it from the merchant, closes its shop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page

from catalog import tasks as catalog_tasks
from compliance import tasks as law
from compliance.enforcement.models import Suspension
from marketplace.accounts.models import Merchant
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders import tasks as money
from orders.models import Order, Payout, Refund
from orders.queries.books import account_named, trial_balance
from returns import operations
from returns import tasks as after_sales
from returns.carriers.protocol import Scan
from returns.models import Claim, OwedRefund, ReturnParcel
from tests.journeys.conftest import address_of
from tests.journeys.looking import Found, look
from tests.journeys.markets import MARKETS, PHONE, WIDE, live_in, seller_everywhere, sold_everywhere
from tests.journeys.test_guest_buys_abroad import check_out, fill_basket
from tests.journeys.test_law_changes import PASSWORD, deliver, make_officer, sign_in
from tests.returns import factories

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
OFFICERS = ("una@rightful.example", "otto@rightful.example")
IBAN = "FR7630006000011234567890189"
BOTH = (1280, 390)


class Calendar:
    """The days go by, and with each the jobs of the night run; the merchant does nothing on any of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.start = clock.now()
        self.at = self.start
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def go_to(self, day: int) -> datetime:
        """Let time pass until so many days after the purchase, one night after the other."""
        while self.at < self.start + timedelta(days=day):
            self.at += timedelta(days=1)
            self.night()
        return self.at

    def jump_to(self, day: int) -> datetime:
        """Let time pass in one leap; the jobs of two nights catch up with all that fell due."""
        outbox.relay()  # what was done today is told today
        self.at = self.start + timedelta(days=day - 1)
        self.night()
        self.at += timedelta(days=1)
        self.night()
        return self.at

    def night(self) -> None:
        for job in (
            after_sales.pay_refunds,
            after_sales.follow_claims,
            after_sales.follow_parcels,
            money.pay_merchants,
            money.reconcile_payments,
        ):
            job()
            for _ in range(3):
                outbox.relay()


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for task in (
        law.judge_touched,
        law.judge_subjects,
        catalog_tasks.bulk_settle_listings,
        money.send_refund,
    ):
        monkeypatch.setattr(task, "delay", task)


def buy(open_page: Any) -> tuple[Page, Order]:
    page = open_page("/", viewport={"width": 1280, "height": 900})
    fill_basket(page, "olive-soap")
    check_out(page)
    page.wait_for_url("**/orders/**")
    outbox.relay()
    return page, Order.objects.latest("pk")


def arrive(order: Order, now: datetime) -> None:
    packed = [orders.Packed(line, count) for line, count in orders.left_to_ship(order).items()]
    parcel = orders.ship_parcel(
        order_id=order.pk, packed=packed, carrier="other", tracking_number="ABC-12345", recorded_by="test", now=now
    )  # fmt: skip
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=now, received_by="consumer", recorded_by="test", now=now
    )


def send_back(page: Page) -> None:
    """The shopper brings the parcel to the post, and says so with the number on the receipt."""
    page.get_by_text("I sent it by my own means").click()
    page.get_by_label("Tracking number").fill("RE123456785FR")
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("It is on its way to the seller.").wait_for()


def test_the_marketplace_acts_where_the_merchant_does_not(
    open_page: Any, axe: Any, monkeypatch: pytest.MonkeyPatch
):
    for email in OFFICERS:
        make_officer(email)
    found = list[Found]()
    days = Calendar(monkeypatch)
    merchant = Merchant.objects.get(slug="garance")
    orders.set_bank_account(
        merchant_id=merchant.pk, holder="Garance", number=IBAN, given_by="test", now=days.at
    )
    page, paid_out = buy(open_page)
    first_home = page.url
    days.go_to(2)
    arrive(paid_out, days.at)
    days.go_to(30)
    assert Payout.objects.get().amount_minor > 0

    # bought, sent back, and nobody takes it in
    page, order = buy(open_page)
    days.go_to(32)
    arrive(order, days.at)
    days.go_to(34)
    page.goto(f"/withdraw/order/{order.group.token}")
    page.get_by_role("button", name="Choose everything").click()
    page.locator("main button.button--primary").click()
    page.wait_for_url("**/withdrawals/**")
    withdrawal = page.url
    page.get_by_role("link", name="Send it back", exact=True).click()
    send_back(page)
    owed = OwedRefund.objects.get()
    assert (owed.state, owed.due_on is not None) == ("due", True)
    page.goto(withdrawal)
    page.get_by_text("If the seller does nothing until then, we pay it.").wait_for()
    found += look(page, axe, "bankrupt-1-withdrawn", widths=BOTH)
    last_day = (owed.due_on - days.start.date()).days
    days.go_to(last_day - 1)
    assert OwedRefund.objects.get().state == "due"
    days.go_to(last_day + 1)
    owed.refresh_from_db()
    page.goto(withdrawal)
    page.get_by_text("Paid on").wait_for()
    found += look(page, axe, "bankrupt-2-paid", widths=BOTH)
    assert (owed.state, Refund.objects.get().state) == ("paid", "done")
    assert any(f"Your refund for order {order.public_id}" == letter.subject for letter in mail.outbox)

    # what the merchant was paid for breaks
    days.go_to(60)
    page.goto(first_home)
    page.get_by_role("link", name="Something wrong?").click()
    page.locator("main ul a").first.click()
    page.get_by_label("It is faulty or broke").check()
    page.get_by_label("Say it in your words").fill("It crumbles.")
    page.get_by_label("Repair", exact=True).check()
    page.get_by_role("button", name="Send the claim").click()
    page.wait_for_url("**/claims/**")
    found += look(page, axe, "bankrupt-3-claimed", widths=BOTH)
    days.go_to(69)
    page.reload()
    assert Claim.objects.get().state == "escalated"
    found += look(page, axe, "bankrupt-4-taken-over", widths=BOTH)
    days.go_to(76)
    page.reload()
    page.get_by_role("link", name="Send it back, at the seller’s cost").click()
    send_back(page)
    days.go_to(85)
    page.goto(first_home)
    found += look(page, axe, "bankrupt-5-order", widths=BOTH)
    claim = Claim.objects.get()
    page.goto(f"/claims/{claim.token}")
    page.get_by_text("The contract has ended for it, and your money is paid.").wait_for()
    found += look(page, axe, "bankrupt-6-ended", widths=BOTH)
    refunds = list(Refund.objects.order_by("pk").values_list("state", "amount_minor"))
    assert (claim.state, [state for state, _ in refunds]) == ("done", ["done", "done"])
    assert [amount for _, amount in refunds] == [order.total_minor, paid_out.total_minor]

    # what was paid for the merchant is claimed from it
    debt = account_named("payable", "EUR", merchant=merchant)
    assert (debt > 0, trial_balance().is_zero) == (True, True)

    # and its shop is closed, by two people
    una = sign_in(open_page, OFFICERS[0], PASSWORD)
    una.goto(f"/admin/law/sellers/{merchant.public_id}")
    una.get_by_label("Why it no longer holds").fill("Insolvency proceedings opened; nobody answers.")
    una.get_by_role("button", name="Withdraw the verification").click()
    deliver()
    una.goto("/admin/law/suspensions")
    una.get_by_label("Why a suspension is needed").fill("Insolvent, and answers nobody.")
    una.get_by_role("button", name="Propose a suspension").click()
    una.get_by_text("Another officer decides").wait_for()
    otto = sign_in(open_page, OFFICERS[1], PASSWORD)
    otto.goto("/admin/law/suspensions")
    otto.get_by_label("Note of the decision").fill("Seen in the register.")
    otto.get_by_role("button", name="Suspend", exact=True).click()
    otto.get_by_text("The merchant is told").wait_for()
    deliver()
    page.goto(address_of("olive-soap"))
    merchant.refresh_from_db()
    assert (merchant.status, Suspension.objects.get().state) == ("suspended", "in_force")
    assert page.get_by_role("button", name="Add to basket").count() == 0
    page.goto(first_home)  # the rights of who bought before stay where they were
    page.get_by_text(paid_out.public_id).first.wait_for()
    assert found == []


@pytest.mark.parametrize(
    ("market", "options"),
    [
        pytest.param("GB", {**PHONE, "color_scheme": "dark"}, id="GB, sent by own means"),
        pytest.param("US-CA", WIDE, id="US-CA, by the seller's promise"),
        pytest.param("CN", WIDE, id="CN, by our label"),
        pytest.param("JP", PHONE, id="JP, sent by own means, and nobody says that it came"),
    ],
)
def test_the_marketplace_acts_abroad_too(
    visit: Any, axe: Any, monkeypatch: pytest.MonkeyPatch, market: str, options: dict[str, Any]
):
    page = visit("/contact", market=market, language="en", **options)
    days = Calendar(monkeypatch)
    place, seller = live_in(market, monkeypatch), seller_everywhere(promised=30)
    given_back, broken = (
        factories.buy([(sold_everywhere(seller, price=9000), 1)], place=place, now=days.at)
        for _each in range(2)
    )
    days.jump_to(2)
    for group in (given_back, broken):
        arrive(group.orders.get(), days.at)
    days.jump_to(4)

    # withdrawn from and sent back, and nobody takes it in
    page.goto(f"/withdraw/order/{given_back.token}")
    page.get_by_role("button", name="Choose everything").click()
    page.locator("main button.button--primary").click()
    page.wait_for_url("**/withdrawals/**")
    withdrawal = page.url
    page.get_by_role("link", name="Send it back", exact=True).click()
    if market == "CN":
        send_by_label(page, days)
    else:
        send_back(page)

    # faulty, and nobody answers
    page.goto(f"/orders/{broken.token}")
    page.get_by_role("link", name="Something wrong?").click()
    page.locator("main ul a").first.click()
    page.get_by_label("It is faulty or broke").check()
    page.get_by_label("Say it in your words").fill("It fell apart.")
    wanted = "Hand it back at once and get the money" if market == "CN" else "Repair"
    page.get_by_label(wanted, exact=True).check()
    page.get_by_role("button", name="Send the claim").click()
    page.wait_for_url("**/claims/**")
    claim = page.url
    days.jump_to(20)
    assert Claim.objects.get().state == "escalated"
    days.jump_to(27)
    page.reload()
    found = look(page, axe, f"bankrupt-{market}-1-decided")
    page.get_by_role("link", name="Send it back, at the seller’s cost").click()
    if market == "CN":
        send_by_label(page, days)
    else:
        send_back(page)
    days.jump_to(40)  # a sending with a proof, and the seller says nothing for thirty days
    page.goto(withdrawal)
    page.get_by_text("Paid on").wait_for()
    found += look(page, axe, f"bankrupt-{market}-2-paid")
    page.goto(claim)
    page.get_by_text("The contract has ended for it, and your money is paid.").wait_for()
    found += look(page, axe, f"bankrupt-{market}-3-ended")
    asked = OwedRefund.objects.exclude(state="void").values_list("subject", "state", "currency")
    assert {(subject[:2], state, currency) for subject, state, currency in asked} == {
        (start, "paid", MARKETS[market][0]) for start in ("W-", "CL")
    }
    assert OwedRefund.objects.get(subject__startswith="CL-").amount_minor == broken.total_minor
    assert (trial_balance().is_zero, found) == (True, [])


def send_by_label(page: Page, days: Calendar) -> None:
    """The shopper brings it to a parcel shop with our label; the carrier leaves it at a door that nobody opens."""
    page.get_by_role("button", name="Make the label").click()
    page.get_by_text("Your label is ready.").wait_for()
    number = ReturnParcel.objects.latest("pk").tracking_number
    scans = [Scan(number, "accepted", days.at), Scan(number, "delivered", days.at + timedelta(days=3))]
    operations.record_scans(
        carrier="rightful", scans=scans, now=days.jump_to((days.at - days.start).days + 4)
    )
