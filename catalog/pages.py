"""Pages kept until exactly what they show changes.

A key is made of everything a page depends on: what it is of, the visitor's place, the day (law and tax
rates are dated), the version of the rulebook, and the *generation* of the parts of the catalogue it shows.
A generation is the number of changes that part has seen; `refresh_listings` and its like write a row in the
transaction of the change, so whoever sees the change also sees the new number, on every node. Nothing is
ever deleted from the cache by hand: an outdated key is never asked for again and lapses after a day.

    part of the catalogue        its generation grows when
    all                          any listing on offer changes          home, search
    category:<id>                a listing in it (or its group) does   category pages, similar things
    merchant:<id>                one of its listings does              the merchant's page
    seller:<id>                  its identity or shipping rates do     product pages of its listings
    rates                        new exchange rates came               everything with a price
    tree                         the categories changed                everything with a menu

A product page has the listing's own `version` instead. What is left of a variant is never cached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import cache
from django.db.models import Sum

from catalog.models import Generation
from compliance import rulebook

if TYPE_CHECKING:
    from marketplace.accounts.place import Place

T = TypeVar("T")
DAY = 86_400
MISSING = object()
FORM = 1  # grows when the shape of a view changes, so that a new release never reads an old one's pages


def generation_of(scopes: Iterable[str]) -> str:
    """Return the generations of parts of the catalogue as one piece of a key. One query."""
    wanted = sorted(set(scopes))
    rows = Generation.objects.filter(scope__in=wanted).values_list("scope").annotate(n=Sum("changes"))
    found = dict(rows.order_by())
    return ".".join(str(found.get(scope, 0)) for scope in wanted)


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
        cache.set(key, found, DAY)
    return found
