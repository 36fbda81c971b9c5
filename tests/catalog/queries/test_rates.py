"""Reference rates as prices use them: what was loaded last counts at once, in every process."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.demo import loading
from catalog.models import ExchangeRate, Generation, Listing
from catalog.queries import shop
from catalog.queries.prices import exchange_rates
from marketplace.accounts.place import Place
from marketplace.kernel import clock

DAY = date(2026, 11, 20)


@pytest.mark.django_db
def test_rates_loaded_later_the_same_day_count_at_once():
    ExchangeRate.objects.create(currency="USD", on=date(2026, 11, 19), rate=Decimal("1.1"))
    before = exchange_rates(DAY)

    ExchangeRate.objects.create(currency="USD", on=DAY, rate=Decimal("1.2"))
    ExchangeRate.objects.create(currency="USD", on=date(2026, 11, 21), rate=Decimal("1.3"))

    assert (before, exchange_rates(DAY)) == (
        {"EUR/USD": Decimal("1.1")},
        {"EUR/USD": Decimal("1.2")},
    )


@pytest.fixture
def shelf(db: None) -> Listing:
    cache.clear()
    loading.load(now=clock.now(), only=("olive-soap", "crane-silk-scarf"), pictures=1)
    return Listing.objects.filter(state="active").order_by("pk")[0]


def _price(client: Client, listing: Listing) -> str:
    client.cookies["currency"] = "USD"
    return str(client.get(f"/p/{listing.slug}/{listing.public_id}").context["page"]["price"])


def test_a_product_page_takes_eight_statements_while_what_is_around_stands(
    shelf: Listing, django_assert_num_queries
):
    client, url = Client(), f"/p/{shelf.slug}/{shelf.public_id}"
    client.get(url)
    with django_assert_num_queries(8):
        client.get(url + "?v=another")


def test_rates_kept_for_one_listing_are_not_another_s(shelf: Listing):
    """What is around two listings may have changed as often, and yet not the same of it."""
    place, other = (
        Place("DE", "de", "EUR", "Europe/Berlin"),
        Listing(category_id=shelf.category_id, merchant_id=-1),
    )
    before = shop.rates_around(shelf, place, DAY, state="7")
    ExchangeRate.objects.create(currency="USD", on=DAY, rate=Decimal("1.5"))
    after = shop.rates_around(other, place, DAY, state="7")
    assert (shop.rates_around(shelf, place, DAY, state="7"), after != before) == (before, True)


def test_a_product_page_shows_new_rates_as_soon_as_they_are_there(shelf: Listing):
    before = _price(Client(), shelf)

    ExchangeRate.objects.update(rate=Decimal("3"))
    Generation.objects.create(scope="rates")

    assert (_price(Client(), shelf) != before) is True
