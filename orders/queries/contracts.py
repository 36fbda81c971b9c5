"""What is promised of each thing at the moment of the order: words, disclosures, warnings, prior price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.html import strip_tags

from catalog.domain.landed import Taxed
from catalog.domain.prices import Recorded
from catalog.queries.contacts import contacts_in
from catalog.queries.makers import makers_of
from catalog.queries.prices import Priced, prior_facts
from catalog.queries.rights import Terms, terms_of
from compliance import rulebook
from marketplace.accounts.models import Merchant
from marketplace.kernel.money import Money
from marketplace.kernel.prepared import attach, prepared
from orders.queries.goods import offer_for, text_in


@dataclass(frozen=True, slots=True)
class Promised:
    """A variant as it is described when the contract is made."""

    variant_id: int
    merchant: Merchant
    sku: str
    gtin: str
    title: str
    options: tuple[tuple[str, str], ...]
    category: str
    condition: str
    hs_code: str
    origin: str
    terms: Terms  # what decides its rights
    prior_price: dict[str, Any]
    content: dict[
        str, Any
    ]  # what is frozen: texts, disclosures, makers, who answers in the market, pictures' alternative texts


def promised_of(
    variants: Iterable[str], *, market: str, language: str, currency: str, time_zone: str
) -> dict[str, Promised]:
    """Return what is promised of variants, by public id, in the shopper's language.

    Three queries, four when something is reduced.
    """
    rows = _variants(list(variants))
    attach(rows, "offers", _offers_of([row.pk for row in rows]))
    listings = list({row.listing_id: row.listing for row in rows}.values())
    attach(listings, "texts", _texts_of([one.pk for one in listings]))
    for row in rows:
        row.listing = next(one for one in listings if one.pk == row.listing_id)
    offers = {row.pk: offer_for(row, currency) for row in rows}
    prior = _prior_prices(rows, offers, market, time_zone)
    return {row.public_id: _promised(row, market, language, prior.get(row.pk, {})) for row in rows}


@prepared
def _variants(public_ids: list[str]) -> QuerySet[Any]:
    model = apps.get_model("catalog", "Variant")
    rows = model.objects.filter(public_id__in=public_ids)
    return rows.select_related("listing__category", "listing__brand__shared", "listing__merchant")


@prepared
def _offers_of(variant_ids: list[int]) -> QuerySet[Any]:
    return apps.get_model("catalog", "Offer").objects.filter(variant_id__in=variant_ids).order_by("pk")


@prepared
def _texts_of(listing_ids: list[int]) -> QuerySet[Any]:
    return apps.get_model("catalog", "ListingText").objects.filter(listing_id__in=listing_ids).order_by("pk")


def _prior_prices(
    rows: list[Any], offers: dict[int, Any], market: str, time_zone: str
) -> dict[int, dict[str, Any]]:
    """Return, for what is offered at a reduction, the prior price by law and the history it rests on."""
    reduced = [row for row in rows if offers[row.pk].reduced_from]
    if not reduced:
        return {}
    model = apps.get_model("catalog", "PriceRecord")
    history: dict[tuple[int, str], list[Recorded]] = {}
    for one in model.objects.filter(variant__in=reduced).order_by("variant_id", "valid_from", "pk"):
        recorded = Recorded(one.valid_from, one.price_minor, one.kind)
        history.setdefault((one.variant_id, one.currency), []).append(recorded)
    found = {}
    for row in reduced:
        records = history.get((row.pk, offers[row.pk].currency))
        if records:
            found[row.pk] = _prior_price(row, offers[row.pk], records, market, time_zone)
    return found


def _prior_price(
    row: Any, offer: Any, records: list[Recorded], market: str, time_zone: str
) -> dict[str, Any]:
    merchant = row.listing.merchant
    priced = Priced(
        key=row.pk,
        variant_id=row.pk,
        asked=Money(offer.price_minor, offer.currency),
        includes_tax=merchant.prices_include_tax,
        thing=Taxed(row.listing.category.code, row.listing.hs_code, row.listing.origin, merchant.country),
        merchant_id=merchant.pk,
        merchant=merchant.public_id,
        reduced_from=offer.reduced_from,
    )
    facts = prior_facts(priced, records, market, time_zone)
    return {"facts": facts, **rulebook.answer("prior_price", facts).as_json()}


def _promised(row: Any, market: str, language: str, prior_price: dict[str, Any]) -> Promised:
    listing, brand, makers = row.listing, row.listing.brand, makers_of(row.listing)
    text = text_in(listing, language)
    return Promised(
        variant_id=row.pk,
        merchant=listing.merchant,
        sku=row.sku,
        gtin=row.gtin,
        title=text.title if text else listing.code,
        options=tuple(zip(listing.option_names, row.options, strict=False)),
        category=listing.category.code,
        condition=listing.condition,
        hs_code=listing.hs_code,
        origin=listing.origin,
        terms=terms_of(listing),
        prior_price=prior_price,
        content={
            "listing_version": listing.version,
            "language": text.language if text else listing.language,
            "title": text.title if text else listing.code,
            "subtitle": text.subtitle if text else "",
            "description": strip_tags(text.description) if text else "",
            "brand": brand.name if brand else "",
            "manufacturer": dict(makers.manufacturer),
            "responsible_person": dict(makers.responsible_person),
            "makers_sources": dict(makers.sources),
            "local_contacts": [dict(one) for one in contacts_in(market, list(makers.local_contacts))],
            "disclosures": {
                key: _said(value, language) for key, value in sorted(listing.disclosures.items())
            },
        },
    )


def _said(value: Any, language: str) -> Any:
    """Return a translatable value in the shopper's language, else all its languages; others as they are."""
    if isinstance(value, dict) and value and all(len(key) <= 10 and key.islower() for key in value):
        return value.get(language) or value.get(language.split("-")[0]) or value
    return value


@lru_cache(maxsize=1)
def terms_version() -> str:
    """Return the version of the marketplace's terms: they are the rulebook's texts of this release."""
    return "terms-" + sha256(rulebook.default().version.encode()).hexdigest()[:12]
