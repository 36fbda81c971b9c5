"""Somebody in the United States signs in, buys at home and finds the order in the account."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress

from marketplace.accounts.models import User
from orders.models import OrderGroup
from tests.journeys.conftest import address_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


def test_the_order_stands_in_the_account(open_page: Any):
    page = open_page(address_of("long-day-tote"), market="US", currency="USD")
    user = User.objects.create_user("june@example.org", PASSWORD, name="June Example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_url("**/basket")

    page.goto("/auth/login/?next=/basket")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/basket")
    page.get_by_role("button", name="To the checkout").click()
    page.get_by_label("Full name").fill("June Example")
    page.get_by_label("Street and number").fill("1 Main Street")
    page.get_by_label("Postcode").fill("97214")
    page.get_by_label("Town or city").fill("Portland")
    page.get_by_label("State or province").fill("OR")
    page.get_by_label("Country", exact=True).select_option("US")
    page.get_by_role("button", name="Show the whole price").click()
    page.locator("button[name=action][value=pay]").click()
    page.wait_for_url("**/orders/**")
    page.goto("/account/")

    group = OrderGroup.objects.get()
    assert (group.user, group.market[:2], group.currency) == (user, "US", "USD")
    assert page.get_by_role("link", name=group.orders.get().public_id).count() == 1
