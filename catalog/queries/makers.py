"""Who made a product and who answers for it: the listing's own word, else its brand's record, else the officers'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, BrandCertificate, Listing

SOURCES = {
    "listing": "",
    "brand": _("from the record of the brand"),
    "shared": _("from the platform's record of the brand"),
}


@dataclass(frozen=True, slots=True)
class Makers:
    """What is shown and judged, and in `sources` whose word it is: listing, brand or shared."""

    manufacturer: Mapping[str, str]
    responsible_person: Mapping[str, str]
    local_contacts: tuple[Mapping[str, str], ...]
    safety_contact: Mapping[str, str]
    sources: Mapping[str, str]


def makers_of(listing: Listing) -> Makers:
    """Return who made a listing's goods and who answers for them. Reads `brand` and `brand.shared`."""
    records = list(_records(listing))
    manufacturer, made = _first(records, "manufacturer")
    person, answers = _first(records, "responsible_person")
    contacts: dict[tuple[str, str], Mapping[str, str]] = {}
    for _source, record in records:
        for one in getattr(record, "local_contacts", ()):
            contacts.setdefault((one.get("market", ""), one.get("role", "")), one)
    safety, _source = _first(records, "safety_contact")
    sources = {"manufacturer": made, "responsible_person": answers}
    return Makers(
        manufacturer,
        person,
        tuple(contacts.values()),
        safety,
        {name: source for name, source in sources.items() if source},
    )


def certificates_of(listing: Listing) -> list[BrandCertificate]:
    """Return the certificates of a listing's brand that count for it."""
    brands = [record for source, record in _records(listing) if source != "listing"]
    found = (one for brand in brands for one in brand.certificates.all())
    return [one for one in found if counts_for(one, listing.category.code, listing.code)]


def counts_for(certificate: BrandCertificate, category: str, code: str) -> bool:
    """Return whether a certificate's scope takes in a listing of a category (or below it) and a code."""
    within = [category == one or category.startswith(f"{one}.") for one in certificate.categories]
    return (not within or any(within)) and (not certificate.products or code in certificate.products)


def source_in_words(source: str) -> str:
    """Return where a value comes from, in the reader's language; nothing if the listing says it itself."""
    return str(SOURCES.get(source, ""))


def _records(listing: Listing) -> Iterator[tuple[str, Listing | Brand]]:
    yield "listing", listing
    if listing.brand_id:
        yield "brand", listing.brand
        if listing.brand.shared_id:
            yield "shared", listing.brand.shared


def _first(records: list[tuple[str, Any]], name: str) -> tuple[Mapping[str, str], str]:
    return next(
        ((value, source) for source, record in records if (value := getattr(record, name, None))), ({}, "")
    )
