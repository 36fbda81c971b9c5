"""The facts record of a listing: what the law is asked about, in the words of compliance/rulebook/facts.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q
from django.urls import reverse

from catalog.domain.prices import unit_price
from catalog.models import (
    BrandCertificate,
    Document,
    Listing,
    ListingText,
    Media,
    Offer,
    ShippingRate,
    Variant,
)
from catalog.queries.makers import certificates_of, makers_of
from compliance.checks.registry import Described
from compliance.rulebook.categories import categories, codes_in, groups_of, traits_in
from compliance.rulebook.fields import BadDisclosure
from compliance.rulebook.fields import fields as disclosure_fields
from marketplace.kernel.money import Money

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from marketplace.accounts.models import Merchant

SUBJECT = "listing"
_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(r"</?(?:p|li|ul|ol|h\d|div|br|tr|td|th|table|blockquote)\b[^<>]*>", re.IGNORECASE)
PERSON = ("name", "address", "email", "country")
CONTACT = ("market", "role", "name", "address", "email")


def facts_of_many(listing_ids: Iterable[int]) -> dict[str, dict[str, Any]]:
    """Return the facts of listings by public id, in a fixed number of queries."""
    listings = list(_with_everything(Listing.objects.filter(pk__in=list(listing_ids)).order_by("pk")))
    shipping = set(
        ShippingRate.objects.filter(merchant__in={listing.merchant_id for listing in listings})
        .values_list("merchant_id", flat=True)
        .distinct()
    )
    return {listing.public_id: facts_of(listing, listing.merchant_id in shipping) for listing in listings}


def facts_by_public_id(public_ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """Return the facts of listings by public id; called by a sweep inside its transaction.

    The rows are locked first, as in every edit, so that a sweep and an edit take their locks in one order.
    """
    rows = Listing.objects.select_for_update().filter(public_id__in=public_ids).order_by("pk")
    return facts_of_many(list(rows.values_list("pk", flat=True)))


def peek_by_public_id(public_ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """Return the facts of listings by public id, for who only looks: no row is locked."""
    return facts_of_many(Listing.objects.filter(public_id__in=public_ids).values_list("pk", flat=True))


def describe_by_public_id(public_ids: Sequence[str]) -> Mapping[str, Described]:
    """Return who these listings are, for officers' lists. Three queries."""
    rows = Listing.objects.filter(public_id__in=public_ids).select_related("merchant")
    return {row.public_id: _described(row) for row in rows.prefetch_related("texts", "variants")}


def _described(listing: Listing) -> Described:
    titles = {text.language: text.title for text in listing.texts.all()}
    return Described(
        title=titles.get(listing.language) or next(iter(titles.values()), listing.code),
        owner=listing.merchant.public_id,
        owner_name=listing.merchant.name,
        url=reverse("admin:catalog_listing_change", args=[listing.pk]),
        officers_url=reverse("law-listing", args=[listing.public_id]),
        language=listing.language,
        shown_since=listing.published_at.date() if listing.published_at else None,
        gtin=next((one.gtin for one in listing.variants.all() if one.gtin), ""),
        is_trader=listing.merchant.kind == "trader",
    )


def listed_public_ids(since: datetime | None) -> QuerySet[Listing, str]:
    """Return the public ids of all listings, or of those made since, archived ones left out: a query for the database alone."""
    rows = Listing.objects.exclude(state=Listing.State.ARCHIVED)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    return rows.values_list("public_id", flat=True)


def public_ids_after(last: str, limit: int, groups: Set[str] | None = None) -> Sequence[str]:
    """Return the next public ids in ascending order, archived listings left out; of some duty groups or of all."""
    rows = Listing.objects.filter(public_id__gt=last).exclude(state=Listing.State.ARCHIVED)
    if groups is not None:
        in_category = Q(category__code__in=codes_in(groups))
        rows = rows.filter(in_category | Q(traits__has_any_keys=list(traits_in(groups))))
    return list(rows.order_by("public_id").values_list("public_id", flat=True)[:limit])


def _with_everything(listings: Any) -> Any:
    return listings.prefetch_related(
        "merchant",  # one object for all that share it
        "category",
        "brand__certificates",
        "brand__shared__certificates",
        Prefetch(
            "texts", ListingText.objects.only("listing", "language", "title", "subtitle", "description")
        ),
        Prefetch("media", Media.objects.only("listing", "alt")),
        Prefetch(
            "documents",
            Document.objects.only("listing", "kind", "number", "market", "issued_on", "expires_on"),
        ),
        Prefetch("variants", Variant.objects.filter(is_active=True).order_by("position", "pk")),
        Prefetch("variants__offers", Offer.objects.order_by("pk")),
    )


def facts_of(listing: Listing, states_delivery_time: bool) -> dict[str, Any]:
    """Return the facts of one listing whose relations were fetched; what is not known is left out."""
    texts, media, brand = list(listing.texts.all()), list(listing.media.all()), listing.brand
    makers = makers_of(listing)
    record = {
        "category": listing.category.code,
        "condition": listing.condition,
        "title_languages": sorted(text.language for text in texts),
        "description_languages": sorted(text.language for text in texts if text.description),
        "texts": [*texts_said({text.language: text for text in texts}), *_pictures_said(media)],
        "images": len(media),
        "images_without_text": sum(not any(picture.alt.values()) for picture in media),
        "brand": brand.name if brand else "",
        "identifiers": _identifiers(listing),
        "manufacturer": _only(makers.manufacturer, PERSON),
        "responsible_person": _only(makers.responsible_person, PERSON),
        "local_contacts": [_only(contact, CONTACT) for contact in makers.local_contacts],
        "sources": {name: source for name, source in makers.sources.items() if source != "listing"},
        "merchant": _merchant(listing.merchant, states_delivery_time),
        "price": _price(listing),
        "disclosures": _disclosures(listing),
        "traits": list(listing.traits),
        "documents": [_document(one) for one in (*listing.documents.all(), *certificates_of(listing))],
        "attestations": list(listing.attestations),
        "channel": "online",
    }
    return {name: value for name, value in record.items() if value not in ("", [], {})}


def texts_said(texts: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what texts by language (with title, subtitle, description) say, place by place, without markup."""
    said = [
        {"place": place, "language": language, "text": without_markup(getattr(text, place))}
        for language, text in sorted(texts.items())
        for place in ("title", "subtitle", "description")
    ]
    return [one for one in said if one["text"]]


def _pictures_said(media: Iterable[Media]) -> list[dict[str, str]]:
    said = (pair for picture in media for pair in picture.alt.items())
    return [{"place": "image", "language": code, "text": text} for code, text in said if text]


def without_markup(html: str) -> str:
    """Return the words of a text that may be HTML; blocks stay apart as sentences do."""
    return unescape(_TAG.sub(" ", _BLOCK.sub("\n", html))).strip() if "<" in html or "&" in html else html


def _only(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name)}


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None)}


def _identifiers(listing: Listing) -> dict[str, str]:
    variants = list(listing.variants.all())
    first = variants[0] if variants else None
    return _filled(
        {
            "gtin": next((v.gtin for v in variants if v.gtin), ""),
            "mpn": next((v.mpn for v in variants if v.mpn), ""),
            "sku": first.sku if first else "",
            "model": listing.model,
            "batch": str(listing.disclosures.get("batch_or_serial") or ""),
        }
    )


def _disclosures(listing: Listing) -> dict[str, Any]:
    """Return what is disclosed; origin and net quantity may stand elsewhere on the listing, registrations on the seller."""
    known = registrations_of(listing.merchant, listing.category.code, listing.traits) | listing.disclosures
    if listing.origin:
        known.setdefault("origin_country", listing.origin)
    quantity = next((v.net_quantity for v in listing.variants.all() if v.net_quantity), None)
    if quantity:
        known.setdefault("net_quantity", quantity)
    return known


def registrations_of(merchant: Merchant, category: str, traits: Iterable[str]) -> dict[str, Any]:
    """Return the seller's own registrations that a listing of this category counts with; unreadable ones are left out."""
    groups = groups_of(category, traits) if category in categories() else ()
    found = {}
    for key, value in merchant.numbers.items():
        entry = disclosure_fields().get(key)
        if entry is not None and entry.of_seller and entry.is_for(groups):
            with suppress(BadDisclosure):
                found[key] = entry.clean(value)
    return {key: value for key, value in found.items() if value is not None}


def address_of(merchant: Merchant) -> str:
    """Return a merchant's address on one line, "" without a street."""
    parts = [merchant.street, f"{merchant.postcode} {merchant.city}".strip(), merchant.country]
    return ", ".join(filter(None, parts)) if merchant.street else ""


def _merchant(merchant: Merchant, states_delivery_time: bool) -> dict[str, Any]:
    return _filled(
        {
            "public_id": merchant.public_id,
            "kind": merchant.kind,
            "country": merchant.country,
            "name": merchant.name,
            "legal_name": merchant.legal_name,
            "address": address_of(merchant),
            "email": merchant.email,
            "phone": merchant.phone,
            "register_name": merchant.register_name,
            "register_number": merchant.register_number,
            "vat_id": merchant.vat_id,
            "eori": merchant.eori,
            "representative_name": str(merchant.numbers.get("representative_name") or ""),
            "verified": merchant.verified_at is not None,
            "self_certified": merchant.self_certified_at is not None,
            "return_terms": True,  # every product page carries the terms of return of its buyer's market
            "delivery_time_stated": states_delivery_time,
            "age_check": bool(merchant.numbers.get("age_check")),
        }
    )


def _price(listing: Listing) -> dict[str, Any]:
    """Return the cheapest offer in the merchant's own currency (else any), and what is shown beside it."""
    variants = list(listing.variants.all())
    offers = [(offer, variant) for variant in variants for offer in variant.offers.all()]
    home = [pair for pair in offers if pair[0].currency == listing.merchant.currency] or offers
    if not home:
        return {"available": False}
    offer, variant = min(home, key=lambda pair: (pair[0].price_minor, pair[0].pk))
    quantity = variant.net_quantity or listing.disclosures.get("net_quantity") or {}
    reduced = offer.reduced_from is not None
    return {
        "currency": offer.currency,
        "minor": offer.price_minor,
        "unit_price": unit_price(Money(offer.price_minor, offer.currency), quantity) is not None,
        "reduced": reduced,
        "prior_price": reduced,  # a page never shows a reduction without it
        "available": True,
    }


def _document(document: Document | BrandCertificate) -> dict[str, Any]:
    return _filled(
        {
            "kind": document.kind,
            "number": document.number,
            "market": document.market,
            "issued_on": document.issued_on.isoformat() if document.issued_on else "",
            "expires_on": document.expires_on.isoformat() if document.expires_on else "",
        }
    )
