"""Items of a file: what is wrong with each is said, and the others are handed to the catalogue as drafts."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from catalog.domain import drafts
from catalog.domain.identifiers import check_hs_code
from catalog.importing.categories import Leaf, suggest
from catalog.importing.records import Item, ListingDraft, Options, Problem, VariantDraft
from catalog.operations.saving import save_listings
from compliance.rulebook import fields
from compliance.rulebook.categories import categories
from marketplace.accounts.models import Merchant
from marketplace.kernel.errors import Invalid, RightfulError, Words
from marketplace.kernel.money import CURRENCIES, Money

CONDITIONS = {"new": "new", "used": "used", "refurbished": "refurbished", "": "new"}
FIXES = {
    "code": "Give every product its own code.",
    "sku": "Give every variant an SKU of its own.",
    "variants": "Give every variant an SKU and options of its own.",
    "title": "Shorten the title.",
    "price": "Write a price above zero, such as 12.50.",
}


@lru_cache(maxsize=1)
def leaves() -> tuple[Leaf, ...]:
    """Return the leaves of the taxonomy with their words."""
    return tuple(
        Leaf(code=leaf.code, names=tuple(leaf.names.values()), google_path=leaf.google or "")
        for leaf in categories().values()
    )


def check(item: Item, options: Options, seen: set[str]) -> None:
    """Decide an item's category and say what is wrong with it; nothing is written.

    `seen` holds the codes of the file so far: a second item of the same code is refused, never silently merged.
    """
    draft = item.draft
    if draft is None or item.problems:
        return
    if draft.code in seen:
        item.problems.append(
            Problem(
                "code",
                Words("The code %(value)s appears again.", value=draft.code),
                "Give every product its own code.",
            )
        )
        return
    seen.add(draft.code)
    _decide_category(item, draft, options)
    if draft.condition not in CONDITIONS:
        item.problems.append(
            Problem(
                "condition",
                Words("We do not know the condition %(value)s.", value=repr(draft.condition)),
                "Write new, used or refurbished.",
            )
        )
    for variant in draft.variants:
        if variant.currency not in CURRENCIES:
            what = Words("%(value)s is not a currency.", value=repr(variant.currency))
            item.problems.append(Problem("currency", what, "Write a code such as EUR."))
            break
    _keep_known_disclosures(item, draft)
    _keep_known_codes(item, draft)
    if draft.images:
        item.remarks.append(
            Problem(
                "images",
                Words("Pictures that were not fetched: %(n)s.", n=len(draft.images)),
                "Upload the pictures to the listing.",
            )
        )


def _decide_category(item: Item, draft: ListingDraft, options: Options) -> None:
    title = draft.texts.get(draft.language, {}).get("title", "")
    known = categories()
    chosen = options.categories.get(draft.source_category)
    named = draft.category or draft.source_category
    draft.category = (
        chosen or (named if named in known else "") or suggest(draft.source_category, title, leaves())
    )
    draft.category = draft.category or options.default_category
    if draft.category not in known:
        source = draft.source_category
        what = (
            Words("We cannot place the category %(value)s.", value=repr(source))
            if source
            else "The product has no category."
        )
        item.problems.append(
            Problem(
                "category",
                what,
                "Choose one of our categories for it in the preview.",
            )
        )


def _keep_known_disclosures(item: Item, draft: ListingDraft) -> None:
    """Leave out disclosures that the registry does not take, and say so; the product itself is taken."""
    kept: dict[str, Any] = {}
    for name, value in draft.disclosures.items():
        try:
            kept[name] = fields.clean(name, value)
        except Invalid as error:
            item.remarks.append(Problem(f"disclosure.{name}", error.detail, "Correct it in the listing."))
    draft.disclosures = kept


def _keep_known_codes(item: Item, draft: ListingDraft) -> None:
    """Leave out a country or customs code that does not exist, and say so."""
    try:
        draft.origin = drafts.check_country(draft.origin, field="origin")
    except Invalid as error:
        item.remarks.append(Problem("origin", error.detail, "Choose the country in the listing."))
        draft.origin = ""
    try:
        draft.hs_code = check_hs_code(draft.hs_code) if draft.hs_code else ""
    except Invalid as error:
        item.remarks.append(Problem("hs_code", error.detail, "Choose the customs code in the listing."))
        draft.hs_code = ""


def write_items(*, merchant: Merchant, items: list[Item], now: datetime) -> list[int]:
    """Write the items that can be taken, judged; return the listings' ids. What is refused here says why.

    Runs inside the caller's transaction. What a file does not say of a listing stays as it is.
    """
    asked = [item for item in items if item.is_taken]
    saved = save_listings(
        merchant_id=merchant.pk, items=[draft_of(item.draft) for item in asked], now=now, keep_unsaid=True
    )
    for item, result in zip(asked, saved, strict=True):
        if result.error:
            item.problems.append(_problem(result.error))
    return [result.listing_id for result in saved if result.listing_id]


def draft_of(draft: ListingDraft | None) -> drafts.ListingDraft:
    """Return what a file says of a product as the catalogue takes it."""
    texts = {language.lower(): _text(text) for language, text in draft.texts.items() if text.get("title")}
    language = draft.language.lower()
    return drafts.ListingDraft(
        code=draft.code,
        category=draft.category,
        texts=texts,
        variants=[_variant(variant) for variant in draft.variants],
        language=language if language in texts else next(iter(texts), language),
        option_names=tuple(draft.option_names),
        brand=draft.brand,
        condition=CONDITIONS[draft.condition],
        origin=draft.origin,
        hs_code=draft.hs_code,
        disclosures=draft.disclosures,
        manufacturer=draft.manufacturer,
        responsible_person=draft.responsible_person,
        is_published=draft.is_published,
    )


def _text(text: dict[str, str]) -> drafts.TextDraft:
    return drafts.TextDraft(
        text["title"],
        text.get("subtitle", ""),
        text.get("description", ""),
        text.get("seo_title", ""),
        text.get("seo_description", ""),
    )


def _variant(variant: VariantDraft) -> drafts.VariantDraft:
    price = Money.of(variant.price, variant.currency).minor  # type: ignore[arg-type] -- without one it is refused
    return drafts.VariantDraft(
        sku=variant.sku,
        options=tuple(variant.options),
        gtin=variant.gtin,
        mpn=variant.mpn,
        weight_grams=variant.weight_grams,
        net_quantity=variant.net_quantity,
        prices={variant.currency: price},
        on_hand=variant.stock,
    )


def _problem(error: RightfulError) -> Problem:
    field = error.field or ""
    return Problem(field, error.detail, FIXES.get(field, "Correct it in the file."))
