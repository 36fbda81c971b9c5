"""Write listings one by one, as a person makes, edits, publishes and archives them.

Every write ends with `settle_listings`: the law judges, the read models follow, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.domain import drafts
from catalog.domain.drafts import ListingDraft, TextDraft, VariantDraft
from catalog.domain.errors import CodeTaken, NotPublishable
from catalog.domain.slugs import slug_of
from catalog.domain.states import next_state
from catalog.events import ListingChanged
from catalog.models import Category, Listing, ListingText, Offer, Variant
from catalog.operations.reading import settle_listings
from catalog.operations.saving import PLAIN, Saved, publish, save_listings, words, write_goods
from catalog.operations.taxonomy import ensure_brands
from compliance.rulebook import fields as registry
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid


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
    checked = words(drafts.check_text(text))
    row, _ = ListingText.objects.update_or_create(
        listing=listing, language=language.lower(), defaults=checked
    )
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
    write_goods({listing.code: listing}, [draft], now=now)
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
    publish(listing, now)
    listing.save(update_fields=["state", "published_at"])
    return _settled(listing, "published", now)


@transaction.atomic
def archive_listing(*, listing_id: int, now: datetime) -> Listing:
    """Take a listing off sale. Orders keep what they froze of it; it can be published again."""
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    listing.state = next_state(listing.state, "archive")
    listing.save(update_fields=["state"])
    return _settled(listing, "archived", now)
