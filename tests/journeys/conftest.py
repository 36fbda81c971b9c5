"""A real browser, a real server, a small shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page

from catalog.demo import loading
from catalog.models import ExchangeRate
from marketplace.kernel import clock
from tests.journeys.looking import StillAxe
from tests.journeys.markets import MARKETS
from tests.orders.factories import load_rates

SHELF = (
    "long-day-tote",  # United States, leather
    "olive-soap",  # France, cosmetics
    "crane-silk-scarf",  # China, silk
    "plush-panda",  # China, a toy whose French warnings are missing
    "leselicht-clip-lamp",
)


@pytest.fixture
def shelf(transactional_db: Any, live_server: Any) -> Any:
    """Return the server of a shop with a few things on its shelf."""
    cache.clear()
    loading.load(now=clock.now(), only=SHELF, pictures=1)
    return live_server


@pytest.fixture
def open_page(chromium: Browser, shelf: Any) -> Iterator[Any]:
    """Return a function that opens an address in a fresh visitor's browser."""
    contexts: list[BrowserContext] = []

    def opened(
        path: str, *, market: str = "DE", language: str = "en", currency: str = "EUR", **options: Any
    ) -> Page:
        context = chromium.new_context(base_url=shelf.url, **options)
        contexts.append(context)
        return _opened(
            context, shelf.url, path, {"market": market, "language": language, "currency": currency}
        )

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def visit(chromium: Any, transactional_db: Any, live_server: Any) -> Any:
    """Return a function that opens an address in a fresh visitor's browser."""
    cache.clear()
    load_rates()
    long_ago = clock.now().date() - timedelta(days=60)
    ExchangeRate.objects.get_or_create(currency="GBP", on=long_ago, defaults={"rate": "0.85"})
    contexts = []

    def opened(path: str, *, market: str = "DE", language: str = "de", **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        country = "BR" if market == "BR-BA" else market  # whose duties its states set; nobody chooses one
        chosen = {"market": country, "language": language, "currency": MARKETS[market][0]}
        return _opened(context, live_server.url, path, chosen)

    yield opened
    for context in contexts:
        context.close()


def _opened(context: BrowserContext, url: str, path: str, chosen: dict[str, str]) -> Page:
    """Open an address as somebody who has chosen market, language and currency."""
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in chosen.items()])
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(path)
    return page


@pytest.fixture(scope="session")
def axe() -> StillAxe:
    return StillAxe()


def address_of(code: str) -> str:
    """Return the address of a listing's page by the merchant's own code."""
    from catalog.models import Listing

    listing = Listing.objects.get(code=code)
    return f"/p/{listing.slug}/{listing.public_id}"
