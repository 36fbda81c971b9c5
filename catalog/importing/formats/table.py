"""Our own CSV, and any other table whose columns the merchant maps onto ours.

Columns: code, title, subtitle, description (each also as ``title.de``), brand, category, condition, state, sku,
gtin, mpn, price, compare_at_price, currency, stock, weight, weight_unit, net_quantity, hs_code, origin,
option1_name, option1_value (to 3), images (several separated by blanks or ``|``), image_alt, and
``manufacturer.name|address|email|country``, ``responsible_person.…``, ``disclosure.<field>`` and
``disclosure.<field>.<language>``; a list of words such as ``disclosure.substances`` is divided at ``;`` and ``|``.
Rows with one code make one product; empty cells repeat the first row's.
"""

from __future__ import annotations

import json
import re
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
    read_quantity,
    read_weight,
)
from catalog.importing.variants import add_variant, unlawful_reduction
from compliance.rulebook import fields

LABEL = "CSV (our own, or with mapped columns)"
# Names that other shops use for our columns; a guess the merchant can change in the preview.
SYNONYMS = {
    "code": ("code", "slug", "handle", "id", "product_id", "artikelnummer"),
    "title": ("title", "name", "product_name", "bezeichnung"),
    "description": ("description", "body", "body_html", "beschreibung"),
    "subtitle": ("subtitle", "short_description"),
    "brand": ("brand", "brand_name", "vendor", "marke", "custom_field.properties.brand"),
    "category": ("category", "category1", "product_type", "type", "kategorie"),
    "state": ("state", "status", "published"),
    "sku": ("sku", "variant_sku"),
    "gtin": ("gtin", "ean", "upc", "isbn", "barcode"),
    "price": ("price", "variant_price", "preis"),
    "compare_at_price": ("compare_at_price",),
    "currency": ("currency", "price_currency"),
    "stock": ("stock", "inventory_count", "quantity", "inventory", "num_in_stock", "bestand"),
    "weight": ("weight", "weight_grams"),
    "weight_unit": ("weight_unit",),
    "images": ("images", "image", "image_link", "image1_src"),
    "origin": ("origin", "country_of_origin"),
    "hs_code": ("hs_code", "hs6"),
    "option1_name": ("option1_name",), "option1_value": ("option1_value",),
    "option2_name": ("option2_name",), "option2_value": ("option2_value",),
    "option3_name": ("option3_name",), "option3_value": ("option3_value",),
    "condition": ("condition",),
    "mpn": ("mpn",),
    "net_quantity": ("net_quantity",),
    "image_alt": ("image_alt",),
    "material": ("custom_field.properties.material", "material"),
}  # fmt: skip
Row = dict[str, str]


def recognises(head: str, name: str) -> bool:
    return True


def guess_columns(columns: list[str]) -> dict[str, str]:
    """Return our field → their column, for the columns whose names are known."""
    lower = {column.strip().lower().replace(" ", "_"): column for column in columns}
    return {
        ours: next(lower[name] for name in names if name in lower)
        for ours, names in SYNONYMS.items()
        if any(name in lower for name in names)
    }


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per code."""
    groups: dict[str, list[tuple[int, Row]]] = {}
    columns: dict[str, str] | None = dict(options.columns) or None
    for line, source in rows_of(text, header=options.header):
        if columns is None:
            columns = guess_columns(list(source))
        row = {**{name: value for name, value in source.items() if "." in name}}
        row |= {ours: source.get(theirs, "") for ours, theirs in columns.items()}
        row = {name: _unguarded(value) for name, value in row.items()}
        groups.setdefault(row.get("code", "").strip() or row.get("sku", "").strip(), []).append((line, row))
    for code, rows in groups.items():
        yield _item(code, rows, options)


def _unguarded(value: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return value[1:] if value[:1] == "'" and value[1:2] in tuple("=+-@\t\r") else value


def _item(code: str, rows: list[tuple[int, Row]], options: Options) -> Item:
    lines, first = [line for line, _ in rows], rows[0][1]
    if not code:
        problem = Problem("code", "The row has neither a code nor an SKU.", "Give every product a code.")
        return Item(lines, None, [problem], raw=first)
    title = clean_text(first.get("title"), 200)
    if not title:
        return Item(
            lines, None, [Problem("title", "The product has no title.", "Fill in its title.")], raw=first
        )
    draft = ListingDraft(
        code=code[:120],
        language=options.language,
        texts=_texts(first, title, options.language),
        brand=clean_text(first.get("brand"), 120),
        source_category=first.get("category", "").strip(),
        condition=(first.get("condition") or "new").strip().lower(),
        origin=first.get("origin", "").strip().upper()[:2],
        hs_code=re.sub(r"\D", "", first.get("hs_code", ""))[:10],
        is_published=read_flag(first.get("state"), default=True),
        manufacturer=_party(first, "manufacturer"),
        responsible_person=_party(first, "responsible_person"),
        disclosures=_disclosures(first, options.language),
    )
    draft.option_names = _option_names(rows)
    item = Item(lines, draft, raw=first)
    has_variants = len(rows) > 1 and any(_values(row, draft.option_names) for _, row in rows)
    for line, row in rows:
        _images(draft, row)
        if has_variants and not any(_values(row, draft.option_names)):
            continue  # the product's own row above its variants: read for texts and pictures
        _add(item, draft, line, row, options)
    return item


def _texts(row: Row, title: str, language: str) -> dict[str, dict[str, str]]:
    texts = {
        language: {
            "title": title,
            "subtitle": clean_text(row.get("subtitle"), 300),
            "description": clean_text(row.get("description")),
        }
    }
    for name, value in row.items():
        part, dot, other = name.partition(".")
        if dot and part in ("title", "subtitle", "description") and value.strip():
            texts.setdefault(other, {"title": "", "subtitle": "", "description": ""})[part] = clean_text(
                value
            )
    return texts


def _party(row: Row, who: str) -> dict[str, str]:
    found = {
        part: clean_text(row.get(f"{who}.{part}"), 300) for part in ("name", "address", "email", "country")
    }
    return {part: value for part, value in found.items() if value}


def _disclosures(row: Row, language: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in row.items():
        if name.startswith("disclosure.") and value.strip():
            _, key, *rest = name.split(".")
            if rest:
                found.setdefault(key, {})[rest[0]] = _value(value)  # type: ignore[index]
            else:
                found[key] = _listed(key, _value(value))
    if material := clean_text(row.get("material")):
        found.setdefault("material", {language: material})
    return found


def _listed(key: str, value: object) -> object:
    """Return the entries of a cell whose field is a list of words in no language."""
    known = fields.fields().get(key)
    if known is None or known.type != "text_list" or known.translatable or not isinstance(value, str):
        return value
    return [entry.strip() for entry in re.split(r"[;|]", value) if entry.strip()]


def _value(text: str) -> object:
    """Return a cell's value: JSON when it looks like JSON, else its words."""
    stripped = clean_text(text)
    if stripped[:1] in "[{" or stripped in ("true", "false"):
        try:
            return json.loads(stripped)
        except json.JSONDecodeError:
            return stripped
    return stripped


def _option_names(rows: list[tuple[int, Row]]) -> list[str]:
    names = (
        next((row[f"option{n}_name"] for _, row in rows if row.get(f"option{n}_name", "").strip()), "")
        for n in (1, 2, 3)
    )
    return [name.strip() for name in names if name.strip()]


def _values(row: Row, names: list[str]) -> list[str]:
    values = [row.get(f"option{n}_value", "").strip() for n in range(1, len(names) + 1)]
    return values if any(values) else []


def _images(draft: ListingDraft, row: Row) -> None:
    for source in re.split(r"[\s|]+", row.get("images", "").strip()):
        if source and source not in [known for known, _ in draft.images]:
            draft.images.append((source, clean_text(row.get("image_alt"), 300)))


def _add(item: Item, draft: ListingDraft, line: int, row: Row, options: Options) -> None:
    values = _values(row, draft.option_names)
    variant = VariantDraft(
        sku=(row.get("sku", "").strip() or "-".join([draft.code, *values]))[:120],
        price=None,
        currency=(row.get("currency", "").strip() or options.currency).upper(),
        options=values,
        mpn=clean_text(row.get("mpn"), 80),
        weight_grams=read_weight(row.get("weight"), row.get("weight_unit", "") or "g"),
        net_quantity=read_quantity(row.get("net_quantity")),
    )
    add_variant(
        item,
        line,
        variant,
        price=row.get("price"),
        gtin=row.get("gtin"),
        stock=row.get("stock"),
        options=options,
    )
    unlawful_reduction(item, variant, row.get("compare_at_price"), "compare_at_price")
