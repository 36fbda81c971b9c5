"""What is promised of each thing at the moment of the order: words, disclosures, warnings, prior price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.utils.html import strip_tags

from compliance import rulebook
from orders.queries.checkouts import traits_of


@dataclass(frozen=True, slots=True)
class Promised:
    """A variant as it is described when the contract is made."""

    sku: str
    gtin: str
    title: str
    options: tuple[tuple[str, str], ...]
    category: str
    condition: str
    hs_code: str
    origin: str
    traits: tuple[str, ...]
    prior_price: dict[str, Any]
    content: dict[str, Any]  # what is frozen: texts, disclosures, makers, pictures' alternative texts


def promised_of(variants: Iterable[str], *, market: str, language: str) -> dict[str, Promised]:
    """Return what is promised of variants, by public id, in the shopper's language."""
    model = apps.get_model("catalog", "Variant")
    rows = model.objects.filter(public_id__in=list(variants)).select_related(
        "listing__category", "listing__brand"
    )
    rows = rows.prefetch_related("listing__texts")
    return {row.public_id: _promised(row, language) for row in rows}


def _promised(row: Any, language: str) -> Promised:
    listing, brand = row.listing, row.listing.brand
    text = _text(listing, language)
    return Promised(
        sku=row.sku,
        gtin=row.gtin,
        title=text.title if text else listing.code,
        options=tuple(zip(listing.option_names, row.options, strict=False)),
        category=listing.category.code,
        condition=listing.condition,
        hs_code=listing.hs_code,
        origin=listing.origin,
        traits=traits_of(listing.disclosures, listing.traits),
        prior_price={},
        content={
            "listing_version": listing.version,
            "language": text.language if text else listing.language,
            "title": text.title if text else listing.code,
            "subtitle": text.subtitle if text else "",
            "description": strip_tags(text.description) if text else "",
            "brand": brand.name if brand else "",
            "manufacturer": listing.manufacturer or (brand.manufacturer if brand else {}),
            "responsible_person": listing.responsible_person or (brand.responsible_person if brand else {}),
            "disclosures": {
                key: _said(value, language) for key, value in sorted(listing.disclosures.items())
            },
        },
    )


def _text(listing: Any, language: str) -> Any:
    texts = {text.language: text for text in listing.texts.all()}
    choices = (language, language.split("-")[0], listing.language, "en")
    return next((texts[code] for code in choices if code in texts), next(iter(texts.values()), None))


def _said(value: Any, language: str) -> Any:
    """Return a translatable value in the shopper's language, else all its languages; others as they are."""
    if isinstance(value, dict) and value and all(len(key) <= 10 and key.islower() for key in value):
        return value.get(language) or value.get(language.split("-")[0]) or value
    return value


@lru_cache(maxsize=1)
def terms_version() -> str:
    """Return the version of the marketplace's terms: they are the rulebook's texts of this release."""
    return "terms-" + sha256(rulebook.default().version.encode()).hexdigest()[:12]
