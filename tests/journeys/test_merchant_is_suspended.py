"""A merchant hides its telephone number: suspended by two officers, it reads why, complains, mends, and sells again.

With RIGHTFUL_PICTURES=<folder> every page of the way is photographed there, on a desk and on a phone.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page

from catalog import tasks as catalog_tasks
from catalog.demo.loading import DEMO_PASSWORD
from catalog.models import Listing
from compliance import tasks
from compliance.enforcement.models import Appeal, Measure, Suspension
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Merchant
from orders.models import Order
from tests.journeys.conftest import address_of
from tests.journeys.looking import look
from tests.journeys.test_guest_buys_abroad import fill_address
from tests.journeys.test_law_changes import PASSWORD, deliver, make_officer, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
OFFICERS = ("una@rightful.example", "otto@rightful.example")


class Looker:
    """Look at pages as people and as axe do; pictures are taken if somebody wants them."""

    def __init__(self, axe: Any) -> None:
        self.axe = axe
        self.found: list[tuple[str, str, str]] = []

    def at(self, page: Page, name: str) -> None:
        self.found += look(page, self.axe, name, widths=(1280, 390))


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for task in (tasks.judge_touched, tasks.judge_subjects, catalog_tasks.bulk_settle_listings):
        monkeypatch.setattr(task, "delay", task)


def may_buy(page: Page) -> int:
    page.goto(address_of_soap())
    return page.get_by_role("button", name="Add to basket").count()


def address_of_soap() -> str:
    return address_of("olive-soap")


def test_from_the_proposal_to_the_next_sale(open_page: Any, axe: Any):
    looker = Looker(axe)
    for email in OFFICERS:
        make_officer(email)
    merchant = Merchant.objects.get(slug="garance")
    phone = merchant.phone
    shopper = open_page(address_of_soap(), market="FR")
    at_first = shopper.get_by_role("button", name="Add to basket").count()

    accounts.update_merchant(merchant_id=merchant.pk, phone="")
    deliver()
    una = sign_in(open_page, OFFICERS[0], PASSWORD)
    una.goto("/admin/law/suspensions")
    looker.at(una, "1-candidate")
    una.get_by_label("Why a suspension is needed").fill("Nobody can reach it by telephone.")
    una.get_by_role("button", name="Propose a suspension").click()
    una.get_by_text("Another officer decides").wait_for()
    own = una.get_by_role("button", name="Suspend", exact=True).count()

    otto = sign_in(open_page, OFFICERS[1], PASSWORD)
    otto.goto("/admin/law/suspensions")
    otto.get_by_label("Note of the decision").fill("Tried twice.")
    looker.at(otto, "2-second-officer")
    otto.get_by_role("button", name="Suspend", exact=True).click()
    otto.get_by_text("The merchant is told").wait_for()
    deliver()
    letters = [letter.subject for letter in mail.outbox if "suspended" in letter.subject]
    while_suspended = shopper.goto(address_of_soap()).status, may_buy(shopper)

    garance = sign_in(open_page, "garance@merchants.example", DEMO_PASSWORD)
    garance.goto("/admin/catalog/measures")
    looker.at(garance, "3-measures")
    garance.locator("table a").first.click()
    garance.get_by_role("heading", name="Statement of reasons").wait_for()
    reason = garance.get_by_text("is missing.").count()
    looker.at(garance, "4-reasons")
    garance.get_by_label("What is wrong with it").fill("We only changed our line.")
    garance.get_by_role("button", name="Send the complaint").click()
    garance.get_by_text("A person decides it").wait_for()
    looker.at(garance, "5-complained")

    garance.goto(f"/admin/accounts/merchant/{merchant.pk}/change/")
    garance.locator("[name=phone]").fill(phone)
    garance.get_by_role("button", name="Save", exact=True).click()
    garance.wait_for_url("**/admin/accounts/merchant/")
    deliver()
    deliver()  # the news of the lifting follows from the first round's
    otto.goto("/admin/law/suspensions")
    looker.at(otto, "6-lifted")

    shopper.goto(address_of_soap())
    looker.at(shopper, "7-sold-again")
    shopper.get_by_role("button", name="Add to basket").click()
    shopper.wait_for_url("**/basket")
    shopper.get_by_role("button", name="To the checkout").click()
    fill_address(shopper, "card_ok")
    shopper.get_by_role("button", name="Show the whole price").click()
    shopper.locator("button[name=action][value=pay]").click()
    shopper.wait_for_url("**/orders/**")

    row, suspended = Suspension.objects.get(), Measure.objects.get(step="suspend")
    assert (at_first, own, len(letters), while_suspended[1], reason > 0) == (1, 0, 1, 0, True)
    assert (row.state, row.proposed_by.email, row.decided_by.email) == ("lifted", *OFFICERS)
    assert (suspended.lifted_at is not None, Appeal.objects.get().state) == (True, "open")
    assert Listing.objects.get(code="olive-soap").offered_in
    assert list(Order.objects.values_list("merchant__slug", flat=True)) == ["garance"]
    assert looker.found == []
