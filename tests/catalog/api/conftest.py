from __future__ import annotations

import pytest
from django.core.cache import cache

from catalog.operations import refresh_listings
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from tests.orders import factories as make


@pytest.fixture(autouse=True)
def _rates(db):
    cache.clear()
    make.load_rates()


@pytest.fixture
def shelf():
    """Return a function that puts things on the shelf, seen in lists; their listings, cheapest first."""

    def fill(count: int = 3, **fields):
        merchant = fields.pop("merchant", None) or make.make_merchant("FR")
        variants = [make.make_variant(merchant, price=1000 + 100 * n, **fields) for n in range(count)]
        refresh_listings(listing_ids=[variant.listing_id for variant in variants], now=make.NOW)
        return [variant.listing for variant in variants]

    return fill


@pytest.fixture
def key_of():
    """Return a function that makes an API key for a merchant: the header that carries it."""

    def make_key(merchant, role: str = "owner") -> dict[str, str]:
        user = User.objects.create_user(f"staff-{merchant.pk}-{role}@example.com", "correct horse battery")
        accounts.add_member(merchant=merchant, user=user, role=role)
        _, key = accounts.make_api_key(merchant=merchant, label="shop system", by=user, now=make.NOW)
        return {"Authorization": f"Bearer {key}"}

    return make_key
