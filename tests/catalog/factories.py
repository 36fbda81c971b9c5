"""Real merchants and listings, made through the operations."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from catalog import operations
from catalog.domain.drafts import ListingDraft, RateDraft, TextDraft, VariantDraft
from catalog.models import Listing, Variant
from marketplace.accounts.models import Merchant
from marketplace.accounts.operations import create_merchant
from marketplace.accounts.place import Place, place_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
DE: Place = place_of("DE", "de", "EUR")
MARKETS = ["DE", "FR", "GB", "US"]
_numbers = itertools.count(1)


def make_merchant(country: str = "DE", currency: str = "EUR", **more: Any) -> Merchant:
    """Return an active merchant who ships to `MARKETS` for a price of its own currency."""
    n = next(_numbers)
    fields = {
        "slug": f"merchant-{n}", "name": f"Merchant {n}", "legal_name": f"Merchant {n} Ltd", "country": country,
        "street": "High Street 1", "postcode": "10115", "city": "Town", "email": f"m{n}@example.com",
        "currency": currency, "status": "active",
    }  # fmt: skip
    merchant = create_merchant(owner=None, **(fields | more))
    rates = [RateDraft(market, 490, currency, 2, 5) for market in MARKETS]
    operations.set_shipping_rates(merchant_id=merchant.pk, rates=rates, now=NOW)
    return merchant


def draft(code: str = "", *, title: str = "Oak lamp", **more: Any) -> ListingDraft:
    """Return a draft of one variant for 49.00 EUR, five on the shelf."""
    code = code or f"thing-{next(_numbers)}"
    price, on_hand = more.pop("price", {"EUR": 4900}), more.pop("on_hand", 5)
    texts = more.pop("texts", {"en": TextDraft(title)})
    variants = more.pop("variants", [VariantDraft(f"{code}-1", prices=price, on_hand=on_hand)])
    language = more.pop("language", next(iter(texts)))
    return ListingDraft(code, more.pop("category", "kit.tableware"), texts, variants, language, **more)


def make_listing(
    merchant: Merchant | None = None, *, offered: bool = True, now: datetime = NOW, **more: Any
) -> Listing:
    """Return a published listing; `offered` lets the law allow it in `MARKETS`, whatever it says of its details."""
    merchant = merchant or make_merchant()
    listing = operations.create_listing(merchant_id=merchant.pk, draft=draft(**more), now=now)
    listing = operations.publish_listing(listing_id=listing.pk, now=now)
    return allow(listing, now=now) if offered else listing


def allow(listing: Listing, *markets: str, now: datetime = NOW) -> Listing:
    """Store a judgement that lets a listing be sold, and refresh what is read of it."""
    Listing.objects.filter(pk=listing.pk).update(sellable_in=list(markets or MARKETS))
    operations.refresh_listings(listing_ids=[listing.pk], now=now)
    listing.refresh_from_db()
    return listing


def variant_of(listing: Listing) -> Variant:
    return listing.variants.order_by("position").first()
