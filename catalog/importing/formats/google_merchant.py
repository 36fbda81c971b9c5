"""Google Merchant feeds: RSS 2.0 or Atom XML with the ``g:`` namespace, or the same attributes as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from catalog.importing.reading import rows_of
from catalog.importing.records import (
    FileRefused,
    Item,
    ListingDraft,
    Options,
    Problem,
    VariantDraft,
    clean_text,
    read_quantity,
    read_weight,
)
from catalog.importing.variants import add_variant, unlawful_reduction
from marketplace.kernel.errors import Words

LABEL = "Google Merchant feed (XML or TSV)"
OPTIONS = ("color", "size", "material", "pattern")
Row = dict[str, str]


def recognises(head: str, name: str) -> bool:
    start = head.lstrip("\ufeff \n\r")
    if start.startswith("<"):
        return "base.google.com" in head or "<rss" in head or "<feed" in head
    first = {cell.strip().lower().replace(" ", "_") for cell in re.split(r"[\t,;]", start.split("\n", 1)[0])}
    return {"id", "title", "price", "link"} <= first


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per item group (or single item)."""
    groups: dict[str, list[tuple[int, Row]]] = {}
    source = _xml_rows(text) if text.lstrip("\ufeff \n\r").startswith("<") else _table_rows(text)
    for line, row in source:
        key = row.get("item_group_id", "").strip()
        groups.setdefault(f"g:{key}" if key else f"i:{row.get('id', '').strip() or line}", []).append(
            (line, row)
        )
    for rows in groups.values():
        yield _item(rows, options)


def _table_rows(text: str) -> Iterator[tuple[int, Row]]:
    for line, row in rows_of(text):
        yield (
            line,
            {name.strip().lower().replace(" ", "_").removeprefix("g:"): value for name, value in row.items()},
        )


def _xml_rows(text: str) -> Iterator[tuple[int, Row]]:
    try:
        root = fromstring(text.encode())
    except ParseError as error:
        raise FileRefused(
            "The XML breaks here: %(why)s.", "Export the feed again.", error.position[0], why=str(error)
        ) from None
    except DefusedXmlException:
        raise FileRefused("The feed defines entities.", "Remove the DOCTYPE from the feed.") from None
    number = 0
    for element in root.iter():
        if element.tag.rpartition("}")[2] in ("item", "entry"):
            number += 1
            yield number, _row(element)


def _row(element: object) -> Row:
    row: Row = {}
    for child in element:  # type: ignore[attr-defined]
        name = child.tag.rpartition("}")[2]
        value = (child.text or "").strip() or child.attrib.get("href", "")
        if name == "additional_image_link" and name in row:
            value = f"{row[name]},{value}"
        row[name] = value
    return row


def _item(rows: list[tuple[int, Row]], options: Options) -> Item:
    lines, first = [line for line, _ in rows], rows[0][1]
    title = clean_text(first.get("title"), 200)
    problems = [
        Problem(name, Words("%(name)s is missing.", name=name), Words("Fill in %(name)s.", name=name))
        for name, value in (("id", first.get("id")), ("title", title))
        if not value
    ]
    if problems:
        return Item(lines, None, problems, raw=first)
    draft = ListingDraft(
        code=first.get("item_group_id", "").strip() or first["id"].strip(),
        language=options.language,
        texts={options.language: {"title": title, "description": clean_text(first.get("description"))}},
        brand=clean_text(first.get("brand"), 120),
        source_category=(first.get("google_product_category") or first.get("product_type") or "").strip(),
        condition=(first.get("condition") or "new").strip().lower(),
        images=_images(rows),
    )
    if len(rows) > 1:
        draft.option_names = [n for n in OPTIONS if len({row.get(n, "") for _, row in rows}) > 1] or ["id"]
    item = Item(lines, draft, raw=first)
    for line, row in rows:
        _add(item, draft, line, row, options)
    return item


def _images(rows: list[tuple[int, Row]]) -> list[tuple[str, str]]:
    sources = [
        source.strip()
        for _, row in rows
        for source in [row.get("image_link", ""), *row.get("additional_image_link", "").split(",")]
        if source.strip()
    ]
    return [(source, "") for source in dict.fromkeys(sources)]


def _add(item: Item, draft: ListingDraft, line: int, row: Row, options: Options) -> None:
    price = row.get("sale_price", "").strip() or row.get("price", "")
    named = re.search(r"\b[A-Z]{3}\b", price)
    weight = re.match(
        r"\s*([\d.,]+)\s*(\w+)", row.get("shipping_weight", "") or row.get("product_weight", "")
    )
    stock = row.get("quantity") or row.get("sell_on_google_quantity") or ""
    if not stock and row.get("availability", "").strip().lower().replace("_", " ") != "in stock":
        stock = "0"
    variant = VariantDraft(
        sku=row.get("id", "").strip() or f"{draft.code}-{line}",
        price=None,
        currency=named[0] if named else options.currency,
        options=[row.get(name, "").strip() for name in draft.option_names],
        mpn=row.get("mpn", "").strip(),
        weight_grams=read_weight(weight[1], weight[2]) if weight else None,
        net_quantity=read_quantity(row.get("unit_pricing_measure")),
    )
    add_variant(item, line, variant, price=price, gtin=row.get("gtin"), stock=stock, options=options)
    if row.get("sale_price", "").strip():
        unlawful_reduction(item, variant, row.get("price"), "price")
