"""From listings, merchants and offers to what the API says of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from catalog.domain.landed import Rates
from catalog.models import Category, Listing, ListingText, Media, Offer, Variant
from catalog.queries import api_lists, rights, shop
from catalog.queries.prices import exchange_rates
from compliance.presentation import right_card
from compliance.rulebook import fields
from compliance.rulebook.types import Answer
from marketplace.accounts.api.base import minor, money
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place

MOST_SHOWN = 99  # of stock


def cards(listings: Iterable[Listing], place: Place, on: date) -> list[dict[str, Any]]:
    """Return listings as a list shows them, with the landed price of the cheapest variant."""
    listings = list(listings)
    rates = shop.shipping_to(place.market, {listing.merchant_id for listing in listings})
    fx = exchange_rates(on)
    return [_card(listing, rates.get(listing.merchant_id), place, on, fx) for listing in listings]


def _card(listing: Listing, rate: Any, place: Place, on: date, fx: Rates) -> dict[str, Any]:
    text, pair = _text(listing, place.language), shop.cheapest(listing)
    return {
        "public_id": listing.public_id,
        "title": text.title if text else listing.code,
        "language": text.language if text else listing.language,
        "url": _url(listing),
        "category": listing.category.code,
        "merchant": _seller(listing.merchant),
        "in_stock": listing.in_stock,
        "picture": next((_picture(one, place.language) for one in listing.media.all()), None),
        "price": _price(shop.price_here(listing, pair[1], rate, place, on, fx) if pair else None),
    }


def full(listing: Listing, place: Place, on: date) -> dict[str, Any]:
    """Return all of a listing for a place and a day."""
    rate = shop.shipping_to(place.market, [listing.merchant_id]).get(listing.merchant_id)
    fx = exchange_rates(on)
    prices = {v.pk: _priced(listing, v, rate, place, on, fx) for v in listing.variants.all()}
    shown = next((prices[v.pk] for v in listing.variants.all() if _available(v) and prices[v.pk]), None)
    shown = shown or next((priced for priced in prices.values() if priced), None)
    may_buy = place.market in listing.offered_in and shown is not None
    return {
        "public_id": listing.public_id,
        "url": _url(listing),
        "category": listing.category.code,
        "merchant": _seller(listing.merchant),
        "brand": listing.brand.name if listing.brand else "",
        "condition": listing.condition,
        "origin": listing.origin,
        "hs_code": listing.hs_code,
        "may_buy": may_buy,
        "on": on.isoformat(),
        "text": _text(listing, place.language),
        "languages": sorted(text.language for text in listing.texts.all()),
        "pictures": [_picture(one, place.language) for one in listing.media.all()],
        "variants": [_variant(v, listing, prices[v.pk]) for v in listing.variants.all()],
        "disclosures": _disclosures(listing, place.language),
        "price": _landed(shown) if may_buy else None,
        "rights": _rights(listing, shown, place, on) if may_buy else [],
    }


def _priced(
    listing: Listing, variant: Variant, rate: Any, place: Place, on: date, fx: Rates
) -> shop.Priced | None:
    offers: dict[str, Offer] = {offer.currency: offer for offer in variant.offers.all()}
    offer = offers.get(listing.merchant.currency) or next(iter(offers.values()), None)
    return shop.price_here(listing, offer, rate, place, on, fx) if offer else None


def _price(priced: shop.Priced | None) -> dict[str, Any] | None:
    if priced is None:
        return None
    return {
        "total": money(priced.total),
        "parts": {name: money(amount) for name, amount in priced.parts.items()},
        "is_certain": priced.is_certain,
        "reasons": [gettext(reason) for reason in priced.reasons],
        "min_days": priced.min_days,
        "max_days": priced.max_days,
    }


def _landed(priced: shop.Priced | None) -> dict[str, Any] | None:
    found = _price(priced)
    return found | _reasons(priced.answer) if found and priced else None


def _reasons(answer: Answer) -> dict[str, Any]:
    return {"steps": list(answer.explain), "rulings": [ruling.as_json() for ruling in answer.rulings]}


def _rights(listing: Listing, priced: shop.Priced | None, place: Place, on: date) -> list[dict[str, Any]]:
    """Return the right card: the words the page shows, the rulings as they are."""
    lines = rights.rights_on(
        rights.terms_of(listing),
        market=place.market,
        time_zone=place.time_zone,
        on=on,
        delivery_days=(priced.min_days, priced.max_days) if priced else None,
    )
    shown = right_card(lines, title="", subtitle="", language=place.language, today=on)["lines"]
    return [
        {name: said[name] for name in ("key", "label", "state", "sentence")}
        | {"on": said["when"] or None}
        | _reasons(line.answer)
        for line, said in zip(lines, shown, strict=True)
    ]


def _variant(variant: Variant, listing: Listing, priced: shop.Priced | None) -> dict[str, Any]:
    return {
        "public_id": variant.public_id,
        "sku": variant.sku,
        "gtin": variant.gtin,
        "options": dict(zip(listing.option_names, variant.options, strict=False)),
        "available": min(_available(variant), MOST_SHOWN),
        "price": _price(priced),
    }


def _available(variant: Variant) -> int:
    stock = getattr(variant, "stock", None)
    return max(stock.on_hand - stock.reserved, 0) if stock else 0


def _disclosures(listing: Listing, language: str) -> list[dict[str, Any]]:
    """Return what the seller disclosed, in the order of the registry; words in this language where there are some."""
    known = fields.fields()
    return [
        {
            "field": key,
            "label": gettext(known[key].label),
            "value": _said(listing.disclosures[key], known[key], language),
        }
        for key in known
        if key in listing.disclosures
    ]


def _said(value: Any, known: Any, language: str) -> Any:
    if not (known.translatable and isinstance(value, dict)):
        return value
    return next((value[code] for code in (language, language.split("-")[0]) if code in value), value)


def _text(listing: Listing, language: str) -> ListingText | None:
    texts = {text.language: text for text in listing.texts.all()}
    choices = (language, language.split("-")[0], listing.language, "en", *texts)
    return next((texts[code] for code in choices if code in texts), None)


def _picture(media: Media, language: str) -> dict[str, str]:
    width = (media.widths or [media.width])[-1]
    return {
        "url": f"{settings.MEDIA_URL}pictures/{media.name}-{width}.webp",
        "alt": api_lists.words_in(media.alt, language),
    }


def _url(listing: Listing) -> str:
    return settings.SITE_URL + reverse("product", args=[listing.slug, listing.public_id])


def _seller(merchant: Merchant) -> dict[str, str]:
    return {"public_id": merchant.public_id, "name": merchant.name, "country": merchant.country}


def category(row: Category, language: str) -> dict[str, Any]:
    """Return a category with its name in a language."""
    return {
        "code": row.code,
        "parent": row.parent.code if row.parent else None,
        "slug": row.slug,
        "name": api_lists.words_in(row.names, language) or row.code,
    }


def offer(variant: Variant) -> dict[str, Any]:
    """Return price and stock of a variant as its merchant sees them."""
    stock = getattr(variant, "stock", None)
    return {
        "sku": variant.sku,
        "variant": variant.public_id,
        "listing": variant.listing.public_id,
        "prices": [minor(one.price_minor, one.currency) for one in variant.offers.all()],
        "on_hand": stock.on_hand if stock else 0,
        "reserved": stock.reserved if stock else 0,
    }
