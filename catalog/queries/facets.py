"""How a list can be narrowed, and how many each choice would leave. Exact, in one pass over what matches.

A choice's own filter does not count against its other values ("France" stays countable while "Italy" is
chosen); all other filters do. The pass reads the narrow index alone, and the result is kept with the page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_noop

from catalog import pages
from catalog.domain.filters import FLAGS, Filters
from catalog.domain.landed import Rates
from catalog.queries.conditions import COLUMNS, Condition, from_euro_cents, joined, source
from catalog.queries.tree import category_names
from catalog.queries.views import Count, Facets, FacetValue, FacetView
from compliance.presentation import locale_of
from compliance.rulebook.rates import RateMissing

if TYPE_CHECKING:
    from marketplace.accounts.place import Place

CAP = 1_000
FEW = 0.15  # of the index, as the planner expects them: up to there look-ups were faster than the scan
VALUES = 20  # of one choice, the most frequent
CONDITIONS = {
    "new": gettext_noop("new"),
    "used": gettext_noop("used"),
    "refurbished": gettext_noop("refurbished"),
}
FLAG_LABELS = {
    "in_stock": gettext_noop("In stock"),
    "free_returns": gettext_noop("Free returns"),
    "verified": gettext_noop("Verified trader"),
    "guarantee": gettext_noop("Producer’s guarantee beyond the law"),
    "reduced": gettext_noop("Reduced"),
}
DIMENSIONS = {"category": "i.category_id", **COLUMNS}
_NOT_YET: list[Any] = []
Counted = dict[
    tuple[str, str], tuple[int, int | None, int | None]
]  # (choice, value) → (how many, lowest, highest)


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as conditions: what always holds, what a search looks for, what the shopper chose."""

    always: list[Condition]
    matches: list[Condition]
    chosen: dict[str, Condition]


def counts_of(asked: Asked, generation: str = "") -> Counted:
    """Return how many of what fits `asked` each choice would leave. One query.

    `generation` is that of the list: with it, counts are shared by all pages, orders and languages of a list.
    """
    return _kept(asked, generation, lambda: _counted(_fetch(_Rows.of(asked), _passes(asked))))


def ranked_and_counted(
    asked: Asked, ranked: Condition, generation: str = ""
) -> tuple[list[tuple[int, int]], Counted]:
    """Return (listing, score) of a page of a search, and its counts: the words are looked for once for both.

    `ranked` is a pass over what the search found, with rows of ``'page', listing, score, NULL, NULL``. One query.
    """
    rows, page = _Rows.of(asked), _NOT_YET

    def both() -> Counted:
        nonlocal page
        found = _fetch(rows, [*_passes(asked), ranked])
        page = [row for row in found if row[0] == "page"]
        return _counted(row for row in found if row[0] != "page")

    counted = _kept(asked, generation, both)
    if page is _NOT_YET:
        page = _fetch(rows, [ranked])
    best = [(int(listing), score) for _page, listing, score, *_ in page]
    return sorted(best, key=lambda one: (one[1], one[0]), reverse=True), counted


def facets_of(counted: Counted, filters: Filters, place: Place, fx: Rates) -> Facets:
    """Return the facets of a list by its counts; one query for the names of categories."""
    total, cheapest, dearest = counted.get(("all", ""), (0, None, None))
    return Facets(
        count=Count(min(total, CAP), total > CAP),
        choices=_choices(counted, filters, place.language),
        flags=tuple(
            FacetValue(name, FLAG_LABELS[name], counted[name, ""][0], getattr(filters, name))
            for name in FLAGS
        ),
        price_min=_money(cheapest, place.currency, fx),
        price_max=_money(dearest, place.currency, fx),
    )


def _money(cents: int | None, currency: str, fx: Rates) -> Any:
    try:
        return None if cents is None else from_euro_cents(cents, currency, fx)
    except RateMissing:
        return None


def _kept(asked: Asked, generation: str, count: Callable[[], Counted]) -> Counted:
    if not generation:
        return count()
    raw = repr((generation, asked)).encode()
    return pages.remember(f"facets:{pages.FORM}:{hashlib.blake2b(raw, digest_size=16).hexdigest()}", count)


def _fetch(rows: _Rows, passes: Sequence[Condition]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            rows.with_ + " UNION ALL ".join(f"({part.sql})" for part in passes),
            [*rows.parameters, *(value for part in passes for value in part.parameters)],
        )
        return cursor.fetchall()


def _counted(rows: Iterable[tuple[Any, ...]]) -> Counted:
    return {(name, value or ""): (number, low, high) for name, value, number, low, high in rows}


def _passes(asked: Asked) -> list[Condition]:
    """Return three kinds of passes, all over the narrow index or over what a search found.

    Choices without a filter of their own are counted together (GROUPING SETS), a choice with one is
    counted by itself without it, and flags, number and price range in a pass of plain sums.
    """
    rows = _Rows.of(asked)
    free = [name for name in DIMENSIONS if name not in asked.chosen]
    return [
        _together(rows, free),
        *(_alone(rows, name) for name in DIMENSIONS if name in asked.chosen),
        _sums(rows),
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the passes read: the index itself, or a search's matches, found once."""

    with_: str
    parameters: list[Any]
    table: str
    always: list[Condition]
    chosen: Mapping[str, Condition]

    @classmethod
    def of(cls, asked: Asked) -> _Rows:
        if not asked.matches:
            return cls("", [], "catalog_listingindex i", asked.always, asked.chosen)
        own = ("listing_id", "rank", "price", *FLAGS)
        columns = ", ".join([*DIMENSIONS.values(), *(f"i.{name}" for name in own)])
        where, read = joined([*asked.always, *asked.matches]), source(asked.matches)
        sql, parameters = f"{read} WHERE {where.sql}", where.parameters
        if _are_few(joined(asked.matches)):
            sql, parameters = _one_by_one(joined(asked.matches), joined(asked.always))
        return cls(
            f"WITH i AS MATERIALIZED (SELECT {columns} FROM {sql}) ", parameters, "i", [], asked.chosen
        )

    def where(self, *without: str) -> Condition:
        return joined([*self.always, *(c for name, c in self.chosen.items() if name not in without)])


def _are_few(match: Condition) -> bool:
    """Tell whether so few listings hold the words that their rows are better looked up than scanned for.

    Asked of the planner's statistics, not of the rows. Left to itself the planner scans the whole index for a
    twentieth of it, for it thinks that a look-up costs more, and a row that is read and thrown away less, than
    they do in memory.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) SELECT FROM catalog_listingwords w WHERE {match.sql}"
            " UNION ALL SELECT FROM catalog_listingindex",
            match.parameters,
        )
        [plan] = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    matching, whole = (part["Plan Rows"] for part in plan[0]["Plan"]["Plans"])
    return bool(matching < whole * FEW)


def _one_by_one(match: Condition, always: Condition) -> tuple[str, list[Any]]:
    """Return the same rows by a look-up for each listing that holds the words; OFFSET 0 keeps the planner to it."""
    return (
        f"(SELECT w.listing_id FROM catalog_listingwords w WHERE {match.sql} OFFSET 0) w CROSS JOIN LATERAL "
        f"(SELECT i.* FROM catalog_listingindex i WHERE i.listing_id = w.listing_id AND {always.sql} OFFSET 0) i",
        [*match.parameters, *always.parameters],
    )


def _together(rows: _Rows, names: Sequence[str]) -> Condition:
    columns = [DIMENSIONS[name] for name in names]
    number = f"GROUPING({', '.join(columns)})"
    masks = {name: (1 << len(names)) - 1 - (1 << (len(names) - 1 - at)) for at, name in enumerate(names)}
    kinds = " ".join(f"WHEN {mask} THEN '{name}'" for name, mask in masks.items())
    values = ", ".join(f"{column}::text" for column in columns)
    where = rows.where()
    return Condition(
        f"SELECT CASE {number} {kinds} END, coalesce({values}), count(*), NULL::bigint, NULL::bigint "
        f"FROM {rows.table} WHERE {where.sql} GROUP BY GROUPING SETS ({', '.join(f'({c})' for c in columns)})",
        where.parameters,
    )


def _alone(rows: _Rows, name: str) -> Condition:
    where, column = rows.where(name), DIMENSIONS[name]
    return Condition(
        f"SELECT '{name}', {column}::text, count(*), NULL, NULL FROM {rows.table} WHERE {where.sql} GROUP BY {column}",
        where.parameters,
    )


def _sums(rows: _Rows) -> Condition:
    """Return the pass that counts flags: each beside all filters but its own."""
    where = rows.where(*FLAGS)
    flags = [name for name in FLAGS if name in rows.chosen]
    kept = " AND ".join(f"i.{one}" for one in flags) or "true"
    # One row of sums is turned into one row for each flag and one for the whole.
    both = {name: " AND ".join(f"i.{one}" for one in dict.fromkeys([name, *flags])) for name in FLAGS}
    names = ", ".join(f"count(*) FILTER (WHERE {both[name]}) AS {name}" for name in FLAGS)
    return Condition(
        f"SELECT v.name, NULL, v.n, v.low, v.high FROM (SELECT {names}, count(*) FILTER (WHERE {kept}) AS whole, "
        f"min(i.price) FILTER (WHERE {kept}) AS low, max(i.price) FILTER (WHERE {kept}) AS high "
        f"FROM {rows.table} WHERE {where.sql}) s, LATERAL (VALUES "
        + ", ".join(f"('{name}', s.{name}, NULL::bigint, NULL::bigint)" for name in FLAGS)
        + ", ('all', s.whole, s.low, s.high)) v(name, n, low, high)",
        where.parameters,
    )


def _choices(counted: Counted, filters: Filters, language: str) -> tuple[FacetView, ...]:
    names = category_names(language)
    codes = {str(pk): code for pk, (code, _) in names.items()}
    territories = locale_of(language).territories
    labels: dict[str, Mapping[str, str]] = {
        "category": dict(names.values()),
        "origin": territories,
        "seller": territories,
        "condition": CONDITIONS,
    }
    counts: dict[str, dict[str, int]] = {name: {} for name in DIMENSIONS}
    for (name, value), (number, *_) in counted.items():
        if name in counts and value:
            counts[name][codes.get(value, value) if name == "category" else value] = number
    return tuple(
        FacetView(name, _values(counts[name], getattr(filters, name), labels.get(name, {})))
        for name in DIMENSIONS
    )


def _values(
    counts: Mapping[str, int], chosen: tuple[str, ...], labels: Mapping[str, str]
) -> tuple[FacetValue, ...]:
    """Return the most frequent values and every chosen one, even if it would leave nothing."""
    frequent = sorted(counts, key=lambda value: (-counts[value], value))[:VALUES]
    shown = [*frequent, *(value for value in chosen if value not in frequent)]
    return tuple(
        FacetValue(value, str(labels.get(value, value)), counts.get(value, 0), value in chosen)
        for value in shown
    )
