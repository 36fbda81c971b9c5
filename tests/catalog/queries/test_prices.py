"""What a thing costs when it arrives: the same here, in the basket and on the order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import operations
from catalog.domain.drafts import RateDraft
from catalog.queries.cards import cards_of
from marketplace.accounts.place import place_of
from marketplace.kernel.money import Money
from orders.queries.quotes import compute_quote
from tests.catalog.factories import DE, MARKETS, NOW, TODAY, make_listing, make_merchant, variant_of

pytestmark = pytest.mark.usefixtures("taxonomy")


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    operations.load_rates(today=TODAY)


def price_of(listing, place=DE):
    [card] = cards_of([listing.pk], place, TODAY)
    return card.price


def test_at_home_the_price_is_the_price() -> None:
    price = price_of(make_listing(price={"EUR": 4900}, hs_code="691110"))
    assert (price.shown, price.shipping + price.goods + price.tax, price.at_border) == (
        Money(4900, "EUR"),
        price.total,
        Money(0, "EUR"),
    )
    assert price.total == Money(5390, "EUR")


@pytest.mark.parametrize("market", ["DE", "FR", "GB", "US"])
@pytest.mark.parametrize("country", ["DE", "CN", "GB"])
def test_the_parts_are_the_whole(market: str, country: str) -> None:
    listing = make_listing(make_merchant(country), price={"EUR": 4900}, hs_code="691110", origin="CN")
    price = price_of(listing, place_of(market, "en", "EUR"))
    parts = price.goods + price.shipping + price.duty + price.tax + price.fees
    assert (parts, price.at_checkout + price.at_border) == (price.total, price.total)


@pytest.mark.parametrize("market", ["DE", "FR", "GB", "US"])
@pytest.mark.parametrize("country", ["DE", "CN"])
def test_a_card_and_a_checkout_say_the_same(market: str, country: str) -> None:
    listing = make_listing(make_merchant(country), price={"EUR": 4900}, hs_code="691110", origin="CN")
    variant = variant_of(listing)
    quote = compute_quote(
        wants=[(variant.public_id, 1)], shipping={}, market=market, language="en", currency="EUR", on=TODAY
    )
    price = price_of(listing, place_of(market, "en", "EUR"))
    assert (quote["total_minor"], quote["border_minor"]) == (price.at_checkout.minor, price.at_border.minor)


def test_the_offer_in_the_shoppers_currency_comes_first() -> None:
    listing = make_listing(price={"EUR": 4900, "USD": 5100})
    assert price_of(listing, place_of("US", "en", "USD")).shown == Money(4286, "USD")


def test_a_price_in_another_currency_is_converted_at_the_newest_rate() -> None:
    price = price_of(make_listing(price={"EUR": 4900}), place_of("DE", "en", "USD"))
    assert (price.shown.currency, price.shown.minor > 4900) == ("USD", True)


def test_nobody_brings_it_nobody_prices_it() -> None:
    assert price_of(make_listing(), place_of("JP", "en", "JPY")) is None


def test_delivery_is_free_from_a_price_on() -> None:
    merchant = make_merchant()
    rates = [RateDraft(market, 490, "EUR", 2, 5, free_from_minor=4000) for market in MARKETS]
    operations.set_shipping_rates(merchant_id=merchant.pk, rates=rates, now=NOW)
    assert price_of(make_listing(merchant, price={"EUR": 4900})).shipping == Money(0, "EUR")


def test_a_reduction_shows_the_lowest_price_of_the_days_before() -> None:
    listing = make_listing(price={"EUR": 4900}, now=NOW - timedelta(days=60))
    variant = variant_of(listing)
    operations.set_price(
        variant_id=variant.pk, currency="EUR", price_minor=4500, now=NOW - timedelta(days=20)
    )
    operations.set_price(
        variant_id=variant.pk, currency="EUR", price_minor=5500, now=NOW - timedelta(days=10)
    )
    operations.announce_reduction(variant_id=variant.pk, currency="EUR", price_minor=4050, now=NOW)
    price = price_of(listing)
    assert (price.shown, price.prior, price.percent_off) == (Money(4050, "EUR"), Money(4500, "EUR"), 10)


def test_the_unit_price_stands_beside_the_price() -> None:
    listing = make_listing(price={"EUR": 4900}, disclosures={"net_quantity": {"value": "500", "unit": "g"}})
    price = price_of(listing)
    assert (price.unit, price.unit_label) == (Money(9800, "EUR"), "kg")


def test_queries_do_not_grow_with_the_cards() -> None:
    listings = [make_listing(make_merchant(country)) for country in ("DE", "FR", "CN", "GB")]
    numbers = []
    for some in (listings[:1], listings):
        with CaptureQueriesContext(connection) as captured:
            cards_of([listing.pk for listing in some], DE, TODAY)
        numbers.append(len(captured))
    assert numbers == [3, 3]
