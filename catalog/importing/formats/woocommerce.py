"""WooCommerce's product CSV: simple products, and variable ones with their variations below them."""

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

LABEL = "WooCommerce CSV"
REFUSED = {
    "grouped": (
        "A group holds no goods of its own.",
        "Its members are taken as products; nothing is to be done.",
    ),
    "external": (
        "The product is sold on another site.",
        "Sell it here with a price of its own, or leave it out.",
    ),
    "virtual": (
        "A download or service is not shipped.",
        "Only goods that travel in a parcel can be sold here today.",
    ),
}
Row = dict[str, str]


def recognises(head: str, name: str) -> bool:
    first = head.lstrip("\ufeff").split("\n", 1)[0]
    return "Regular price" in first and "Type" in first


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per product with its variations; variations of an unknown parent are refused."""
    rows = list(rows_of(text))
    parents = {key: line for line, row in rows if not _is_variation(row) for key in _names(row)}
    children: dict[int, list[tuple[int, Row]]] = {}
    for line, row in rows:
        if _is_variation(row):
            children.setdefault(parents.get(row.get("Parent", "").strip(), 0), []).append((line, row))
    for line, row in children.get(0, []):
        problem = Problem(
            "Parent", "The variation's product is not in the file.", "Export the parent product too."
        )
        yield Item([line], None, [problem], raw=row)
    for line, row in rows:
        if not _is_variation(row):
            yield _item(line, row, children.get(line, []), options)


def _is_variation(row: Row) -> bool:
    return "variation" in row.get("Type", "")


def _names(row: Row) -> list[str]:
    return [
        name
        for name in (row.get("SKU", "").strip(), f"id:{row.get('ID', '').strip()}")
        if name and name != "id:"
    ]


def _item(line: int, row: Row, children: list[tuple[int, Row]], options: Options) -> Item:
    lines = [line, *(number for number, _ in children)]
    kind = next((kind for kind in REFUSED if kind in row.get("Type", "").lower()), "")
    if kind:
        return Item(lines, None, [Problem("Type", *REFUSED[kind])], raw=row)
    title = clean_text(row.get("Name"), 200)
    if not title:
        return Item(lines, None, [Problem("Name", "The product has no name.", "Give it a name.")], raw=row)
    draft = ListingDraft(
        code=row.get("SKU", "").strip() or f"wc-{row.get('ID', line)}",
        language=options.language,
        texts={
            options.language: {
                "title": title,
                "subtitle": clean_text(row.get("Short description"), 300),
                "description": clean_text(row.get("Description") or row.get("Short description")),
            }
        },
        source_category=row.get("Categories", "").split(",")[0].strip(),
        images=[(source.strip(), "") for source in row.get("Images", "").split(",") if source.strip()],
        is_published=row.get("Published", "1").strip() == "1",
    )
    item = Item(lines, draft, raw=row)
    if children:
        draft.option_names = [
            name for n in range(1, 10) if (name := row.get(f"Attribute {n} name", "").strip())
        ]
        draft.option_names = [
            n for n in draft.option_names if any(_option(child, n) for _, child in children)
        ]
    for number, source in children or [(line, row)]:
        _add(item, draft, number, source, options)
    return item


def _option(row: Row, name: str) -> str:
    for n in range(1, 10):
        if row.get(f"Attribute {n} name", "").strip() == name:
            return row.get(f"Attribute {n} value(s)", "").strip()
    return ""


def _add(item: Item, draft: ListingDraft, line: int, row: Row, options: Options) -> None:
    variant = VariantDraft(
        sku=row.get("SKU", "").strip() or f"wc-{row.get('ID', line)}",
        price=None,
        currency=options.currency,
        options=[_option(row, name) for name in draft.option_names],
        weight_grams=read_weight(row.get("Weight (kg)"), "kg"),
    )
    stock = row.get("Stock", "").strip()
    if not stock and not read_flag(row.get("In stock?"), default=True):
        stock = "0"
    price = row.get("Sale price", "").strip() or row.get("Regular price")
    add_variant(
        item,
        line,
        variant,
        price=price,
        gtin=row.get("GTIN, UPC, EAN, or ISBN"),
        stock=stock,
        options=options,
    )
    if row.get("Sale price", "").strip():
        unlawful_reduction(item, variant, row.get("Regular price"), "Regular price")
