"""Dumps of Django shops (Saleor, django-oscar): a JSON list of ``{"model", "pk", "fields"}``.

Products and their variants are rows; everything else in the dump is looked up, not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.importing.reading import load_json
from catalog.importing.records import (
    FileRefused,
    Item,
    ListingDraft,
    Options,
    Problem,
    VariantDraft,
    clean_text,
    read_weight,
)
from catalog.importing.variants import add_variant

LABEL = "Dump of a Django shop (Saleor, django-oscar)"
Tables = dict[str, dict[Any, dict[str, Any]]]


def recognises(head: str, name: str) -> bool:
    return '"model"' in head and '"fields"' in head and head.lstrip("\ufeff \n\r").startswith("[")


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per product.

    :raises FileRefused: if the dump holds no products of a kind we know.
    """
    rows = load_json(text)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "model" in row for row in rows):
        raise FileRefused("This is not a dump of a Django shop.", "Use manage.py dumpdata with JSON.")
    tables: Tables = {}
    lines: dict[tuple[str, Any], int] = {}
    for line, row in enumerate(rows, start=1):
        model, pk = row["model"].lower(), row.get("pk", line)
        tables.setdefault(model, {})[pk] = row.get("fields", {})
        lines[model, pk] = line
    if "product.product" in tables:
        yield from _saleor(tables, lines, options)
    elif "catalogue.product" in tables:
        yield from _oscar(tables, lines, options)
    else:
        raise FileRefused(
            "The dump holds no products.", "Include product.product or catalogue.product in the dump."
        )


def _saleor(tables: Tables, lines: dict[tuple[str, Any], int], options: Options) -> Iterator[Item]:
    variants = _by(tables.get("product.productvariant", {}), "product")
    media = _by(tables.get("product.productmedia", {}), "product")
    for pk, product in tables["product.product"].items():
        own = variants.get(pk, [])
        rows = [lines["product.product", pk], *(lines["product.productvariant", key] for key, _ in own)]
        draft = ListingDraft(
            code=product["slug"],
            language=options.language,
            texts={
                options.language: {
                    "title": clean_text(product["name"], 200),
                    "description": clean_text(product.get("description_plaintext")),
                    "seo_title": clean_text(product.get("seo_title"), 200),
                    "seo_description": clean_text(product.get("seo_description"), 320),
                }
            },
            source_category=_name(tables, "product.category", product.get("category")),
            option_names=["Variant"] if len(own) > 1 else [],
            images=[
                (str(m.get("image") or m.get("external_url") or ""), m.get("alt") or "")
                for _, m in media.get(pk, [])
            ],
        )
        item = Item(rows, draft, raw={"slug": product["slug"], "name": product["name"]})
        if (
            not tables.get("product.producttype", {})
            .get(product.get("product_type"), {})
            .get("is_shipping_required", True)
        ):
            item.problems = [
                Problem("product_type", "A download or service is not shipped.", "Leave it out.")
            ]
            yield item
            continue
        for key, variant in own:
            _saleor_variant(item, tables, lines["product.productvariant", key], key, variant, options)
        yield item


def _saleor_variant(
    item: Item, tables: Tables, line: int, key: Any, row: dict[str, Any], options: Options
) -> None:
    prices = [
        one
        for one in tables.get("product.productvariantchannellisting", {}).values()
        if one["variant"] == key
    ]
    price = next((one for one in prices if one["currency"] == options.currency), prices[0] if prices else {})
    stocks = [
        one["quantity"] for one in tables.get("warehouse.stock", {}).values() if one["product_variant"] == key
    ]
    amount, _, unit = str(row.get("weight") or "").partition(":")
    draft = VariantDraft(
        sku=row.get("sku") or f"{item.draft.code}-{key}",  # type: ignore[union-attr]
        price=None,
        currency=price.get("currency", options.currency),
        options=[clean_text(row["name"], 80)] if item.draft.option_names else [],  # type: ignore[union-attr]
        weight_grams=read_weight(amount, unit),
    )
    stock = sum(stocks) if stocks else ""
    add_variant(item, line, draft, price=price.get("price_amount"), stock=stock, options=options)


def _oscar(tables: Tables, lines: dict[tuple[str, Any], int], options: Options) -> Iterator[Item]:
    products = tables["catalogue.product"]
    children = _by({pk: row for pk, row in products.items() if row.get("parent")}, "parent")
    categories = {
        row["product"]: row["category"] for row in tables.get("catalogue.productcategory", {}).values()
    }
    for pk, product in products.items():
        if product.get("parent"):
            continue
        own = children.get(pk, [])
        rows = [lines["catalogue.product", pk], *(lines["catalogue.product", key] for key, _ in own)]
        draft = ListingDraft(
            code=product.get("upc") or f"{product.get('slug', 'product')}-{pk}",
            language=options.language,
            texts={
                options.language: {
                    "title": clean_text(product.get("title"), 200),
                    "description": clean_text(product.get("description")),
                }
            },
            source_category=_name(tables, "catalogue.category", categories.get(pk)),
            option_names=["Variant"] if own else [],
        )
        item = Item(rows, draft, raw={"title": product.get("title")})
        for key, child in own or [(pk, product)]:
            _oscar_variant(item, tables, lines["catalogue.product", key], key, child, options)
        yield item


def _oscar_variant(
    item: Item, tables: Tables, line: int, key: Any, row: dict[str, Any], options: Options
) -> None:
    records = [one for one in tables.get("partner.stockrecord", {}).values() if one["product"] == key]
    record = next(
        (one for one in records if one.get("price") or one.get("price_excl_tax")),
        records[0] if records else {},
    )
    draft = VariantDraft(
        sku=record.get("partner_sku") or row.get("upc") or f"{item.draft.code}-{key}",  # type: ignore[union-attr]
        price=None,
        currency=record.get("price_currency") or options.currency,
        options=[clean_text(row.get("title") or str(key), 80)] if item.draft.option_names else [],  # type: ignore[union-attr]
    )
    add_variant(
        item, line, draft, price=record.get("price") or record.get("price_excl_tax"), gtin=row.get("upc") or "",
        stock=record.get("num_in_stock") if record.get("num_in_stock") is not None else "", options=options,
    )  # fmt: skip


def _by(rows: dict[Any, dict[str, Any]], key: str) -> dict[Any, list[tuple[Any, dict[str, Any]]]]:
    groups: dict[Any, list[tuple[Any, dict[str, Any]]]] = {}
    for pk, row in rows.items():
        groups.setdefault(row.get(key), []).append((pk, row))
    return groups


def _name(tables: Tables, model: str, pk: Any) -> str:
    return clean_text(tables.get(model, {}).get(pk, {}).get("name"), 200)
