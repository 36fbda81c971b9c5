"""axe finds nothing on the merchants' and the officers' pages, in light and in dark, on a desk and on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from catalog.demo.loading import DEMO_PASSWORD
from catalog.models import Listing
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from tests.journeys.looking import photograph
from tests.journeys.test_law_changes import PASSWORD, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
MERCHANT = (
    "/admin/", "/admin/catalog/listing/", "/admin/catalog/listing/add/", "/admin/catalog/importrun/",
    "/admin/catalog/importrun/add/", "/admin/orders/order/", "/admin/catalog/fixes", "/admin/catalog/measures",
    "/admin/money", "/admin/returns/inbox", "/admin/returns/inbox/unannounced", "/admin/returns/exchanges",
    "/admin/returns/claims", "/admin/catalog/brand/", "/admin/catalog/brand/add/", "/admin/voice", "/admin/messages",
)  # fmt: skip
OFFICER = (
    "/admin/law/radar", "/admin/law/rules", "/admin/law/rules/new", "/admin/law/rules/eu.listing.toys.age",
    "/admin/law/changes", "/admin/law/calendar", "/admin/law/simulations", "/admin/law/measures",
    "/admin/compliance/finding/", "/admin/compliance/checkrun/", "/admin/law/sellers", "/admin/law/suspensions",
    "/admin/law/sweeps", "/admin/law/platform", "/admin/returns/late", "/admin/returns/late/record",
    "/admin/returns/late/claims", "/admin/moderation", "/admin/conversations",
)  # fmt: skip
OPERATOR = ("/admin/books", "/admin/payouts", "/admin/histories")
LOOKS = pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 390)], ids=["light on a desk", "dark on a phone"]
)


def violations(page: Any, axe: Any, paths: tuple[str, ...], name: str) -> list[tuple[str, str, str]]:
    """Return (address, rule of axe, element); the theme's own frame is left to its makers."""
    found = []
    for path in paths:
        page.goto(path)
        photograph(page, f"{name}{re.sub(r'[^a-z0-9]+', '-', path.lower())[:60]}")
        report = axe.run(page, context={"include": [["#content"]]}).response
        found += [(path, one["id"], one["nodes"][0]["html"][:140]) for one in report["violations"]]
    return found


def fixes_of(page: Any) -> tuple[str, ...]:
    """Return the first of the merchant's pages that mend a finding, one of them with one click where there is one."""
    page.goto("/admin/catalog/fixes")
    links = [one.get_attribute("href") for one in page.locator("#content a[href*='fixes/one']").all()]
    return tuple(links[:3])


@LOOKS
def test_merchants_pages(open_page: Any, axe: Any, scheme: str, width: int):
    page = sign_in(
        lambda path: open_page(path, color_scheme=scheme, viewport={"width": width, "height": 900}),
        "yunlan@merchants.example",
        DEMO_PASSWORD,
    )
    panda = Listing.objects.get(code="plush-panda").pk
    editor = tuple(
        f"/admin/catalog/listing/{panda}/{name}" for name in ("change/", "reductions/", "markets/")
    )
    assert violations(page, axe, (*MERCHANT, *editor, *fixes_of(page)), f"{scheme}-{width}") == []


@LOOKS
def test_officers_pages(open_page: Any, axe: Any, scheme: str, width: int):
    user = User.objects.create_user("una@rightful.example", PASSWORD)
    accounts.give_role(user=user, kind="officer")
    page = sign_in(
        lambda path: open_page(path, color_scheme=scheme, viewport={"width": width, "height": 900}),
        "una@rightful.example",
        PASSWORD,
    )
    panda = Listing.objects.select_related("merchant").get(code="plush-panda")
    whole = f"/admin/law/listings/{panda.public_id}", f"/admin/law/sellers/{panda.merchant.public_id}"
    assert violations(page, axe, (*OFFICER, *whole), f"{scheme}-{width}") == []


@LOOKS
def test_operators_pages_of_money(open_page: Any, axe: Any, scheme: str, width: int):
    user = User.objects.create_user("olga@rightful.example", PASSWORD)
    accounts.give_role(user=user, kind="operator")
    page = sign_in(
        lambda path: open_page(path, color_scheme=scheme, viewport={"width": width, "height": 900}),
        "olga@rightful.example",
        PASSWORD,
    )
    assert violations(page, axe, OPERATOR, f"{scheme}-{width}") == []
    links = {one.get_attribute("href") for one in page.locator("#nav-sidebar a").all()}
    assert {"/admin/books", "/admin/payouts"} <= links
