"""A merchant's day where no script runs: sign in, mend a listing, record a parcel, sign out."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.demo.loading import DEMO_PASSWORD
from catalog.models import Listing
from orders.models import Order, Parcel
from tests.journeys.conftest import address_of
from tests.journeys.test_guest_buys_abroad import check_out
from tests.journeys.test_merchant_mends_a_listing import FRENCH

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SCRIPTLESS: dict[str, Any] = {"java_script_enabled": False}


@pytest.mark.parametrize(
    "size",
    [
        pytest.param({"width": 1280, "height": 900}, id="desktop"),
        pytest.param({"width": 390, "height": 844}, id="phone"),
    ],
)
def test_a_merchant_works_without_javascript(open_page: Any, size: dict[str, int]):
    shopper = open_page(address_of("crane-silk-scarf"), **SCRIPTLESS)
    shopper.get_by_role("button", name="Add to basket").click()
    check_out(shopper)
    shopper.wait_for_url("**/orders/**")

    page = open_page("/admin/", viewport=size, **SCRIPTLESS)
    page.get_by_label("E-mail address").fill("yunlan@merchants.example")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log in").click()

    page.locator("#nav-sidebar-apps a[href='/admin/catalog/listing/']").click()
    page.locator(f"a[href*='/listing/{Listing.objects.get(code='plush-panda').pk}/change']").first.click()
    page.locator("details:not([open]) > summary").evaluate_all("all => all.forEach(one => one.click())")
    page.locator("[name='d.warnings.fr']").fill(FRENCH)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved and judged.").wait_for()

    page.locator("#nav-sidebar-apps a[href='/admin/orders/order/']").click()
    page.locator(f"a[href*='/order/{Order.objects.get().pk}/change']").first.click()
    page.get_by_label("Carrier").select_option("other")
    page.get_by_role("button", name="Record the parcel").click()
    page.get_by_role("button", name="Record delivery").wait_for()

    page.get_by_role("button", name="Log out").click()
    page.goto("/admin/")

    assert "FR" in Listing.objects.get(code="plush-panda").offered_in
    assert [parcel.state for parcel in Parcel.objects.all()] == ["shipped"]
    assert page.get_by_role("button", name="Log in").count() == 1
