"""Lists of the API: keyset pages over what pages show, own offers by SKU, rights on a purchase."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Prefetch

from catalog.models import Category, Listing, Offer, Variant
from catalog.queries import lists, shop
from marketplace.accounts.models import Merchant
from marketplace.accounts.place import Place
from marketplace.kernel.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list and where the next one begins ("" at the end)."""

    listings: tuple[Listing, ...]
    following: str
    correction: str


def encode_cursor(*parts: Any) -> str:
    """Return the place after a row as text for an address."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(text: str, *kinds: type) -> tuple[Any, ...]:
    """Return the parts of a cursor.

    :raises Invalid: if it is not one we handed out.
    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        if len(parts) == len(kinds) and all(type(p) is k for p, k in zip(parts, kinds, strict=True)):
            return tuple(parts)
    except (ValueError, TypeError):
        pass
    raise Invalid("This cursor is not one of ours.", field="after")


def list_after(filters: shop.Filters, place: Place, on: date, *, after: str, limit: int) -> Listed:
    """Return the listings after a cursor that may be bought here.

    :raises Invalid: if `after` is not a cursor of this order.
    """
    if filters.category and not Category.objects.filter(code=filters.category).exists():
        raise Invalid("We do not know this category.", field="category")
    found = lists.found_page(shop.wanted(replace(filters, after=after, size=limit)), place, on)
    return Listed(
        listings=tuple(shop.in_order(found.listing_ids)),
        following=found.next_cursor,
        correction=shop.mended(filters.query, found.corrections),
    )


def all_categories() -> list[Category]:
    """Return every category, parents before children of the same position. One query."""
    return list(Category.objects.select_related("parent").order_by("position", "pk"))


def selling_merchant(public_id: str) -> Merchant:
    """Return a merchant who sells.

    :raises NotFound: if there is none.
    """
    found = Merchant.objects.filter(public_id=public_id, status=Merchant.Status.ACTIVE).first()
    if found is None:
        raise NotFound("There is no such merchant.", field="merchant")
    return found


def offers_of(merchant: Merchant, *, after: str, limit: int) -> tuple[list[Variant], str]:
    """Return a merchant's variants in the order of their SKUs, and where the next page begins."""
    rows = _own_variants(merchant)
    if after:
        rows = rows.filter(sku__gt=decode_cursor(after, str)[0].replace("\x00", ""))
    found = list(rows.order_by("sku")[: limit + 1])
    return found[:limit], encode_cursor(found[limit - 1].sku) if len(found) > limit else ""


def offer_of(merchant: Merchant, sku: str) -> Variant:
    """Return one of a merchant's own variants.

    :raises NotFound: if the merchant has no such SKU.
    """
    found = _own_variants(merchant).filter(sku=sku).first() if "\x00" not in sku else None
    if found is None:
        raise NotFound("You have no such SKU.", field="sku")
    return found


def _own_variants(merchant: Merchant) -> Any:
    offers = Prefetch("offers", Offer.objects.order_by("currency"))
    return (
        Variant.objects.filter(merchant=merchant).select_related("listing", "stock").prefetch_related(offers)
    )


def words_in(names: Mapping[str, str], language: str) -> str:
    """Return a name in a language, else in its base language, else in English, else any."""
    choices = (language, language.split("-")[0], "en", *names)
    return next((names[code] for code in choices if names.get(code)), "")
