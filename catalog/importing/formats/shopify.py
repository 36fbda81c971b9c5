"""Shopify's product CSV: rows with one handle make one product; rows without a price add pictures."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.importing.reading import rows_of
from catalog.importing.records import (
    Item,
    ListingDraft,
    Options,
    Problem,
    VariantDraft,
    clean_text,
    read_flag,
    read_weight,
)
from catalog.importing.variants import add_variant, unlawful_reduction

LABEL = "Shopify CSV"
NO_OPTION = ("Title", "Default Title")


def recognises(head: str, name: str) -> bool:
    return head.lstrip("\ufeff").startswith(("Handle,", "Handle;")) or (
        "Variant Price" in head and "Handle" in head
    )


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per handle, in the order in which handles first appear."""
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, row in rows_of(text):
        groups.setdefault(row.get("Handle", "").strip(), []).append((line, row))
    for handle, rows in groups.items():
        yield _item(handle, rows, options)


def _item(handle: str, rows: list[tuple[int, dict[str, str]]], options: Options) -> Item:
    first = rows[0][1]
    lines = [line for line, _ in rows]
    if not handle:
        return Item(
            lines,
            None,
            [Problem("Handle", "The row has no handle.", "Give every product a handle.")],
            raw=first,
        )
    draft = ListingDraft(
        code=handle,
        language=options.language,
        texts={
            options.language: {
                "title": clean_text(first.get("Title"), 200),
                "description": clean_text(first.get("Body (HTML)")),
                "seo_title": clean_text(first.get("SEO Title"), 200),
                "seo_description": clean_text(first.get("SEO Description"), 320),
            }
        },
        brand=clean_text(first.get("Vendor"), 120),
        source_category=(
            first.get("Product Category")
            or first.get("Google Shopping / Google Product Category")
            or first.get("Type")
            or first.get("Tags", "").split(",")[0]
        ).strip(),
        condition=(first.get("Google Shopping / Condition") or "new").strip().lower(),
        is_published=read_flag(first.get("Published"), default=True),
    )
    draft.option_names = [
        name for n in (1, 2, 3) if (name := first.get(f"Option{n} Name", "").strip()) and name != NO_OPTION[0]
    ]
    item = Item(lines, draft, raw=first)
    for line, row in rows:
        _add_row(item, draft, line, row, options)
    if not draft.texts[options.language]["title"]:
        item.problems.append(
            Problem("Title", "The product has no title.", "Fill in the title of its first row.")
        )
    return item


def _add_row(item: Item, draft: ListingDraft, line: int, row: dict[str, str], options: Options) -> None:
    if source := row.get("Image Src", "").strip():
        draft.images.append((source, clean_text(row.get("Image Alt Text"), 300)))
    if not row.get("Variant Price", "").strip() and not row.get("Option1 Value", "").strip():
        return
    values = [row.get(f"Option{n} Value", "").strip() for n in range(1, len(draft.option_names) + 1)]
    sku = row.get("Variant SKU", "").strip().lstrip("'") or "-".join([draft.code, *values])
    variant = VariantDraft(
        sku=sku,
        price=None,
        currency=options.currency,
        options=values,
        mpn=row.get("Google Shopping / MPN", "").strip(),
        weight_grams=read_weight(row.get("Variant Grams"), "g"),
    )
    add_variant(
        item, line, variant, price=row.get("Variant Price"), gtin=row.get("Variant Barcode"),
        stock=row.get("Variant Inventory Qty"), options=options,
    )  # fmt: skip
    unlawful_reduction(item, variant, row.get("Variant Compare At Price"), "Variant Compare At Price")
