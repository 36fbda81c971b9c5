"""A listing that France may not buy for want of French warnings is mended in the admin, and is bought."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.demo.loading import DEMO_PASSWORD
from catalog.models import Listing
from orders.models import Order
from tests.journeys.conftest import address_of
from tests.journeys.test_guest_buys_abroad import fill_address

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
FRENCH = "Attention. Ne convient pas aux enfants de moins de 36 mois sans surveillance."


def test_french_warnings_open_france(open_page: Any):
    shopper = open_page(address_of("plush-panda"), market="FR")
    before = (
        shopper.get_by_text("Not sold to France").count(),
        shopper.get_by_role("button", name="Add to basket").count(),
    )

    merchant = open_page("/admin/")
    merchant.locator("input[name=username]").fill("yunlan@merchants.example")
    merchant.locator("input[name=password]").fill(DEMO_PASSWORD)
    merchant.locator("button[type=submit]").first.click()
    merchant.wait_for_url("**/admin/")
    merchant.goto(f"/admin/catalog/listing/{Listing.objects.get(code='plush-panda').pk}/change/")
    merchant.locator("[name='d.warnings.fr']").fill(FRENCH)
    merchant.get_by_role("button", name="Save", exact=True).click()
    merchant.wait_for_url("**/admin/catalog/listing/**")

    shopper.reload()
    shopper.get_by_role("button", name="Add to basket").click()
    shopper.wait_for_url("**/basket")
    shopper.get_by_role("button", name="To the checkout").click()
    fill_address(shopper, "card_ok")
    shopper.get_by_label("Postcode").fill("75011")
    shopper.get_by_label("Town or city").fill("Paris")
    shopper.get_by_label("Country", exact=True).select_option("FR")
    shopper.get_by_role("button", name="Show the whole price").click()
    shopper.locator("button[name=action][value=pay]").click()
    shopper.wait_for_url("**/orders/**")

    assert before == (1, 0)
    assert list(Order.objects.values_list("merchant__slug", "group__market")) == [("yunlan", "FR")]
