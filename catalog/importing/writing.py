"""Items of a file written into the catalogue, a batch at a time, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import F

from catalog.domain.drafts import clean_html, clean_text
from catalog.domain.slugs import slug_of
from catalog.events import ListingChanged
from catalog.importing.categories import Leaf, suggest
from catalog.importing.records import Item, ListingDraft, Options, Problem, VariantDraft
from catalog.models import (
    Brand,
    Category,
    Listing,
    ListingText,
    Offer,
    PriceRecord,
    Stock,
    StockMovement,
    Variant,
)
from catalog.operations.reading import settle_listings
from compliance.rulebook import fields
from compliance.rulebook.categories import categories
from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import CURRENCIES, Money

# What a batch writes and its judgement joins.
FILLED = (
    "catalog_listing",
    "catalog_listingtext",
    "catalog_variant",
    "catalog_offer",
    "catalog_stock",
    "compliance_judgement",
)
CONDITIONS = {"new": "new", "used": "used", "refurbished": "refurbished", "": "new"}
CHANGING = [
    "category", "brand", "slug", "state", "condition", "disclosures", "manufacturer", "responsible_person",
    "option_names", "hs_code", "origin", "language", "version", "changed_at", "published_at",
]  # fmt: skip


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
            Problem("code", f"The code {draft.code} appears again.", "Give every product its own code.")
        )
        return
    seen.add(draft.code)
    _decide_category(item, draft, options)
    if draft.condition not in CONDITIONS:
        item.problems.append(
            Problem(
                "condition",
                f"We do not know the condition {draft.condition!r}.",
                "Write new, used or refurbished.",
            )
        )
    for variant in draft.variants:
        if variant.currency not in CURRENCIES:
            what = f"{variant.currency!r} is not a currency."
            item.problems.append(Problem("currency", what, "Write a code such as EUR."))
            break
    _keep_known_disclosures(item, draft)
    if draft.images:
        item.remarks.append(
            Problem(
                "images",
                f"{len(draft.images)} pictures were not fetched.",
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
        source = draft.source_category or "no category"
        item.problems.append(
            Problem(
                "category",
                f"We cannot place {source!r}.",
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


def write_items(*, merchant: Merchant, items: list[Item], now: datetime, analyse: bool = False) -> list[int]:
    """Write the taken items among `items`, refresh what pages read, judge them; return the listings' ids.

    Runs inside the caller's transaction. An item whose SKU belongs to another listing is refused here.
    With `analyse` the planner is told how many rows there are by now: a first file fills tables that it
    believes to be empty, and would read them again for every row.
    """
    _refuse_foreign_skus(merchant, items)
    taken = [item for item in items if item.is_taken]
    listings = _write_listings(merchant, [item.draft for item in taken], now)  # type: ignore[misc]
    _write_texts(listings, taken)
    _write_variants(merchant, listings, taken, now)
    ids = sorted(listing.pk for listing in listings.values())
    if analyse:
        _refresh_statistics()
    if ids:
        settle_listings(listing_ids=ids, now=now)
        outbox.publish(ListingChanged(tuple(ids), merchant.pk, "imported"))
    return ids


def _refresh_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(FILLED)}")


def _drafts(items: Iterable[Item]) -> Iterable[tuple[Item, ListingDraft, VariantDraft]]:
    for item in items:
        if item.is_taken:
            for variant in item.draft.variants:  # type: ignore[union-attr]
                yield item, item.draft, variant  # type: ignore[misc]


def _refuse_foreign_skus(merchant: Merchant, items: list[Item]) -> None:
    skus = [variant.sku for _, _, variant in _drafts(items)]
    owners = dict(Variant.objects.filter(merchant=merchant, sku__in=skus).values_list("sku", "listing__code"))
    for item, draft, variant in list(_drafts(items)):
        owner = owners.setdefault(variant.sku, draft.code)
        if owner != draft.code:
            what = f"The SKU {variant.sku} belongs to {owner}."
            item.problems.append(Problem("sku", what, "Give every variant an SKU of its own."))


def _write_listings(merchant: Merchant, drafts: list[ListingDraft], now: datetime) -> dict[str, Listing]:
    brands = _brands(merchant, {draft.brand for draft in drafts if draft.brand})
    leaves_by_code = {
        leaf.code: leaf for leaf in Category.objects.filter(code__in={d.category for d in drafts})
    }
    known = {
        listing.code: listing
        for listing in Listing.objects.select_for_update()
        .filter(merchant=merchant, code__in=[draft.code for draft in drafts])
        .order_by("pk")
    }
    fresh = []
    for draft in drafts:
        listing = known.get(draft.code)
        if listing is None:
            listing = Listing(merchant=merchant, code=draft.code, version=0, created_at=now)
            fresh.append(listing)
        _fill(listing, draft, leaves_by_code[draft.category], brands.get(draft.brand), now)
    Listing.objects.bulk_create(fresh)
    Listing.objects.bulk_update(list(known.values()), CHANGING, batch_size=500)
    return known | {listing.code: listing for listing in fresh}


def _fill(
    listing: Listing, draft: ListingDraft, category: Category, brand: Brand | None, now: datetime
) -> None:
    title = next((text["title"] for text in draft.texts.values() if text.get("title")), draft.code)
    listing.category, listing.brand = category, brand
    listing.slug = slug_of(title)
    listing.language = draft.language
    listing.condition = CONDITIONS[draft.condition]
    listing.state = Listing.State.ACTIVE if draft.is_published else Listing.State.DRAFT
    listing.published_at = listing.published_at or (now if draft.is_published else None)
    listing.disclosures = {**listing.disclosures, **draft.disclosures}
    listing.manufacturer = draft.manufacturer or listing.manufacturer
    listing.responsible_person = draft.responsible_person or listing.responsible_person
    listing.option_names = draft.option_names
    listing.hs_code = draft.hs_code or listing.hs_code
    listing.origin = draft.origin or listing.origin
    listing.version += 1
    listing.changed_at = now


def _brands(merchant: Merchant, names: set[str]) -> dict[str, Brand]:
    Brand.objects.bulk_create(
        [Brand(merchant=merchant, name=name) for name in sorted(names)], ignore_conflicts=True
    )
    return {brand.name: brand for brand in Brand.objects.filter(merchant=merchant, name__in=names)}


def _write_texts(listings: dict[str, Listing], items: list[Item]) -> None:
    parts = ["title", "subtitle", "description", "seo_title", "seo_description"]
    rows = [
        ListingText(
            listing=listings[item.draft.code],  # type: ignore[union-attr]
            language=language,
            **{part: _clean(part, text.get(part, "")) for part in parts},
        )
        for item in items
        for language, text in item.draft.texts.items()  # type: ignore[union-attr]
        if text.get("title")
    ]
    ListingText.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["listing", "language"], update_fields=parts
    )


def _clean(part: str, text: str) -> str:
    """Return HTML that a browser may show; titles are plain words."""
    return clean_html(text) if part == "description" else clean_text(text)


def _write_variants(
    merchant: Merchant, listings: dict[str, Listing], items: list[Item], now: datetime
) -> None:
    drafts = [(listings[draft.code], position, variant) for _, draft, position, variant in _positions(items)]
    updated = ["options", "gtin", "mpn", "weight_grams", "net_quantity", "position", "is_active"]
    Variant.objects.bulk_create(
        [
            Variant(
                listing=listing, merchant=merchant, sku=draft.sku, options=draft.options, gtin=draft.gtin, mpn=draft.mpn,
                weight_grams=draft.weight_grams, net_quantity=draft.net_quantity, position=position,
            )
            for listing, position, draft in drafts
        ],
        update_conflicts=True, unique_fields=["merchant", "sku"], update_fields=updated,
    )  # fmt: skip
    variants = {
        v.sku: v for v in Variant.objects.filter(merchant=merchant, sku__in=[d.sku for _, _, d in drafts])
    }
    _write_prices([(variants[draft.sku], draft) for _, _, draft in drafts], now)
    _write_stock([(variants[draft.sku], draft) for _, _, draft in drafts], now)


def _positions(items: list[Item]) -> Iterable[tuple[Item, ListingDraft, int, VariantDraft]]:
    for item in items:
        for position, variant in enumerate(item.draft.variants):  # type: ignore[union-attr]
            yield item, item.draft, position, variant  # type: ignore[misc]


def _write_prices(pairs: list[tuple[Variant, VariantDraft]], now: datetime) -> None:
    """Write the prices that changed, and a record of each: the history is what reductions rest on."""
    present = {
        (offer.variant_id, offer.currency): offer
        for offer in Offer.objects.select_for_update()
        .filter(variant__in=[v for v, _ in pairs])
        .order_by("pk")
    }
    offers, records = [], []
    for variant, draft in pairs:
        minor = Money.of(draft.price, draft.currency).minor  # type: ignore[arg-type]
        offer = present.get((variant.pk, draft.currency))
        if minor == 0 or (offer and offer.price_minor == minor):
            continue
        offers.append(Offer(variant=variant, currency=draft.currency, price_minor=minor))
        records.append(
            PriceRecord(
                variant=variant, currency=draft.currency, price_minor=minor, valid_from=now, recorded_at=now
            )
        )
    Offer.objects.bulk_create(
        offers,
        update_conflicts=True,
        unique_fields=["variant", "currency"],
        update_fields=["price_minor", "regular_minor", "reduced_from", "reduced_until"],
    )
    PriceRecord.objects.bulk_create(records)


def _write_stock(pairs: list[tuple[Variant, VariantDraft]], now: datetime) -> None:
    """Set the shelves to what the file says, never below what is promised to a checkout."""
    wanted = {variant.pk: draft.stock for variant, draft in pairs if draft.stock is not None}
    Stock.objects.bulk_create([Stock(variant_id=pk) for pk in wanted], ignore_conflicts=True)
    movements = []
    shelves = list(Stock.objects.select_for_update().filter(variant_id__in=wanted).order_by("pk"))
    for shelf in shelves:
        target = max(wanted[shelf.variant_id], shelf.reserved)  # type: ignore[type-var]
        if target != shelf.on_hand:
            delta = target - shelf.on_hand
            movements.append(StockMovement(variant_id=shelf.variant_id, delta=delta, reason="import", at=now))
            shelf.on_hand = target
    Stock.objects.bulk_update(shelves, ["on_hand"], batch_size=500)
    StockMovement.objects.bulk_create(movements)
    Variant.objects.filter(pk__in=wanted, is_active=False).update(is_active=True, position=F("position"))
