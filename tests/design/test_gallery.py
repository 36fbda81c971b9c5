"""The gallery as people meet it: axe finds nothing, nothing overflows, scripts keep to the policy."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.design.conftest import gallery_html

VIEWS = [
    ("en", "light", 1280),
    ("en", "dark", 1280),
    ("en", "light", 390),
    ("en", "dark", 390),
    ("ar", "light", 390),
]


@pytest.mark.parametrize(("language", "theme", "width"), VIEWS)
def test_axe_finds_nothing(open_gallery: Any, language: str, theme: str, width: int) -> None:
    page = open_gallery(language, theme, width)
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize(("language", "theme", "width"), [*VIEWS, ("en", "light", 320)])
def test_nothing_is_wider_than_the_screen(open_gallery: Any, language: str, theme: str, width: int) -> None:
    page = open_gallery(language, theme, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_nothing_breaks_the_policy(chromium: Any, open_gallery: Any) -> None:
    page = open_gallery()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.reload(wait_until="networkidle")
    assert errors == []


def test_the_slash_goes_to_the_search(open_gallery: Any) -> None:
    page = open_gallery()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-box"


def test_quantity_buttons_stop_at_the_limits(open_gallery: Any) -> None:
    page = open_gallery()
    for _ in range(3):
        page.locator(".quantity__button").nth(1).click()
    assert page.input_value("#quantity") == "5"
    assert page.locator(".quantity__button").nth(1).is_disabled()


def test_the_dialog_asks_and_gives_the_focus_back(open_gallery: Any) -> None:
    page = open_gallery()
    page.click('[data-dialog="demo-dialog"]')
    assert page.locator("#demo-dialog").is_visible()
    page.click("#demo-dialog [data-close]")
    assert page.evaluate("document.activeElement.dataset.dialog") == "demo-dialog"


def test_the_first_tab_reaches_the_skip_link(open_gallery: Any) -> None:
    page = open_gallery()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Shift+Tab")
    page.evaluate("document.body.focus()")
    assert page.locator("a").first.get_attribute("href") == "#main"


def test_targets_are_large_enough(open_gallery: Any) -> None:
    page = open_gallery(width=390)
    small = page.eval_on_selector_all(
        ".button, .tool, .chip, .why__summary, .site-nav__link, .site-footer a, select, .table__sort, .quantity__button",
        "all => all.filter(one => one.checkVisibility() && !one.hidden)"
        ".map(one => [one.className, Math.round(one.getBoundingClientRect().height)]).filter(pair => pair[1] < 24)",
    )
    assert small == []


def test_reduced_motion_stops_transitions(open_gallery: Any) -> None:
    page = open_gallery(reduced_motion="reduce")
    assert page.eval_on_selector(".button", "one => getComputedStyle(one).transitionDuration") in (
        "1e-05s",
        "0.00001s",
    )


def test_print_shows_no_furniture(open_gallery: Any) -> None:
    page = open_gallery()
    page.emulate_media(media="print")
    assert (
        page.locator(".site-header, .site-footer, .button").evaluate_all(
            "all => all.filter(one => one.checkVisibility()).length"
        )
        == 0
    )


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_page_is_html_and_knows_its_language(language: str, direction: str) -> None:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(gallery_html(language))
    assert parser.errors == []
    assert (root.get("lang"), root.get("dir")) == (language, direction)


def test_ids_are_unique() -> None:
    root = html5lib.parse(gallery_html(), namespaceHTMLElements=False)
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert sorted(ids) == sorted(set(ids))
