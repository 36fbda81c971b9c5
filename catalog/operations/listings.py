"""Write listings: one by one as a person edits them, or hundreds at once as a file brings them.

Every write ends with `settle_listings`: the law judges, the read models follow, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from catalog.domain import drafts
from catalog.domain.drafts import ListingDraft, TextDraft, VariantDraft
from catalog.domain.errors import CodeTaken, NotPublishable
from catalog.domain.slugs import slug_of
from catalog.domain.states import next_state
from catalog.events import ListingChanged
from catalog.models import (
    Brand,
    Category,
    Document,
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
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, RightfulError

PLAIN = [
    "language",
    "condition",
    "origin",
    "hs_code",
    "hs_confirmed",
    "model",
    "traits",
    "attestations",
    "ships_to",
    "option_names",
    "manufacturer",
    "responsible_person",
    "local_contacts",
    "disclosures",
]
WORDS = ("title", "subtitle", "description", "seo_title", "seo_description")
GOODS = ("options", "gtin", "mpn", "weight_grams", "net_quantity", "position", "is_active")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one draft: the listing it is now, or the error that refused it."""

    code: str
    listing_id: int | None = None
    public_id: str = ""
    is_new: bool = False
    error: RightfulError | None = None


@transaction.atomic
def create_listing(*, merchant_id: int, draft: ListingDraft, now: datetime) -> Listing:
    """Make a listing as a draft, with words, variants, prices and stock; it is judged at once.

    :raises CodeTaken: if the merchant has a listing of this code.
    :raises Invalid: naming the field, for the first thing that cannot be taken.
    """
    if Listing.objects.filter(merchant_id=merchant_id, code=drafts.clean_text(draft.code)).exists():
        raise CodeTaken(
            "There is a listing with the code %(code_taken)s.", field="code", code_taken=draft.code
        )
    return _one(save_listings(merchant_id=merchant_id, items=[draft], now=now, reason="created"))


def _one(results: list[Saved]) -> Listing:
    [result] = results
    if result.error:
        raise result.error
    return Listing.objects.get(pk=result.listing_id)


@transaction.atomic
def save_listings(
    *,
    merchant_id: int,
    items: Sequence[ListingDraft],
    now: datetime,
    publish: bool = False,
    reason: str = "imported",
) -> list[Saved]:
    """Make or change listings by their code; return what became of each draft, in order.

    A draft that cannot be taken is reported and leaves no trace; the others are written. Variants are
    matched by article number, and those that a draft does not name are switched off. Only prices that
    changed are recorded; stock is set where a draft says how many there are. The number of statements
    does not grow with the number of drafts of a batch of 500.
    """
    return [
        result for batch in chunks(items) for result in _save_batch(merchant_id, batch, now, publish, reason)
    ]


def _save_batch(
    merchant_id: int, items: Sequence[ListingDraft], now: datetime, publish: bool, reason: str
) -> list[Saved]:
    known = _Known.of(merchant_id, items)
    checked = [_checked(draft, known) for draft in items]
    good = [draft for draft in checked if isinstance(draft, ListingDraft)]
    rows = _write_listings(merchant_id, good, known, now, publish)
    _write_texts(rows, good)
    variants = _write_variants(merchant_id, rows, good)
    _write_prices(variants, good, now)
    _write_stock(variants, good, now)
    ids = tuple(sorted(row.pk for row in rows.values()))
    if ids:
        settle_listings(listing_ids=ids, now=now)
        outbox.publish(ListingChanged(ids, merchant_id, reason))
    return [_saved(draft, found, rows, known) for draft, found in zip(items, checked, strict=True)]


def _saved(
    draft: ListingDraft, found: ListingDraft | RightfulError, rows: dict[str, Listing], known: _Known
) -> Saved:
    if isinstance(found, RightfulError):
        return Saved(draft.code, error=found)
    row = rows[found.code]
    return Saved(found.code, row.pk, row.public_id, found.code not in known.listings)


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


def _checked(draft: ListingDraft, known: _Known) -> ListingDraft | RightfulError:
    try:
        clean = drafts.check_draft(draft)
        _check_against(clean, known)
        return drafts.replace(clean, disclosures=registry.clean_all(clean.disclosures))
    except RightfulError as error:
        return error


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


def _write_listings(
    merchant_id: int, items: Sequence[ListingDraft], known: _Known, now: datetime, publish: bool
) -> dict[str, Listing]:
    new, old = [], []
    for draft in items:
        row = known.listings.get(draft.code)
        (old if row else new).append(row or Listing(merchant_id=merchant_id, code=draft.code, created_at=now))
        row = row or new[-1]
        _fill(row, draft, known)
        if publish and _lacks(draft) == []:
            _publish(row, now)
    Listing.objects.bulk_create(new)
    columns = ["category", "brand", "slug", "state", "published_at", *PLAIN]
    Listing.objects.bulk_update(old, columns, batch_size=200)
    return {row.code: row for row in (*new, *old)}


def _fill(row: Listing, draft: ListingDraft, known: _Known) -> None:
    row.category_id = known.categories[draft.category]
    row.brand = known.brands.get(draft.brand)
    row.slug = slug_of(draft.texts[draft.language].title, limit=100) or row.public_id.lower()
    for name in PLAIN:
        value = getattr(draft, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.local_contacts = [dict(contact) for contact in draft.local_contacts]


def _lacks(draft: ListingDraft) -> list[str]:
    return [] if any(v.prices and v.is_active for v in draft.variants) else ["price"]


def _publish(row: Listing, now: datetime) -> None:
    row.state = next_state(row.state, "publish")
    row.published_at = row.published_at or now


def _write_texts(rows: Mapping[str, Listing], items: Sequence[ListingDraft]) -> None:
    wanted = {
        (rows[draft.code].pk, language.lower()): text
        for draft in items
        for language, text in draft.texts.items()
    }
    kept = ListingText.objects.filter(listing__in=rows.values()).values_list("pk", "listing_id", "language")
    ListingText.objects.filter(pk__in=[pk for pk, *key in kept if tuple(key) not in wanted]).delete()
    ListingText.objects.bulk_create(
        [
            ListingText(listing_id=pk, language=language, **_words(text))
            for (pk, language), text in wanted.items()
        ],
        update_conflicts=True,
        unique_fields=["listing", "language"],
        update_fields=list(WORDS),
    )


def _words(text: TextDraft) -> dict[str, str]:
    return {name: getattr(text, name) for name in WORDS}


def _write_variants(
    merchant_id: int, rows: Mapping[str, Listing], items: Sequence[ListingDraft]
) -> dict[str, Variant]:
    """Write the variants of drafts and switch off those they no longer name; return all by article number."""
    wanted = [
        Variant(
            listing=rows[draft.code],
            merchant_id=merchant_id,
            sku=variant.sku,
            options=list(variant.options),
            gtin=variant.gtin,
            mpn=variant.mpn,
            weight_grams=variant.weight_grams,
            net_quantity=dict(variant.net_quantity),
            position=position,
            is_active=variant.is_active,
        )
        for draft in items
        for position, variant in enumerate(draft.variants)
    ]
    Variant.objects.bulk_create(
        wanted, update_conflicts=True, unique_fields=["merchant", "sku"], update_fields=list(GOODS)
    )
    skus = [variant.sku for variant in wanted]
    of_these = Variant.objects.filter(listing__in=rows.values())
    of_these.exclude(sku__in=skus).filter(is_active=True).update(is_active=False)
    return {variant.sku: variant for variant in of_these.filter(sku__in=skus)}


def _write_prices(variants: Mapping[str, Variant], items: Sequence[ListingDraft], now: datetime) -> None:
    """Record the prices that changed. A price that a running reduction lowered is its regular price's business."""
    ids = [variant.pk for variant in variants.values()]
    kept = {(offer.variant_id, offer.currency): offer for offer in _lock_offers(ids)}
    offers, records = [], []
    for variant_id, currency, minor in _prices(variants, items):
        offer = kept.get((variant_id, currency))
        if offer and (offer.regular_minor or offer.price_minor) == minor:
            continue
        offers.append(Offer(variant_id=variant_id, currency=currency, price_minor=minor))
        records.append(_record(variant_id, currency, minor, PriceRecord.Kind.REGULAR, now))
    Offer.objects.bulk_create(
        offers,
        update_conflicts=True,
        unique_fields=["variant", "currency"],
        update_fields=["price_minor", "reduced_from", "reduced_until", "regular_minor"],
    )
    PriceRecord.objects.bulk_create(records)


def _lock_offers(variant_ids: list[int]) -> Any:
    return Offer.objects.select_for_update().filter(variant_id__in=variant_ids).order_by("pk")


def _prices(variants: Mapping[str, Variant], items: Sequence[ListingDraft]) -> Iterable[tuple[int, str, int]]:
    for draft in items:
        for variant in draft.variants:
            for currency, minor in variant.prices.items():
                yield variants[variant.sku].pk, currency, minor


def _record(variant_id: int, currency: str, minor: int | None, kind: str, now: datetime) -> PriceRecord:
    return PriceRecord(
        variant_id=variant_id,
        currency=currency,
        price_minor=minor,
        kind=kind,
        valid_from=now,
        recorded_at=now,
    )


def _write_stock(variants: Mapping[str, Variant], items: Sequence[ListingDraft], now: datetime) -> None:
    counted = {
        variants[variant.sku].pk: variant.on_hand
        for draft in items
        for variant in draft.variants
        if variant.on_hand is not None
    }
    Stock.objects.bulk_create([Stock(variant_id=v.pk) for v in variants.values()], ignore_conflicts=True)
    rows = list(Stock.objects.select_for_update().filter(pk__in=list(counted)).order_by("pk"))
    moved = []
    for row in rows:
        delta = max(counted[row.pk], row.reserved) - row.on_hand  # what checkouts hold stays there for them
        if delta:
            row.on_hand += delta
            moved.append(StockMovement(variant_id=row.pk, delta=delta, reason="set", at=now))
    Stock.objects.bulk_update(rows, ["on_hand"], batch_size=500)
    StockMovement.objects.bulk_create(moved)


@transaction.atomic
def update_listing(
    *, listing_id: int, now: datetime, texts: Mapping[str, TextDraft] | None = None, **changes: Any
) -> Listing:
    """Change some of a listing's fields, as `ListingDraft` names them; `texts` adds or replaces languages.

    :raises Invalid: for an unknown field, or a value that cannot be taken.
    """
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    for name, value in changes.items():
        _set(listing, name, value)
    listing.save(update_fields=[_column(name) for name in changes])
    for language, text in (texts or {}).items():
        set_text(listing, language, text)
    return _settled(listing, "edited", now)


def _column(name: str) -> str:
    return {"category": "category_id", "brand": "brand_id"}.get(name, name)


def _set(listing: Listing, name: str, value: Any) -> None:
    if name == "category":
        listing.category_id = _category_id(value)
    elif name == "brand":
        listing.brand = ensure_brands(merchant_id=listing.merchant_id, names=[value]).get(
            drafts.clean_text(value)
        )
    elif name == "slug":
        listing.slug = slug_of(value, limit=100) or listing.slug
    elif name in CHECKED:
        setattr(listing, name, CHECKED[name](value))
    elif name in PLAIN:
        setattr(listing, name, list(value) if isinstance(value, tuple) else value)
    else:
        raise Invalid("A listing has no detail called %(name)s.", field=name, name=name)


def _category_id(code: str) -> int:
    pk = Category.objects.filter(code=code, children=None).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid("There is no category %(value)s.", field="category", value=code)
    return pk


def _condition(value: str) -> str:
    if value not in drafts.CONDITIONS:
        raise Invalid(
            "The condition is one of %(choices)s.",
            field="condition",
            choices=", ".join(drafts.CONDITIONS),
            value=value,
        )
    return value


CHECKED = {
    "origin": lambda value: drafts.check_country(value, field="origin"),
    "hs_code": lambda value: drafts.check_hs_code(value) if value else "",
    "disclosures": registry.clean_all,
    "condition": _condition,
    "model": lambda value: drafts.clean_text(value)[:80],
    "local_contacts": drafts.check_contacts,
    "ships_to": drafts.check_markets,
}


def set_text(listing: Listing, language: str, text: TextDraft) -> ListingText:
    """Write a listing's words in one language, cleaned; the listing is locked by the caller."""
    words = _words(drafts.check_text(text))
    row, _ = ListingText.objects.update_or_create(listing=listing, language=language.lower(), defaults=words)
    return row


def _settled(listing: Listing, reason: str, now: datetime) -> Listing:
    settle_listings(listing_ids=[listing.pk], now=now)
    outbox.publish(ListingChanged((listing.pk,), listing.merchant_id, reason))
    listing.refresh_from_db()
    return listing


@transaction.atomic
def set_variants(
    *, listing_id: int, option_names: Sequence[str], variants: Sequence[VariantDraft], now: datetime
) -> Listing:
    """Replace a listing's options and variants; those not named are switched off, never deleted.

    :raises BadOptions: if a variant does not fit the options.
    :raises CodeTaken: if an article number belongs to another listing of the merchant.
    """
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    drafts.check_options(option_names, [variant.options for variant in variants])
    clean = [drafts.check_variant(variant) for variant in variants]
    _refuse_foreign_skus(listing, clean)
    listing.option_names = list(option_names)
    listing.save(update_fields=["option_names"])
    draft = ListingDraft(listing.code, "", {}, clean)
    written = _write_variants(listing.merchant_id, {listing.code: listing}, [draft])
    _write_prices(written, [draft], now)
    _write_stock(written, [draft], now)
    return _settled(listing, "edited", now)


def _refuse_foreign_skus(listing: Listing, variants: Sequence[VariantDraft]) -> None:
    taken = Variant.objects.filter(merchant_id=listing.merchant_id, sku__in=[v.sku for v in variants])
    foreign = taken.exclude(listing=listing).values_list("sku", flat=True).first()
    if foreign:
        raise CodeTaken(
            "Another listing has the article number %(code_taken)s.", field="sku", code_taken=foreign
        )


@transaction.atomic
def publish_listing(*, listing_id: int, now: datetime) -> Listing:
    """Put a listing on offer wherever the law lets it be sold and the merchant ships.

    :raises NotPublishable: naming what a product page cannot do without.
    """
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    missing = (
        [] if Offer.objects.filter(variant__listing=listing, variant__is_active=True).exists() else ["price"]
    )
    if not listing.texts.filter(language=listing.language).exists():
        missing.append("title")
    if missing:
        raise NotPublishable(missing=missing)
    _publish(listing, now)
    listing.save(update_fields=["state", "published_at"])
    return _settled(listing, "published", now)


@transaction.atomic
def archive_listing(*, listing_id: int, now: datetime) -> Listing:
    """Take a listing off sale. Orders keep what they froze of it; it can be published again."""
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    listing.state = next_state(listing.state, "archive")
    listing.save(update_fields=["state"])
    return _settled(listing, "archived", now)


@transaction.atomic
def set_document(
    *,
    listing_id: int,
    kind: str,
    now: datetime,
    number: str = "",
    market: str = "",
    language: str = "",
    url: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> Document:
    """Put a certificate or manual on file; one of each kind, market and language."""
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    row, _ = Document.objects.update_or_create(
        listing=listing,
        kind=kind,
        market=market,
        language=language,
        defaults={"number": number, "url": url, "issued_on": issued_on, "expires_on": expires_on},
    )
    _settled(listing, "documents", now)
    return row
