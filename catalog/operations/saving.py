"""Write listings by the hundred: what a person's form, a merchant's file and the demo are all written by.

A batch is a fixed number of statements, whatever its size. What a draft does not say is taken away, or stays
where the caller asks for that: a file names what its shop knows, not all that was filled in here since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from catalog.domain import drafts
from catalog.domain.drafts import ListingDraft, TextDraft
from catalog.domain.errors import CodeTaken
from catalog.domain.slugs import slug_of
from catalog.domain.states import next_state
from catalog.events import ListingChanged
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
from catalog.operations.reading import chunks, settle_listings
from catalog.operations.taxonomy import ensure_brands
from compliance.rulebook import fields as registry
from marketplace.kernel import bulk, outbox
from marketplace.kernel.errors import Invalid, RightfulError

ALWAYS_SAID = ("language", "condition", "option_names")
MAY_STAY = (
    "origin",
    "hs_code",
    "model",
    "traits",
    "attestations",
    "ships_to",
    "manufacturer",
    "responsible_person",
    "local_contacts",
)
PLAIN = (*ALWAYS_SAID, *MAY_STAY, "hs_confirmed", "disclosures")
WORDS = ("title", "subtitle", "description", "seo_title", "seo_description")
SURPRISING = 50  # fewer new rows than these never mislead the planner
# What a batch writes and its judgement joins.
FILLED = (
    "catalog_listing",
    "catalog_listingtext",
    "catalog_variant",
    "catalog_offer",
    "catalog_stock",
    "compliance_judgement",
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one draft: the listing it is now, or the error that refused it."""

    code: str
    listing_id: int | None = None
    public_id: str = ""
    is_new: bool = False
    error: RightfulError | None = None


@transaction.atomic
def save_listings(
    *,
    merchant_id: int,
    items: Sequence[ListingDraft],
    now: datetime,
    publish: bool = False,
    keep_unsaid: bool = False,
    reason: str = "imported",
) -> list[Saved]:
    """Make or change listings by their code; return what became of each draft, in order.

    A draft that cannot be taken is reported and leaves no trace; the others are written. Variants are
    matched by article number. Variants, languages and details that a draft does not name are switched off
    and emptied, or with `keep_unsaid` stay. Only prices that changed are recorded; stock is set where a
    draft says how many there are. `publish` counts where a draft does not say whether it is published. The
    number of statements does not grow with the number of drafts of a batch of 500.
    """
    how = _How(merchant_id, now, publish, keep_unsaid, reason)
    return [result for batch in chunks(items) for result in _save_batch(batch, how)]


@dataclass(frozen=True, slots=True)
class _How:
    """What holds for all drafts of a call."""

    merchant_id: int
    now: datetime
    publish: bool
    keep_unsaid: bool
    reason: str


def _save_batch(items: Sequence[ListingDraft], how: _How) -> list[Saved]:
    known = _Known.of(how.merchant_id, items)
    checked = [_checked(draft, known, how) for draft in items]
    good = [draft for draft in checked if isinstance(draft, ListingDraft)]
    rows = _write_listings(good, known, how)
    _write_texts(rows, good, how)
    write_goods(rows, good, now=how.now, keep_unsaid=how.keep_unsaid, reason=how.reason)
    ids = tuple(sorted(row.pk for row in rows.values()))
    if ids:
        _tell_planner(len(rows.keys() - known.listings.keys()))
        settle_listings(listing_ids=ids, now=how.now)
        outbox.publish(ListingChanged(ids, how.merchant_id, how.reason))
    return [_saved(draft, found, rows, known) for draft, found in zip(items, checked, strict=True)]


def _saved(
    draft: ListingDraft, found: ListingDraft | RightfulError, rows: dict[str, Listing], known: _Known
) -> Saved:
    if isinstance(found, RightfulError):
        return Saved(draft.code, error=found)
    row = rows[found.code]
    return Saved(found.code, row.pk, row.public_id, found.code not in known.listings)


def _tell_planner(new: int) -> None:
    """Count the tables anew if they grow faster than the planner knows.

    It would take tables that it believes to be empty for small ones and read them whole for every row. Whoever
    counts at the same time counts for us.
    """
    if new < SURPRISING:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'catalog_listing'::regclass")
        if new * 4 < cursor.fetchone()[0]:
            return
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('catalog.statistics'))")
        if cursor.fetchone()[0]:
            cursor.execute(f"ANALYZE {', '.join(FILLED)}")


# -- before anything is written


@dataclass(slots=True)
class _Known:
    """What is there before a batch is written, locked."""

    categories: dict[str, int]
    listings: dict[str, Listing]
    owners: dict[str, str]  # article number → code of the listing it belongs to
    brands: dict[str, Brand]
    codes: set[str] = field(default_factory=set)  # of the batch, to refuse the second of two

    @classmethod
    def of(cls, merchant_id: int, items: Sequence[ListingDraft]) -> _Known:
        codes = {drafts.clean_text(draft.code) for draft in items}
        skus = {drafts.clean_text(variant.sku) for draft in items for variant in draft.variants}
        rows = (
            Listing.objects.select_for_update().filter(merchant_id=merchant_id, code__in=codes).order_by("pk")
        )
        listings = {row.code: row for row in rows}
        owners = Variant.objects.filter(merchant_id=merchant_id, sku__in=skus).values_list(
            "sku", "listing__code"
        )
        return cls(
            categories=dict(
                Category.objects.filter(
                    code__in={draft.category for draft in items}, children=None
                ).values_list("code", "pk")
            ),
            listings=listings,
            owners=dict(owners),
            brands=ensure_brands(merchant_id=merchant_id, names=[draft.brand for draft in items]),
        )


def _checked(draft: ListingDraft, known: _Known, how: _How) -> ListingDraft | RightfulError:
    try:
        clean = drafts.check_draft(draft)
        clean = replace(clean, disclosures=registry.clean_all(clean.disclosures))
        _check_against(clean, known)
    except RightfulError as error:
        return error
    row = known.listings.get(clean.code)
    return _completed(clean, row) if row and how.keep_unsaid else clean


def _check_against(draft: ListingDraft, known: _Known) -> None:
    if draft.category not in known.categories:
        raise Invalid("There is no category %(value)s.", field="category", value=draft.category)
    if draft.code in known.codes:
        raise CodeTaken("The code %(code_taken)s stands twice.", field="code", code_taken=draft.code)
    for variant in draft.variants:
        if known.owners.get(variant.sku, draft.code) != draft.code:
            raise CodeTaken(
                "Another listing has the article number %(code_taken)s.", field="sku", code_taken=variant.sku
            )
    known.codes.add(draft.code)
    known.owners.update((variant.sku, draft.code) for variant in draft.variants)


def _completed(draft: ListingDraft, row: Listing) -> ListingDraft:
    """Return a draft with what its listing already says where the draft says nothing."""
    stays = {name: getattr(row, name) for name in MAY_STAY if not getattr(draft, name)}
    code_stays = not draft.hs_code or draft.hs_code == row.hs_code
    return replace(
        draft,
        **stays,
        hs_confirmed=draft.hs_confirmed or (row.hs_confirmed and code_stays),
        disclosures={**row.disclosures, **draft.disclosures},
    )


# -- listings and their words


def _write_listings(items: Sequence[ListingDraft], known: _Known, how: _How) -> dict[str, Listing]:
    new, old = [], []
    for draft in items:
        row = known.listings.get(draft.code)
        if row is None:
            row = Listing(
                merchant_id=how.merchant_id, code=draft.code, created_at=how.now, changed_at=how.now
            )
            new.append(row)
        else:
            old.append(row)
        _fill(row, draft, known, how)
        _set_state(row, draft, how)
    bulk.create(new)
    columns = ("id", "category_id", "brand_id", "slug", "state", "published_at", *PLAIN)
    bulk.update(Listing, [{name: getattr(row, name) for name in columns} for row in old])
    return {row.code: row for row in (*new, *old)}


def _fill(row: Listing, draft: ListingDraft, known: _Known, how: _How) -> None:
    row.category_id = known.categories[draft.category]
    if draft.brand or not how.keep_unsaid:
        row.brand = known.brands.get(draft.brand)
    row.slug = slug_of(draft.texts[draft.language].title, limit=100) or row.public_id.lower()
    for name in PLAIN:
        value = getattr(draft, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.local_contacts = [dict(contact) for contact in draft.local_contacts]


def _set_state(row: Listing, draft: ListingDraft, how: _How) -> None:
    """Publish or withdraw a listing as its draft says; what has no price is not published."""
    wanted = how.publish or None if draft.is_published is None else draft.is_published
    if wanted is False:
        row.state = next_state(row.state, "withdraw")
    elif wanted and any(variant.prices and variant.is_active for variant in draft.variants):
        publish(row, how.now)


def publish(row: Listing, now: datetime) -> None:
    """Set a listing's state to published; it keeps the day on which it was published first."""
    row.state = next_state(row.state, "publish")
    row.published_at = row.published_at or now


def _write_texts(rows: Mapping[str, Listing], items: Sequence[ListingDraft], how: _How) -> None:
    wanted = {
        (rows[draft.code].pk, language.lower()): text
        for draft in items
        for language, text in draft.texts.items()
    }
    if not how.keep_unsaid:
        kept = ListingText.objects.filter(listing__in=rows.values()).values_list(
            "pk", "listing_id", "language"
        )
        ListingText.objects.filter(pk__in=[pk for pk, *key in kept if tuple(key) not in wanted]).delete()
    bulk.insert(
        ListingText,
        [{"listing_id": pk, "language": language, **words(text)} for (pk, language), text in wanted.items()],
        replace_on=("listing_id", "language"),
    )


def words(text: TextDraft) -> dict[str, str]:
    """Return words by the column they are kept in."""
    return {name: getattr(text, name) for name in WORDS}


# -- variants, prices, stock


def write_goods(
    rows: Mapping[str, Listing],
    items: Sequence[ListingDraft],
    *,
    now: datetime,
    keep_unsaid: bool = False,
    reason: str = "edited",
) -> None:
    """Write the variants of drafts with their prices and stock; the listings are locked by the caller."""
    variants = _write_variants(rows, items, keep_unsaid)
    _write_prices(variants, items, now)
    _write_stock(variants, items, now, "import" if reason == "imported" else "set")


def _write_variants(
    rows: Mapping[str, Listing], items: Sequence[ListingDraft], keep_unsaid: bool
) -> dict[str, int]:
    """Write variants and switch off those that drafts no longer name; return the ids of all by article number."""
    wanted = [
        {
            "public_id": Variant._meta.get_field("public_id").get_default(),
            "listing_id": rows[draft.code].pk,
            "merchant_id": rows[draft.code].merchant_id,
            "sku": variant.sku,
            "options": list(variant.options),
            "gtin": variant.gtin,
            "mpn": variant.mpn,
            "weight_grams": variant.weight_grams,
            "net_quantity": dict(variant.net_quantity),
            "position": position,
            "is_active": variant.is_active,
        }
        for draft in items
        for position, variant in enumerate(draft.variants)
    ]
    bulk.insert(Variant, wanted, replace_on=("merchant_id", "sku"), keep=("public_id", "listing_id"))
    skus = [variant["sku"] for variant in wanted]
    of_these = Variant.objects.filter(listing__in=rows.values())
    if not keep_unsaid:
        of_these.exclude(sku__in=skus).filter(is_active=True).update(is_active=False)
    return dict(of_these.filter(sku__in=skus).values_list("sku", "pk"))


def _write_prices(variants: Mapping[str, int], items: Sequence[ListingDraft], now: datetime) -> None:
    """Record the prices that changed. A price that a running reduction lowered is its regular price's business."""
    offers = Offer.objects.select_for_update().filter(variant_id__in=variants.values()).order_by("pk")
    kept = {
        (variant_id, currency): regular or price
        for variant_id, currency, price, regular in offers.values_list(
            "variant_id", "currency", "price_minor", "regular_minor"
        )
    }
    changed = [
        {"variant_id": variant_id, "currency": currency, "price_minor": minor}
        for variant_id, currency, minor in _prices(variants, items)
        if kept.get((variant_id, currency)) != minor
    ]
    unreduced = {"regular_minor": None, "reduced_from": None, "reduced_until": None}
    bulk.insert(Offer, [{**offer, **unreduced} for offer in changed], replace_on=("variant_id", "currency"))
    recorded = {"kind": PriceRecord.Kind.REGULAR, "valid_from": now, "recorded_at": now}
    bulk.insert(PriceRecord, [{**offer, **recorded} for offer in changed])


def _prices(variants: Mapping[str, int], items: Sequence[ListingDraft]) -> Iterator[tuple[int, str, int]]:
    for draft in items:
        for variant in draft.variants:
            for currency, minor in variant.prices.items():
                yield variants[variant.sku], currency, minor


def _write_stock(
    variants: Mapping[str, int], items: Sequence[ListingDraft], now: datetime, reason: str
) -> None:
    """Set the shelves to what drafts say, never below what is promised to checkouts."""
    empty = {"on_hand": 0, "reserved": 0}
    bulk.insert(Stock, [{"variant_id": pk, **empty} for pk in variants.values()], skip_known=True)
    counted = dict(_counted(variants, items))
    rows = Stock.objects.select_for_update().filter(pk__in=list(counted)).order_by("pk")
    deltas = {
        pk: max(counted[pk], reserved) - on_hand
        for pk, on_hand, reserved in rows.values_list("variant_id", "on_hand", "reserved")
    }
    moved = {pk: delta for pk, delta in deltas.items() if delta}
    _move_stock(moved)
    bulk.insert(
        StockMovement,
        [
            {"variant_id": pk, "delta": delta, "reason": reason, "reference": "", "at": now}
            for pk, delta in moved.items()
        ],
    )


def _counted(variants: Mapping[str, int], items: Sequence[ListingDraft]) -> Iterable[tuple[int, Any]]:
    for draft in items:
        for variant in draft.variants:
            if variant.on_hand is not None:
                yield variants[variant.sku], variant.on_hand


def _move_stock(moved: Mapping[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MOVE_STOCK, [list(moved), list(moved.values())])


MOVE_STOCK = """
    UPDATE catalog_stock s SET on_hand = s.on_hand + m.delta
    FROM unnest(%s::bigint[], %s::int[]) m(variant_id, delta) WHERE s.variant_id = m.variant_id
"""
