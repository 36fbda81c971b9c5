"""schema.org Product and ProductGroup in JSON-LD: one block, a list, a graph, or a page's blocks in wrappers."""

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
    read_quantity,
)
from catalog.importing.variants import add_variant

LABEL = "schema.org JSON-LD"
PRODUCTS = {
    "Product",
    "ProductGroup",
    "IndividualProduct",
    "ProductModel",
    "Book",
    "Vehicle",
    "Car",
    "SomeProducts",
}
GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "isbn")
NO_PRODUCT = Problem(
    "@type", "The block describes no product.", "Send blocks of type Product or ProductGroup."
)


def recognises(head: str, name: str) -> bool:
    return "schema.org" in head and head.lstrip("\ufeff \n\r")[:1] in ("{", "[")


def read(text: str, options: Options) -> Iterator[Item]:
    """Yield one item per block; a block with several products yields one for each, the first counts the row."""
    value = load_json(text)
    blocks = (
        value
        if isinstance(value, list)
        else value.get("@graph", [value])
        if isinstance(value, dict)
        else None
    )
    if blocks is None:
        raise FileRefused("The file holds no list of blocks.", "Send JSON-LD as an object or a list.")
    for line, block in enumerate(blocks, start=1):
        inner = block.get("jsonld", block) if isinstance(block, dict) else block
        products = list(_products(inner))
        if not products:
            yield Item([line], None, [NO_PRODUCT], raw=inner if isinstance(inner, dict) else {})
        for position, product in enumerate(products):
            yield _item([line] if position == 0 else [], line, product, options)


def _products(value: Any) -> Iterator[dict[str, Any]]:
    for node in _all(value):
        if not isinstance(node, dict):
            continue
        if PRODUCTS & {str(kind).rpartition("/")[2] for kind in _all(node.get("@type"))}:
            yield node
        else:
            for key in ("@graph", "mainEntity", "itemListElement", "item", "itemOffered"):
                yield from _products(node.get(key))


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    """Return the words of a value: text, a language-tagged value, or the name of a thing."""
    for one in _all(value):
        if isinstance(one, dict):
            return _text(one.get("@value") or one.get("name") or one.get("url") or "")
        return clean_text(one)
    return ""


def _item(lines: list[int], line: int, node: dict[str, Any], options: Options) -> Item:
    title = _text(node.get("name"))[:200]
    code = _text(node.get("productGroupID") or node.get("sku") or node.get("productID") or node.get("mpn"))
    code = (code or _text(node.get("@id")) or f"block-{line}")[:120]
    if not title:
        return Item(lines, None, [Problem("name", "The product has no name.", "Add its name.")], raw=node)
    draft = ListingDraft(
        code=code,
        language=options.language,
        texts={options.language: {"title": title, "description": _text(node.get("description"))}},
        brand=_text(node.get("brand"))[:120],
        source_category=_text(node.get("category"))[:200],
        condition="used" if "Used" in str(node.get("itemCondition", "")) else "new",
        images=[(source, "") for value in _all(node.get("image")) if (source := _image(value))],
        origin=_country(node.get("countryOfOrigin")),
        manufacturer={"name": name} if (name := _text(node.get("manufacturer"))) else {},
    )
    if material := _text(node.get("material")):
        draft.disclosures["material"] = {options.language: material}
    item = Item(lines, draft, raw=node)
    children = [child for child in _all(node.get("hasVariant")) if isinstance(child, dict)]
    draft.option_names = _varies_by(node, children)
    for child in children or [node]:
        _add(item, draft, line, child, options)
    if item.refused_lines and not draft.variants:
        item.problems = item.refused_lines.pop(line, [])
    item.refused_lines = {}  # a block is one row: it is taken or refused as a whole
    return item


def _image(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("contentUrl") or value.get("url") or "")
    return str(value or "")


def _country(value: Any) -> str:
    text = _text(value).upper()
    return text if len(text) == 2 and text.isalpha() else ""


def _varies_by(node: dict[str, Any], children: list[dict[str, Any]]) -> list[str]:
    named = [str(value).rpartition("/")[2] for value in _all(node.get("variesBy"))]
    return [name for name in named if any(child.get(name) for child in children)] or (
        ["sku"] if len(children) > 1 else []
    )


def _add(item: Item, draft: ListingDraft, line: int, node: dict[str, Any], options: Options) -> None:
    offer = next((one for one in _all(node.get("offers")) if isinstance(one, dict)), {})
    spec = next((one for one in _all(offer.get("priceSpecification")) if isinstance(one, dict)), {})
    price = offer.get("price") or spec.get("price")
    currency = _text(offer.get("priceCurrency") or spec.get("priceCurrency")) or options.currency
    if price is None and offer.get("lowPrice"):
        reason = "Only a range of prices is given."
        item.refused_lines[line] = [
            Problem("offers", reason, "Give each variant an offer with its own price.")
        ]
        return
    stock = "0" if "OutOfStock" in str(offer.get("availability", "")) else _text(offer.get("inventoryLevel"))
    gtin = next((_text(node[name]) for name in GTINS if node.get(name)), "")
    variant = VariantDraft(
        sku=(_text(node.get("sku")) or draft.code)[:120],
        price=None,
        currency=currency[:3].upper(),
        options=[_text(node.get(name)) for name in draft.option_names],
        mpn=_text(node.get("mpn"))[:80],
        net_quantity=read_quantity(_text(node.get("size"))),
    )
    add_variant(
        item, line, variant, price=price, gtin=gtin, stock=stock if stock.isdigit() else "", options=options
    )
