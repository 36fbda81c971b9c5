"""A shopper finds the law in words, by country and topic; axe finds nothing, in light and dark, on a desk and a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.test_law_changes import PASSWORD, make_officer, sign_in
from tests.journeys.test_merchant_is_suspended import Looker

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PAGES = {
    "law-index": "/law/",
    "law-search": "/law/?q=toys+age&place=DE",
    "law-place": "/law/DE/",
    "law-topic": "/law/DE/withdrawal",
    "law-products": "/law/BR/products",
    "law-rule": "/law/rules/eu.guarantee.burden",
    "law-changes": "/law/EU/changes",
}

IN_THE_DARK = ("law-place", "law-rule")  # every component of these pages is on one of the two


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_law_are_for_everybody(open_page: Any, axe: Any, scheme: str):
    looker = Looker(axe)
    page = open_page("/", color_scheme=scheme)
    for name, path in PAGES.items():
        if scheme == "dark" and name not in IN_THE_DARK:
            continue
        page.goto(path)
        looker.at(page, f"{name}-{scheme}")
    assert looker.found == []


def test_from_the_footer_to_the_rule_and_the_calculator(open_page: Any):
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("link", name="The law, country by country").click()
    page.get_by_role("searchbox", name="Search the law").fill("withdraw distance contract")
    page.get_by_label("Where", exact=True).select_option("DE")
    page.get_by_role("search", name="Search the law").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Time a consumer has to withdraw from a distance contract").first.click()
    said = page.locator(".provision__value").first.inner_text()
    page.get_by_role("link", name="Until when can I change my mind?").click()
    assert (said, page.url.endswith("/rights/withdrawal")) == ("14 calendar days", True)


def test_the_officers_page_of_sweeps_is_accessible(open_page: Any, axe: Any):
    make_officer("una@rightful.example")
    looker = Looker(axe)
    una = sign_in(open_page, "una@rightful.example", PASSWORD)
    una.goto("/admin/law/sweeps")
    looker.at(una, "sweeps")
    assert looker.found == []
