"""A guest in Germany buys from France and from China in one checkout."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from orders.models import Order, OrderGroup, Payment
from tests.journeys.conftest import address_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def fill_basket(page: Page, *codes: str) -> None:
    for code in codes:
        page.goto(address_of(code))
        page.get_by_role("button", name="Add to basket").click()
        page.wait_for_url("**/basket")


def fill_address(page: Page, card: str) -> None:
    page.get_by_label("E-mail address").fill("ana@example.org")
    page.get_by_label("Full name").fill("Ana Beispiel")
    page.get_by_label("Street and number").fill("Torstraße 1")
    page.get_by_label("Postcode").fill("10115")
    page.get_by_label("Town or city").fill("Berlin")
    page.get_by_label("Country", exact=True).select_option("DE")
    page.get_by_label("Which test card").select_option(card)


def check_out(page: Page, card: str = "card_ok") -> None:
    page.get_by_role("button", name="To the checkout").click()
    fill_address(page, card)
    page.get_by_role("button", name="Show the whole price").click()
    page.get_by_role("button", name="order with obligation to pay").click()


def bought() -> tuple[int, list[str], list[str]]:
    """Return how many order groups there are, whom they are with, and how their payments stand."""
    merchants = sorted(Order.objects.values_list("merchant__slug", flat=True))
    return OrderGroup.objects.count(), merchants, sorted(Payment.objects.values_list("state", flat=True))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="desktop"),
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
        pytest.param({"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}, id="phone"),
    ],
)
def test_one_checkout_makes_one_order_with_each_merchant(open_page: Any, options: dict[str, Any]):
    page = open_page("/", **options)

    fill_basket(page, "olive-soap", "crane-silk-scarf")
    check_out(page)
    page.wait_for_url("**/orders/**")

    assert bought() == (1, ["garance", "yunlan"], ["captured"])


def test_a_bank_that_asks_is_answered_and_the_order_stands(open_page: Any):
    page = open_page("/")
    fill_basket(page, "olive-soap")
    check_out(page, "card_challenge")

    page.get_by_role("button", name="It is me").click()
    page.wait_for_url("**/orders/**")

    assert bought() == (1, ["garance"], ["captured"])


def test_a_declined_card_costs_nothing_and_says_so(open_page: Any):
    page = open_page("/")
    fill_basket(page, "olive-soap")
    check_out(page, "card_declined")

    page.get_by_text("The payment was declined. Nothing was charged.").wait_for()

    assert bought() == (0, [], ["failed"])


def test_the_whole_price_is_told_before_anything_is_asked(open_page: Any):
    page = open_page(address_of("crane-silk-scarf"))

    parts = page.locator(".price__part dt").all_inner_texts()

    assert parts == ["Goods", "Delivery", "Customs duty", "Tax"]
