"""The countries that are walked after the sale: a place, an address, a currency; and what is sold into all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import ExchangeRate, ShippingRate, Variant
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place
from marketplace.kernel import clock
from tests.returns import factories
from tests.returns.factories import make_merchant, make_variant

# market: currency, time zone, address
MARKETS: dict[str, tuple[str, str, dict[str, str]]] = {
    "DE": ("EUR", "Europe/Berlin", factories.ADDRESSES["DE"]),
    "GB": ("GBP", "Europe/London", factories.ADDRESSES["GB"]),
    "US-CA": ("USD", "America/Los_Angeles", factories.ADDRESSES["US"]),
    "US": ("USD", "America/Chicago", {"name": "Ada Kowalski", "street": "1 Main Street", "postcode": "73301", "city": "Austin", "region": "TX", "country": "US", "phone": "512 555 0100"}),
    "CN": ("CNY", "Asia/Shanghai", {"name": "Li Wei", "street": "Nanjing Road 1", "postcode": "200001", "city": "Shanghai", "region": "Shanghai", "country": "CN", "phone": "021 5555 0100"}),
    "JP": ("JPY", "Asia/Tokyo", {"name": "Sato Yuki", "street": "1-1 Chiyoda", "postcode": "100-0001", "city": "Tokyo", "region": "Tokyo", "country": "JP", "phone": "03 5555 0100"}),
    "BR-BA": ("BRL", "America/Bahia", {"name": "Ana Souza", "street": "Rua A 1", "postcode": "40010-000", "city": "Salvador", "region": "BA", "country": "BR", "phone": "71 3555 0100"}),
}  # fmt: skip
EVERYWHERE = [*factories.factories.MARKETS, "BR"]
PHONE = {"viewport": {"width": 390, "height": 844}}
WIDE = {"viewport": {"width": 1280, "height": 900}}


def place_in(market: str) -> Place:
    currency, zone, _address = MARKETS[market]
    return Place(market, "en", currency, zone)


def live_in(market: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Let the shopper of the factories live there, with rates that are older than any purchase of these tests."""
    monkeypatch.setitem(factories.ADDRESSES, market.split("-")[0], MARKETS[market][2])
    long_ago = clock.now().date() - timedelta(days=60)
    for name, rate in (("USD", "1.10"), ("CNY", "7.80"), ("JPY", "160"), ("BRL", "6.20")):
        ExchangeRate.objects.get_or_create(currency=name, on=long_ago, defaults={"rate": rate})
    return place_in(market)


def seller_everywhere(*, promised: int | None = None) -> Merchant:
    """A trader in France who ships into every one of these countries.

    :param promised: so many days to send things back, whatever the law says.
    """
    merchant = make_merchant(voluntary_days=promised)
    ShippingRate.objects.create(
        merchant=merchant, market="BR", service="standard", price_minor=490, currency="EUR", min_days=2, max_days=9
    )  # fmt: skip
    return merchant


def sold_everywhere(merchant: Merchant, **fields: Any) -> Variant:
    return make_variant(merchant, offered_in=EVERYWHERE, sellable_in=EVERYWHERE, **fields)


def arrived(wants: Any = None, *, days: int = 2, **more: Any) -> Any:
    """An order that came so many days ago."""
    at = clock.now() - timedelta(days=days)
    return factories.delivered(wants, at=at, bought=at - timedelta(days=4), **more)
