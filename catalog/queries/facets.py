"""How a list can be narrowed, and how many each choice would leave. Exact, in one pass over what matches.

A choice's own filter does not count against its other values ("France" stays countable while "Italy" is
chosen); all other filters do. The pass reads the narrow index alone, and the result is kept with the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
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
Counted = dict[
    tuple[str, str], tuple[int, int | None, int | None]
]  # (choice, value) → (how many, lowest, highest)


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as conditions: what always holds, what a search looks for, what the shopper chose."""

    always: list[Condition]
    matches: list[Condition]
    chosen: dict[str, Condition]


def facets_of(asked: Asked | None, filters: Filters, place: Place, fx: Rates, generation: str = "") -> Facets:
    """Return the facets of what fits `asked`; one query and one for the names of categories.

    `generation` is that of the list: with it, counts are shared by all pages, orders and languages of a list.
    """
    if asked is None:
        return Facets(Count(0))
    counted = _kept_counts(asked, generation)
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


def _kept_counts(asked: Asked, generation: str) -> Counted:
    sql, parameters = _statement(asked)
    if not generation:
        return _counts(sql, parameters)
    raw = repr((generation, sql, parameters)).encode()
    key = f"facets:{pages.FORM}:{hashlib.blake2b(raw, digest_size=16).hexdigest()}"
    return pages.remember(key, lambda: _counts(sql, parameters))


def _counts(sql: str, parameters: list[Any]) -> Counted:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {
            (name, value or ""): (number, low, high) for name, value, number, low, high in cursor.fetchall()
        }


def _statement(asked: Asked) -> tuple[str, list[Any]]:
    """Return one statement of three kinds of passes, all over the narrow index or over what a search found.

    Choices without a filter of their own are counted together (GROUPING SETS), a choice with one is
    counted by itself without it, and flags, number and price range in a pass of plain sums.
    """
    rows = _Rows.of(asked)
    free = [name for name in DIMENSIONS if name not in asked.chosen]
    passes = [
        _together(rows, free),
        *(_alone(rows, name) for name in DIMENSIONS if name in asked.chosen),
        _sums(rows),
    ]
    return (
        rows.with_ + " UNION ALL ".join(part.sql for part in passes),
        [*rows.parameters, *(value for part in passes for value in part.parameters)],
    )


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
        where = joined([*asked.always, *asked.matches])
        columns = ", ".join([*DIMENSIONS.values(), *(f"i.{name}" for name in FLAGS), "i.price"])
        found = f"WITH i AS MATERIALIZED (SELECT {columns} FROM {source(asked.matches)} WHERE {where.sql}) "
        return cls(found, where.parameters, "i", [], asked.chosen)

    def where(self, *without: str) -> Condition:
        return joined([*self.always, *(c for name, c in self.chosen.items() if name not in without)])


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
