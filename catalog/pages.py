"""Pages kept until exactly what they show changes.

A key is made of everything a page depends on: what it is of, the visitor's place, the day (law and tax
rates are dated), the version of the rulebook, and the *generation* of the parts of the catalogue it shows.
A generation is the number of changes that part has seen; `refresh_listings` and its like write a row in the
transaction of the change, so whoever sees the change also sees the new number, on every node. Nothing is
ever deleted from the cache by hand: an outdated key is never asked for again and lapses after an hour.

    part of the catalogue        its generation grows when
    all                          any listing on offer changes          home, search
    category:<id>                a listing in it (or its group) does   category pages, similar things
    merchant:<id>                one of its listings does              the merchant's page
    seller:<id>                  its identity or shipping rates do     product pages of its listings
    rates                        new exchange rates came               everything with a price
    tree                         the categories changed                everything with a menu

A product page has the listing's own `version` instead. How many are left of a variant is never cached: what
the page says of it in words is part of its state, the number that may be ordered at once is put in as the page
is served. So a page that sells well is not drawn afresh after each sale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet, Sum

from catalog.models import Generation
from compliance import rulebook
from marketplace.kernel.prepared import Statement, prepared

if TYPE_CHECKING:
    from marketplace.accounts.place import Place

T = TypeVar("T")
HOUR = 3_600
MOST_LEFT = 99
FEW_LEFT = 5  # up to so many a product page says how many are left
MISSING = object()
FORM = 2  # grows when the shape of a view changes, so that a new release never reads an old one's pages


def generation_of(scopes: Iterable[str]) -> str:
    """Return the generations of parts of the catalogue as one piece of a key. One query."""
    wanted = sorted(set(scopes))
    found = dict(_changes(wanted))
    return ".".join(str(found.get(scope, 0)) for scope in wanted)


@prepared
def _changes(scopes: list[str]) -> QuerySet[Generation, tuple[str, int]]:
    return (
        Generation.objects.filter(scope__in=scopes).values_list("scope").annotate(n=Sum("changes")).order_by()
    )


def state_of_category(slug: str) -> str | None:
    """Return the generations of a category's page by its address; None if there is no such category. One query."""
    rows = _rows(
        "SELECT c.id, (SELECT sum(changes) FROM catalog_generation WHERE scope IN ('rates', 'tree', 'category:' || c.id))"
        " FROM catalog_category c WHERE c.slug = %s",
        [slug],
    )
    return str(rows[0]) if rows else None


def state_of_merchant(slug: str) -> str | None:
    """Return the generations of a merchant's page by its address; None if nobody sells under it. One query."""
    rows = _rows(
        "SELECT m.id, (SELECT sum(changes) FROM catalog_generation WHERE scope IN"
        " ('rates', 'tree', 'merchant:' || m.id, 'seller:' || m.id))"
        " FROM accounts_merchant m WHERE m.slug = %s AND m.status = 'active'",
        [slug],
    )
    return str(rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class ProductState:
    """The state of a product page: around it are the rates, the tree, the seller and the category."""

    slug: str
    around: str
    own: str  # beside what is around: its version, and what is said in words of what is left
    left: dict[str, int]  # by public id of variant, at most `MOST_LEFT`


_PRODUCT = Statement(
    "catalog.product_state",
    "SELECT l.slug, l.version, (SELECT sum(changes) FROM catalog_generation WHERE scope IN"
    " ('rates', 'tree', 'seller:' || l.merchant_id, 'category:' || l.category_id)),"
    " (SELECT json_object_agg(v.public_id, greatest(least(s.on_hand - s.reserved, %s), 0) ORDER BY v.id)"
    "  FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id WHERE v.listing_id = l.id AND v.is_active)"
    " FROM catalog_listing l WHERE l.public_id = %s AND l.state = 'active'",
)


def state_of_product(public_id: str) -> ProductState | None:
    """Return the state of a product page; None if nothing is on sale under this id. One query."""
    rows = _PRODUCT([MOST_LEFT, public_id])
    if not rows:
        return None
    slug, version, around, left = rows[0]
    said = {variant: min(number, FEW_LEFT + 1) for variant, number in (left or {}).items()}
    return ProductState(slug, str(around), repr((version, around, said)), left or {})


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def key_of(kind: str, *parts: Any, place: Place, on: date) -> str:
    """Return a key: short, and different whenever anything that a page of this kind depends on differs."""
    where = (place.market, place.language, place.currency)
    raw = repr((FORM, kind, parts, where, on.isoformat(), rulebook.default().version))
    return f"page:{kind}:{hashlib.blake2b(raw.encode(), digest_size=16).hexdigest()}"


def remember(key: str, build: Callable[[], T]) -> T:
    """Return what is kept under a key; build and keep it if nothing is."""
    found = cache.get(key, MISSING)
    if found is MISSING:
        found = build()
        cache.set(key, found, HOUR)
    return found
