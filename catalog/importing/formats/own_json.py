"""Our own JSON: ``{"format": "rightful-catalogue/1", "listings": [...]}``, as the export writes it."""

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
)
from catalog.importing.variants import add_variant

LABEL = "JSON (our own)"
FORMAT = "rightful-catalogue/1"
PLAIN = ("brand", "category", "condition", "hs_code", "origin")
OBJECTS = ("disclosures", "manufacturer", "responsible_person")


def recognises(head: str, name: str) -> bool:
    return FORMAT in head


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per listing.

    :raises FileRefused: if the file is not ours.
    """
    value = load_json(text)
    if (
        not isinstance(value, dict)
        or value.get("format") != FORMAT
        or not isinstance(value.get("listings"), list)
    ):
        raise FileRefused(
            "This is not our own JSON.", 'Write {"format": "%(format)s", "listings": [...]}.', format=FORMAT
        )
    for line, listing in enumerate(value["listings"], start=1):
        yield (
            _item(line, listing, options)
            if isinstance(listing, dict)
            else _refused(line, "", "It is not an object.")
        )


def _refused(line: int, field: str, what: str) -> Item:
    return Item([line], None, [Problem(field, what, "Compare it with an exported listing.")])


def _item(line: int, row: dict[str, Any], options: Options) -> Item:
    texts, code = row.get("texts"), clean_text(row.get("code"), 120)
    if not code or not isinstance(texts, dict) or not all(isinstance(text, dict) for text in texts.values()):
        return _refused(line, "code" if not code else "texts", "The code or the texts are missing.")
    wrong = next((name for name in OBJECTS if not isinstance(row.get(name, {}), dict)), None)
    if wrong or not isinstance(row.get("variants"), list):
        return _refused(line, wrong or "variants", "The value has the wrong shape.")
    language = str(row.get("language") or options.language)
    draft = ListingDraft(code=code, language=language, source_category=str(row.get("category", "")))
    draft.texts = {
        lang: {part: clean_text(value) for part, value in text.items()} for lang, text in texts.items()
    }
    for name in PLAIN:
        setattr(draft, name, clean_text(row.get(name)) or getattr(draft, name))
    for name in OBJECTS:
        setattr(draft, name, row.get(name, {}))
    draft.option_names = [clean_text(name) for name in row.get("option_names", [])]
    draft.images = [
        (str(i.get("url", "")), clean_text(i.get("alt")))
        for i in row.get("images", [])
        if isinstance(i, dict)
    ]
    draft.is_published = row.get("state", "active") == "active"
    item = Item([line], draft, raw={"code": code})
    for variant in row["variants"]:
        _add(item, draft, line, variant if isinstance(variant, dict) else {}, options)
    if item.refused_lines:
        item.problems = item.refused_lines.pop(line)  # a listing is one row: taken or refused as a whole
    return item


def _add(item: Item, draft: ListingDraft, line: int, row: dict[str, Any], options: Options) -> None:
    variant = VariantDraft(
        sku=clean_text(row.get("sku"), 120) or draft.code,
        price=None,
        currency=clean_text(row.get("currency"), 3) or options.currency,
        options=[clean_text(value) for value in row.get("options", [])],
        mpn=clean_text(row.get("mpn"), 80),
        weight_grams=row.get("weight_grams") if isinstance(row.get("weight_grams"), int) else None,
        net_quantity=row.get("net_quantity") if isinstance(row.get("net_quantity"), dict) else {},
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
