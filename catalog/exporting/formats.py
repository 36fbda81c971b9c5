"""The formats by name; each writes the whole catalogue of a merchant as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from catalog.importing.formats.own_json import FORMAT
from catalog.models import Listing, Offer, Variant
from marketplace.accounts.models import Merchant
from marketplace.kernel.money import Money

FORMULA = ("=", "+", "-", "@", "\t", "\r")
GOOGLE = "http://base.google.com/ns/1.0"
TEXTS = ("title", "subtitle", "description", "seo_title", "seo_description")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written and called."""

    write: Callable[[Merchant], str]
    content_type: str
    ending: str


def records_of(merchant: Merchant) -> list[Record]:
    """Return a merchant's listings, archived ones left out, in the shape of our own JSON."""
    rows = Listing.objects.filter(merchant=merchant).exclude(state=Listing.State.ARCHIVED).order_by("code")
    rows = rows.select_related("category", "brand").prefetch_related(
        "texts", "variants__offers", "variants__stock"
    )
    return [_record(listing, merchant.currency) for listing in rows]


def _record(listing: Listing, currency: str) -> Record:
    variants = sorted((v for v in listing.variants.all() if v.is_active), key=lambda v: (v.position, v.pk))
    texts = sorted(listing.texts.all(), key=lambda text: text.language)
    return {
        "code": listing.code,
        "language": listing.language,
        "state": listing.state,
        "category": listing.category.code,
        "brand": listing.brand.name if listing.brand else "",
        "condition": listing.condition,
        "hs_code": listing.hs_code,
        "origin": listing.origin,
        "option_names": listing.option_names,
        "texts": {text.language: {part: getattr(text, part) for part in TEXTS} for text in texts},
        "disclosures": listing.disclosures,
        "manufacturer": listing.manufacturer,
        "responsible_person": listing.responsible_person,
        "variants": [_variant(variant, currency) for variant in variants],
    }


def _variant(variant: Variant, currency: str) -> Record:
    offers = sorted(variant.offers.all(), key=lambda offer: (offer.currency != currency, offer.pk))
    shelf = getattr(variant, "stock", None)
    return {
        "sku": variant.sku,
        "options": variant.options,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "price": str(_regular(offers[0]).amount) if offers else "",
        "currency": offers[0].currency if offers else currency,
        "stock": shelf.on_hand if shelf else None,
        "weight_grams": variant.weight_grams,
        "net_quantity": variant.net_quantity,
    }


def _regular(offer: Offer) -> Money:
    """Return the regular price: a running reduction is announced here again, never carried in a file."""
    return Money(offer.regular_minor or offer.price_minor, offer.currency)


def write_json(merchant: Merchant) -> str:
    """Return our own JSON."""
    return json.dumps({"format": FORMAT, "listings": records_of(merchant)}, ensure_ascii=False, indent=1)


# -- our own CSV


def write_csv(merchant: Merchant) -> str:
    """Return our own CSV: a row per variant, the words of the original language without a suffix."""
    rows = [row for record in records_of(merchant) for row in _rows(record)]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["code", "title", "price"]
    return as_csv([columns, *([row.get(name, "") for name in columns] for row in rows)])


def _rows(record: Record) -> Iterable[Record]:
    for variant in record["variants"]:
        row = {
            name: record[name]
            for name in ("code", "state", "category", "brand", "condition", "hs_code", "origin")
        }
        row |= _words(record)
        for who in ("manufacturer", "responsible_person"):
            row |= {f"{who}.{part}": value for part, value in record[who].items()}
        row |= _disclosures(record["disclosures"])
        row |= {name: variant[name] for name in ("sku", "gtin", "mpn", "price", "currency")}
        row |= {
            "stock": "" if variant["stock"] is None else variant["stock"],
            "weight": variant["weight_grams"] or "",
        }
        quantity = variant["net_quantity"]
        row["net_quantity"] = f"{quantity['value']} {quantity['unit']}" if quantity else ""
        for at, (name, value) in enumerate(
            zip(record["option_names"], variant["options"], strict=False), start=1
        ):
            row |= {f"option{at}_name": name, f"option{at}_value": value}
        yield row


def _words(record: Record) -> Record:
    found: Record = {}
    for language, text in record["texts"].items():
        suffix = "" if language == record["language"] else f".{language}"
        found |= {f"{part}{suffix}": text[part] for part in ("title", "subtitle", "description")}
    return found


def _disclosures(disclosures: Record) -> Record:
    from compliance.rulebook.fields import fields

    found: Record = {}
    for key, value in disclosures.items():
        entry = fields().get(key)
        if entry and entry.translatable and isinstance(value, dict):
            found |= {f"disclosure.{key}.{language}": _cell(text) for language, text in value.items()}
        else:
            found[f"disclosure.{key}"] = _cell(value)
    return found


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Return a table that a spreadsheet opens without running a formula that somebody wrote into a cell."""
    out = io.StringIO()
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


def guarded(cell: Any) -> Any:
    """Return a cell with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


# -- Google Merchant


def write_google(merchant: Merchant) -> str:
    """Return an RSS 2.0 feed with Google's attributes: one item per variant of what is published."""
    ElementTree.register_namespace("g", GOOGLE)
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")
    for name, value in (
        ("title", merchant.name),
        ("link", settings.SITE_URL),
        ("description", merchant.legal_name),
    ):
        ElementTree.SubElement(channel, name).text = value
    links = {listing.code: _link(listing) for listing in Listing.objects.filter(merchant=merchant)}
    for record in records_of(merchant):
        for variant in record["variants"] if record["state"] == "active" else ():
            _item(channel, record, variant, links[record["code"]])
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(rss, encoding="unicode")


def _link(listing: Listing) -> str:
    for arguments in (
        [listing.public_id, listing.slug],
        [listing.slug, listing.public_id],
        [listing.public_id],
    ):
        try:
            return settings.SITE_URL + reverse("product", args=arguments)
        except NoReverseMatch:
            continue
    return settings.SITE_URL


def _item(channel: ElementTree.Element, record: Record, variant: Record, link: str) -> None:
    text = record["texts"].get(record["language"], {})
    item = ElementTree.SubElement(channel, "item")
    plain = {"title": text.get("title", ""), "description": text.get("description", ""), "link": link}
    own = {
        "id": variant["sku"],
        "item_group_id": record["code"] if len(record["variants"]) > 1 else "",
        "price": f"{variant['price']} {variant['currency']}" if variant["price"] else "",
        "availability": "in_stock" if variant["stock"] else "out_of_stock",
        "quantity": "" if variant["stock"] is None else str(variant["stock"]),
        "condition": record["condition"],
        "brand": record["brand"],
        "gtin": variant["gtin"],
        "mpn": variant["mpn"],
        "product_type": record["category"],
        "shipping_weight": f"{variant['weight_grams']} g" if variant["weight_grams"] else "",
        **{name.lower(): value for name, value in zip(record["option_names"], variant["options"], strict=False)
           if name.lower() in ("color", "size", "material", "pattern")},
    }  # fmt: skip
    for name, value in plain.items():
        ElementTree.SubElement(item, name).text = value
    for name, value in own.items():
        if value:
            ElementTree.SubElement(item, f"{{{GOOGLE}}}{name}").text = value


FORMATS = {
    "csv": Format(write_csv, "text/csv; charset=utf-8", "csv"),
    "json": Format(write_json, "application/json", "json"),
    "google": Format(write_google, "application/xml", "xml"),
}
