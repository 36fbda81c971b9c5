"""How a row becomes a variant of its item, whatever the format. Pure."""

from __future__ import annotations

from catalog.importing.records import Item, Options, Problem, VariantDraft, read_count, read_gtin, read_price
from marketplace.kernel.errors import Words


def add_variant(
    item: Item,
    line: int,
    variant: VariantDraft,
    *,
    price: object,
    gtin: object = "",
    stock: object = "",
    options: Options,
) -> None:
    """Read price, GTIN and stock into `variant` and add it, or refuse its row and say why."""
    problems: list[Problem] = []
    try:
        variant.price = read_price(price) if str(price or "").strip() else options.default_price
    except ValueError as error:
        problems.append(Problem("price", error.args[0], "Write a price above zero, such as 12.50."))
    if variant.price is None and not problems:
        problems.append(
            Problem("price", "There is no price.", "Add one, or choose a price for the whole file.")
        )
    try:
        variant.stock = read_count(stock)
    except ValueError:
        what = Words("%(value)s is not a number of pieces; taken as none in stock.", value=repr(stock))
        item.remarks.append(Problem("stock", what, "Write a whole number."))
        variant.stock = 0
    if variant.stock is None:
        variant.stock = options.default_stock
    try:
        variant.gtin = read_gtin(gtin)
    except ValueError:
        what = Words("The code %(value)s has no valid check digit; it was left out.", value=repr(gtin))
        item.remarks.append(Problem("gtin", what, "Copy the number under the barcode."))
    if any(variant.sku == other.sku for other in item.draft.variants):  # type: ignore[union-attr]
        problems.append(
            Problem("sku", "Another row already has this SKU.", "Give every variant an SKU of its own.")
        )
    elif any(variant.options == other.options for other in item.draft.variants):  # type: ignore[union-attr]
        problems.append(
            Problem(
                "options", "Another row already has these options.", "Give every variant options of its own."
            )
        )
    if problems:
        item.refused_lines[line] = problems
        return
    item.draft.variants.append(variant)  # type: ignore[union-attr]


def unlawful_reduction(item: Item, variant: VariantDraft, before: object, field: str) -> None:
    """Remark that a struck-out price was not taken: a reduction rests on the price history, never on a file."""
    try:
        claimed = read_price(before)
    except ValueError:
        return
    if variant.price is not None and claimed > variant.price:
        item.remarks.append(
            Problem(
                field,
                Words("The earlier price %(price)s was not taken.", price=str(claimed)),
                "Announce a reduction in the listing: the earlier price then comes from its history.",
            )
        )


def settle(item: Item) -> Item:
    """Refuse an item none of whose rows became a variant, so that no row is lost between the two counts."""
    if item.draft is not None and not item.problems and not item.draft.variants:
        reasons = [reason for problems in item.refused_lines.values() for reason in problems]
        item.problems = reasons or [
            Problem("price", "No row has a price.", "Add a price to at least one row.")
        ]
    return item
