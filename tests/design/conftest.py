"""The gallery in a browser: rendered once per set of colours, served from memory under the shop's strict policy."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page, Route

from marketplace.kernel import gallery

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "http://gallery.test"
PLACE = {"market": "DE", "language": "en", "currency": "EUR", "time_zone": "Europe/Berlin"}


def gallery_html(language: str = "en", theme: str = "light") -> str:
    """Return the gallery page in a language and a set of colours."""
    place = {**PLACE, "language": language, "theme": theme}
    frame = {"place": place, "place_name": "Germany", "basket_count": 3}
    request = RequestFactory().get("/gallery/")
    with translation.override(language):
        return render_to_string("gallery.html", {**gallery.context(), **frame, "request": request})


@pytest.fixture
def open_gallery(chromium: Browser) -> Iterator[Any]:
    """Return a function that opens the gallery: language, theme, width → page."""
    opened: list[Page] = []

    def open_(language: str = "en", theme: str = "light", width: int = 1280, **context: Any) -> Page:
        page = chromium.new_page(viewport={"width": width, "height": 900}, **context)
        opened.append(page)
        html = gallery_html(language, theme)
        page.route(f"{ORIGIN}/**", lambda route: _answer(route, html))
        page.goto(f"{ORIGIN}/gallery/", wait_until="load")
        return page

    yield open_
    for page in opened:
        page.close()


def _policy() -> str:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _answer(route: Route, html: str) -> None:
    path = route.request.url.removeprefix(ORIGIN).split("?")[0]
    if path == "/gallery/":
        route.fulfill(
            body=html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _policy()}
        )
        return
    file = ROOT / path.lstrip("/")
    if file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
    else:
        route.fulfill(status=404)
