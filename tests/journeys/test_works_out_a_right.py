"""Somebody who bought elsewhere works out until when they can change their mind, and puts the day into a calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.compliance.web.test_rights import CASES
from tests.journeys.test_pages_are_accessible import VIEWS, found_on

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_footer_to_the_calendar(open_page: Any, scripts: bool):
    page: Page = open_page("/terms", java_script_enabled=scripts, accept_downloads=True)
    page.locator("footer").get_by_role("link", name="Work out your rights").click()
    page.get_by_label("When did you buy it?").fill("2099-11-20")
    page.get_by_label("When did you get it?").fill("2099-11-24")
    page.get_by_role("button", name="Find the day").click()
    said = page.locator(".answer__first").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Last day to withdraw").click()
    entry = Path(download.value.path()).read_text(encoding="utf-8")

    assert (said, page.url.partition("?")[2], "DTSTART;VALUE=DATE:20991208\n" in entry) == (
        "You can change your mind until Tuesday, 8 December 2099, 23:59 your time.",
        "market=DE&concluded_on=2099-11-20&received_on=2099-11-24",
        True,
    )


@VIEWS
def test_axe_finds_nothing_on_the_calculators(open_page: Any, axe: Any, scheme: str, width: int):
    page = open_page("/rights/", color_scheme=scheme, viewport={"width": width, "height": 900})
    answered = [f"/rights/{ask}?{query}" for ask, query in CASES.items()]
    wrong = "/rights/withdrawal?market=DE&concluded_on=soon"

    assert found_on(page, axe, ("/rights/", "/rights/clock", wrong, *answered)) == []
