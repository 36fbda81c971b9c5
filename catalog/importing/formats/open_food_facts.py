"""Open Food Facts' CSV (comma or tab): facts of food without price or stock, which the merchant gives."""

from __future__ import annotations

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
    read_quantity,
)
from catalog.importing.variants import add_variant
from marketplace.kernel.errors import Words

LABEL = "Open Food Facts CSV"
REPAIR = "Format the column as text and export again."
IN_ADDRESS = re.compile(r"/product/(\d{6,18})")
# Allergen tags of Open Food Facts → the fourteen groups of Regulation (EU) 1169/2011 Annex II, as the registry names them.
ALLERGENS = {
    "gluten": "gluten", "crustaceans": "crustaceans", "eggs": "eggs", "fish": "fish", "peanuts": "peanuts",
    "soybeans": "soybeans", "milk": "milk", "nuts": "nuts", "celery": "celery", "mustard": "mustard",
    "sesame-seeds": "sesame", "sulphur-dioxide-and-sulphites": "sulphites", "lupin": "lupin", "molluscs": "molluscs",
}  # fmt: skip


def recognises(head: str, name: str) -> bool:
    first = head.lstrip("\ufeff").split("\n", 1)[0]
    return "ingredients_text" in first and "product_name" in first


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per row."""
    for line, row in rows_of(text):
        yield _item(line, row, options)


def _item(line: int, row: dict[str, str], options: Options) -> Item:
    title = clean_text(row.get("product_name") or row.get("generic_name"), 200)
    code, was_repaired = _code(row)
    problems = [
        Problem(name, what, fix)
        for name, what, fix, value in (
            ("product_name", "The product has no name.", "Give it a name.", title),
            ("code", "The row has no code.", "Give every product a code.", code),
        )
        if not value
    ]
    if "E+" in code.upper():
        problems.append(
            Problem("code", Words("A spreadsheet has damaged the code: %(value)s.", value=code), REPAIR)
        )
    if problems:
        return Item([line], None, problems, raw=row)
    draft = ListingDraft(
        code=f"off-{code}",
        language=options.language,
        texts={options.language: {"title": title, "description": clean_text(row.get("generic_name"))}},
        brand=clean_text(row.get("brands", "").split(",")[0], 120),
        source_category=(row.get("main_category") or row.get("categories_tags", "").split(",")[-1]).strip(),
        disclosures=_disclosures(row, options),
    )
    item = Item([line], draft, raw={name: value for name, value in row.items() if value})
    if was_repaired:
        item.remarks.append(
            Problem(
                "code",
                Words("The code was damaged; %(value)s was read from the address.", value=code),
                REPAIR,
            )
        )
    variant = VariantDraft(
        sku=f"off-{code}",
        price=None,
        currency=options.currency,
        net_quantity=read_quantity(row.get("quantity")),
    )
    if variant.net_quantity:
        draft.disclosures["net_quantity"] = variant.net_quantity
    add_variant(item, line, variant, price="", gtin=code, options=options)
    return item


def _code(row: dict[str, str]) -> tuple[str, bool]:
    """Return the product's code and whether it had to be read from its address."""
    code = row.get("code", "").strip()
    found = IN_ADDRESS.search(row.get("url", ""))
    if found and "E+" in code.upper():
        return found[1], True
    return code, False


def _disclosures(row: dict[str, str], options: Options) -> dict[str, object]:
    found: dict[str, object] = {}
    if name := clean_text(row.get("generic_name") or row.get("product_name"), 200):
        found["food_name"] = {options.language: name}
    if ingredients := clean_text(row.get("ingredients_text")):
        found["ingredients"] = {options.language: ingredients}
    tags = [
        tag.strip().rpartition(":")[2]
        for tag in (row.get("allergens_tags") or row.get("allergens") or "").split(",")
    ]
    if allergens := sorted({ALLERGENS[tag] for tag in tags if tag in ALLERGENS}):
        found["allergens"] = allergens
    return found
