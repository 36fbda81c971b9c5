"""Real rows for tests of the orders: merchants, things to buy, a shopper's basket and checkout."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from catalog import models as catalog
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place
from orders import operations
from orders.models import Basket, Checkout

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DE = Place("DE", "de", "EUR", "Europe/Berlin")
US_CA = Place("US-CA", "en", "USD", "America/Los_Angeles")
MARKETS = [
    "DE",
    "FR",
    "NL",
    "AT",
    "IE",
    "PL",
    "SE",
    "ES",
    "IT",
    "GB",
    "CH",
    "NO",
    "US",
    "US-CA",
    "CN",
    "JP",
    "AU",
]
ADDRESS = {
    "name": "Ada Kowalski",
    "street": "Lindenstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "phone": "030 1234567",
}
_serial = count(1)


def make_merchant(country: str = "FR", currency: str = "EUR", **fields: Any) -> Merchant:
    """A trader who ships everywhere for 4.90 (standard) or 9.90 (express) in its own currency."""
    n = next(_serial)
    merchant = Merchant.objects.create(
        **{
            "slug": f"seller-{n}",
            "name": f"Seller {n}",
            "legal_name": f"Seller {n} SARL",
            "status": "active",
            "country": country,
            "street": "1 rue du Port",
            "postcode": "29200",
            "city": "Brest",
            "email": f"seller{n}@example.com",
            "currency": currency,
            **fields,
        }
    )
    catalog.ShippingRate.objects.bulk_create(
        [
            catalog.ShippingRate(
                merchant=merchant, market=market, service=service, price_minor=price, currency=currency,
                min_days=2, max_days=days,
            )
            for market in MARKETS
            for service, price, days in (("standard", 490, 7), ("express", 990, 2))
        ]
    )  # fmt: skip
    return merchant


def make_variant(
    merchant: Merchant, *, price: int = 1200, stock: int = 10, category: str = "tex.apparel", **fields: Any
) -> catalog.Variant:
    """A listing on offer everywhere with one variant, so many on the shelf."""
    n = next(_serial)
    leaf, _ = catalog.Category.objects.get_or_create(
        code=category, defaults={"slug": category.replace(".", "-"), "names": {"en": category}}
    )
    listing = catalog.Listing.objects.create(
        **{
            "merchant": merchant,
            "category": leaf,
            "code": f"thing-{n}",
            "slug": f"thing-{n}",
            "state": "active",
            "hs_code": "610910",
            "origin": merchant.country,
            "offered_in": MARKETS,
            "sellable_in": MARKETS,
            **fields,
        }
    )
    catalog.ListingText.objects.create(
        listing=listing, language="en", title=f"Thing {n}", description="<p>Good.</p>"
    )
    catalog.ListingText.objects.create(
        listing=listing, language="de", title=f"Ding {n}", description="<p>Gut.</p>"
    )
    variant = catalog.Variant.objects.create(listing=listing, merchant=merchant, sku=f"SKU-{n}")
    catalog.Offer.objects.create(variant=variant, currency=merchant.currency, price_minor=price)
    catalog.Stock.objects.create(variant=variant, on_hand=stock)
    catalog.StockMovement.objects.create(variant=variant, delta=stock, reason="set", at=NOW)
    return variant


def load_rates() -> None:
    """Fixed exchange rates: one euro in other currencies."""
    rates = {"USD": "1.10", "GBP": "0.85", "CNY": "7.80", "CHF": "0.95", "JPY": "160", "NOK": "11.5"}
    catalog.ExchangeRate.objects.bulk_create(
        [catalog.ExchangeRate(currency=c, on=NOW.date(), rate=r) for c, r in rates.items()],
        ignore_conflicts=True,
    )


def make_basket(wants: Iterable[tuple[catalog.Variant, int]], *, place: Place = DE) -> Basket:
    """A guest's basket."""
    basket = operations.get_or_create_basket(token=None, user=None, now=NOW)
    for variant, quantity in wants:
        operations.add_to_basket(
            basket_id=basket.pk, variant=variant.public_id, quantity=quantity, place=place, now=NOW
        )
    return basket


def make_checkout(
    wants: Iterable[tuple[catalog.Variant, int]],
    *,
    place: Place = DE,
    address: dict[str, str] = ADDRESS,
    now: datetime = NOW,
) -> Checkout:
    """A checkout ready for the order button: stock held, address given, quote shown."""
    basket = make_basket(wants, place=place)
    checkout = operations.start_checkout(basket_id=basket.pk, place=place, user=None, now=now)
    operations.set_address(checkout_id=checkout.pk, email="ada@example.com", address=address, now=now)
    return operations.show_quote(checkout_id=checkout.pk, now=now)


def pay(checkout: Checkout, token: str = "card_ok", now: datetime = NOW) -> operations.Outcome:
    """Press the order button with a means of payment of the offline provider."""
    return operations.submit_order(
        checkout_id=checkout.pk,
        quote_digest=checkout.quote_digest,
        provider="offline",
        method={"token": token},
        return_url="http://testserver/checkout/return",
        now=now,
    )
