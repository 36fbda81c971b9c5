"""axe finds nothing on any page a shopper or a merchant meets, in light and in dark, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import Page

from catalog.demo import loading
from catalog.models import Listing
from tests.journeys.conftest import address_of
from tests.journeys.looking import look

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/", "/search", "/search?q=scarf", "/search?q=nothingofthekind", "/basket", "/wishes", "/place", "/terms", "/privacy",
    "/imprint", "/withdraw", "/ranking", "/reviews-policy", "/contact", "/accessibility", "/orders/find", "/auth/login/",
    "/auth/signup/", "/auth/password/reset/", "/m/garance", "/api/v1/docs/", "/there-is-nothing-here",
)  # fmt: skip


ADMIN = (
    "/admin/", "/admin/catalog/listing/", "/admin/catalog/listing/add/", "/admin/catalog/importrun/", "/admin/orders/order/",
    "/gallery/",
)  # fmt: skip
VIEWS = pytest.mark.parametrize(
    ("scheme", "width"),
    [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)],
    ids=["light on a desk", "dark on a desk", "light on a phone", "dark on a phone"],
)


def found_on(page: Page, axe: Any, paths: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (path, rule, element) of everything that axe finds, and pages wider than the screen."""
    found = []
    for path in paths:
        page.goto(path, wait_until="networkidle")
        found += look(page, axe, re.sub(r"\W+", "-", path))
    return found


@VIEWS
def test_axe_finds_nothing(open_page: Any, axe: Any, scheme: str, width: int):
    page = open_page("/", color_scheme=scheme, viewport={"width": width, "height": 900})
    paths = (*PAGES, address_of("long-day-tote"), address_of("plush-panda"))

    assert found_on(page, axe, paths) == []


def merchant(open_page: Any, **options: Any) -> Page:
    """Return the browser of a merchant who has signed in."""
    page = open_page("/admin/", **options)
    page.fill('[name="username"]', "yunlan@merchants.example")
    page.fill('[name="password"]', loading.DEMO_PASSWORD)
    page.locator('button[type="submit"]').first.click()
    page.wait_for_url("**/admin/")
    return page


@VIEWS
def test_axe_finds_nothing_on_a_merchants_pages(open_page: Any, axe: Any, scheme: str, width: int):
    page = merchant(open_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    listing = Listing.objects.get(code="plush-panda")

    assert found_on(page, axe, (*ADMIN, f"/admin/catalog/listing/{listing.pk}/change/")) == []


def test_the_menu_of_the_admin_opens_by_keyboard(open_page: Any):
    page = merchant(open_page, viewport={"width": 390, "height": 900})
    page.get_by_role("button", name="Menu").press("Enter")

    page.locator("#nav-sidebar").wait_for(state="visible")
