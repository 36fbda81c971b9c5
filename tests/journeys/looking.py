"""Looking at pages: what axe finds on them once they stand still, and pictures if somebody wants them.

With RIGHTFUL_PICTURES=<folder> every page that is looked at is photographed there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Found = tuple[str, str, str]  # the page's name, the rule, the element
STILL = """() => Promise.all(document.getAnimations()
    .filter(one => one.effect.getComputedTiming().endTime !== Infinity)
    .map(one => one.finished.catch(() => null))).then(() => null)"""


class StillAxe(Axe):
    """axe on a page that stands still: colours go over softly, and half way their contrast is nobody's."""

    def run(self, page: Page, *args: Any, **options: Any) -> Any:
        page.evaluate(STILL)
        return super().run(page, *args, **options)


def look(
    page: Page, axe: Axe, name: str, *, widths: tuple[int, ...] = (), schemes: tuple[str, ...] = ()
) -> list[Found]:
    """Return what axe finds on the page as it is, or in these widths and sets of colours, and where it is too wide."""
    size, found = page.viewport_size or {"width": 1280, "height": 900}, []
    for width in widths or (size["width"],):
        if widths:
            page.set_viewport_size({**size, "width": width})
        for scheme in schemes or (None,):
            if scheme:
                page.emulate_media(color_scheme=scheme)
            found += _seen(page, axe, "-".join(filter(None, (name, str(width), scheme))))
    if widths:
        page.set_viewport_size(size)
    if schemes:
        page.emulate_media(color_scheme="light")
    return found


def photograph(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if somebody wants pictures."""
    if folder := os.environ.get("RIGHTFUL_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.evaluate(STILL)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def _seen(page: Page, axe: Axe, name: str) -> list[Found]:
    photograph(page, name)
    report = axe.run(page).response
    found = [(name, one["id"], one["nodes"][0]["html"][:140]) for one in report["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append((name, "wider than the screen", ""))
    return found
