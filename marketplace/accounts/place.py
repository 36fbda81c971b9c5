"""Where a visitor shops from: ship-to market, language and currency, three separate choices.

Each is remembered in a cookie of its own; nothing redirects and nothing is forced. The
first guess of a language is the browser's; of a market and currency, the settings'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from compliance.rulebook import lookups
from compliance.rulebook.markets import selling_markets

Handler = Callable[[HttpRequest], HttpResponse]
MARKET_COOKIE, LANGUAGE_COOKIE, CURRENCY_COOKIE, THEME_COOKIE = "market", "language", "currency", "theme"
THEMES = ("light", "dark")
SUBDIVISIONS = {"US-CA": "California"}  # names as the post writes them


@dataclass(frozen=True, slots=True)
class Place:
    """What law, words, prices and times this visitor sees."""

    market: str  # "DE", "US-CA"
    language: str  # "de", "zh-hans"
    currency: str  # "EUR"
    time_zone: str  # "Europe/Berlin"
    theme: str = ""

    @property
    def country(self) -> str:
        return self.market[:2]


@cache
def place_of(market: str, language: str, currency: str, theme: str = "") -> Place:
    """Return the place of three known choices."""
    return Place(market, language, currency, time_zone_of(market), theme)


@cache
def time_zone_of(market: str) -> str:
    """Return the (first) time zone of a market."""
    known = lookups.locale(market) or lookups.locale(market[:2])
    return known.time_zone if known else "UTC"


@cache
def known_markets() -> tuple[str, ...]:
    """Return the markets that goods are sold to."""
    return selling_markets()


def read_place(request: HttpRequest) -> Place:
    """Return the visitor's place; unknown values in cookies are ignored."""
    market = request.COOKIES.get(MARKET_COOKIE, "")
    currency = request.COOKIES.get(CURRENCY_COOKIE, "")
    language = request.COOKIES.get(LANGUAGE_COOKIE, "")
    theme = request.COOKIES.get(THEME_COOKIE, "")
    if language not in _language_codes():
        language = translation.get_language_from_request(request)
    return place_of(
        market if market in known_markets() else settings.DEFAULT_MARKET,
        language,
        currency if currency in settings.CURRENCIES else settings.DEFAULT_CURRENCY,
        theme if theme in THEMES else "",
    )


@cache
def _language_codes() -> frozenset[str]:
    return frozenset(code for code, _ in settings.LANGUAGES)


class PlaceMiddleware:
    """Put the visitor's place on the request and speak their language."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.place = read_place(request)
        translation.activate(request.place.language)
        request.LANGUAGE_CODE = request.place.language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.place.language)
        return response


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the visitor's place and its name, and the shop's own address."""
    place = getattr(request, "place", None)
    name = market_name(place.market, place.language) if place else ""
    return {"place": place, "place_name": name, "site_url": settings.SITE_URL}


@cache
def country_choices(language: str) -> list[tuple[str, str]]:
    """Return (code, name in this language) of every country we ship to, sorted as people sort names."""
    names = Locale.parse(language.replace("-", "_").replace("hans", "Hans")).territories
    countries = {market[:2] for market in known_markets()}
    return sorted(
        ((code, str(names.get(code, code))) for code in countries), key=lambda pair: pair[1].casefold()
    )


@cache
def market_name(market: str, language: str) -> str:
    """Return a market's name in a language: ``Germany``, ``California, United States``."""
    names = dict(country_choices(language))
    country = names.get(market[:2], market[:2])
    return f"{SUBDIVISIONS[market]}, {country}" if market in SUBDIVISIONS else country


@cache
def market_choices(language: str) -> list[tuple[str, str]]:
    """Return (market, name in this language) of every market we sell to, sorted as people sort names."""
    return sorted(
        ((market, market_name(market, language)) for market in known_markets()), key=lambda p: p[1].casefold()
    )
