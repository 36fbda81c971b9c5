"""axe finds nothing on any page a shopper meets, in light and in dark, on a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.conftest import address_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/", "/search", "/search?q=scarf", "/search?q=nothingofthekind", "/basket", "/wishes", "/place", "/terms", "/privacy",
    "/imprint", "/withdraw", "/ranking", "/reviews-policy", "/contact", "/accessibility", "/orders/find", "/auth/login/",
    "/auth/signup/", "/auth/password/reset/", "/m/garance", "/there-is-nothing-here",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 390)], ids=["light on a desk", "dark on a phone"]
)
def test_axe_finds_nothing(open_page: Any, axe: Any, scheme: str, width: int):
    page = open_page("/", color_scheme=scheme, viewport={"width": width, "height": 900})
    found = []
    for path in (*PAGES, address_of("long-day-tote"), address_of("plush-panda")):
        page.goto(path)
        report = axe.run(page).response
        found += [
            (path, violation["id"], violation["nodes"][0]["html"][:120]) for violation in report["violations"]
        ]

    assert found == []
