"""Pages of listings: a category, a merchant, everything, a search. Only what may be bought here is ever in them.

A page is a walk along one b-tree (scope, order, listing) from where the last page ended, so the tenth page
costs what the first does and a listing that comes or goes moves nothing. A search ranks at most
`ranking.CANDIDATES` matches by their words; when more match, the best placed of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from catalog import pages
from catalog.domain.filters import Filters
from catalog.domain.ranking import CANDIDATES, LIMITED, Cursor, Sort
from catalog.domain.words import Query, parse_query
from catalog.models import MarketNumber
from catalog.queries.cards import cards_of
from catalog.queries.conditions import Condition, filter_conditions, joined, source
from catalog.queries.facets import Asked, counts_of, facets_of, ranked_and_counted
from catalog.queries.finding import corrections, tsquery
from catalog.queries.prices import exchange_rates
from catalog.queries.views import Correction, Count, Facets, ListPage

if TYPE_CHECKING:
    from marketplace.accounts.place import Place

SIZE = 24


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the catalogue a list is of."""

    column: str = ""  # "", category, group, merchant
    pk: int = 0

    @property
    def generation(self) -> str:
        """The part whose changes make a page of this scope out of date."""
        if not self.column:
            return "all"
        return f"{'merchant' if self.column == 'merchant' else 'category'}:{self.pk}"

    def conditions(self) -> list[Condition]:
        return [Condition(f"i.{self.column}_id = %s", [self.pk])] if self.column else []


EVERYTHING, NOTHING = Scope(), Filters()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a list as its address asks for it."""

    scope: Scope = EVERYTHING
    filters: Filters = NOTHING
    sort: Sort = Sort.RECOMMENDED
    query: str = ""
    after: str = ""
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Which listings stand on a page, before they are drawn as anything."""

    listing_ids: tuple[int, ...]
    facets: Facets
    next_cursor: str = ""  # "" on the last page
    corrections: tuple[Correction, ...] = ()


def list_page(wanted: Wanted, place: Place, on: date) -> ListPage:
    """Return a page of a list with its cards, from the cache while nothing in its scope has changed.

    :raises BadCursor: if `after` is not a place we handed out.
    """
    generation = generation_of(wanted)
    key = key_of("list", wanted, generation, place, on)
    return pages.remember(key, lambda: build_list_page(wanted, place, on, generation))


def build_list_page(wanted: Wanted, place: Place, on: date, generation: str = "") -> ListPage:
    """Return a page of a list from the database: at most ten queries, whatever it holds."""
    found = find_page(wanted, place, on, generation)
    return ListPage(
        cards=cards_of(found.listing_ids, place, on),
        facets=found.facets,
        sort=wanted.sort,
        next_cursor=found.next_cursor,
        query=wanted.query,
        corrections=found.corrections,
    )


def found_page(wanted: Wanted, place: Place, on: date) -> FoundPage:
    """Return which listings stand on a page, from the cache while nothing in its scope has changed.

    :raises BadCursor: if `after` is not a place we handed out.
    """
    generation = generation_of(wanted)
    key = key_of("found", wanted, generation, place, on)
    return pages.remember(key, lambda: find_page(wanted, place, on, generation))


def generation_of(wanted: Wanted) -> str:
    """Return the generation of all that a page of a list shows. One query."""
    return pages.generation_of([wanted.scope.generation, "rates", "tree"])


def key_of(kind: str, wanted: Wanted, generation: str, place: Place, on: date) -> str:
    """Return the key under which something made of a page of a list may be kept."""
    canonical = replace(wanted, query=parse_query(wanted.query).text)
    return pages.key_of(kind, canonical, generation, place=place, on=on)


def find_page(wanted: Wanted, place: Place, on: date, generation: str = "") -> FoundPage:
    """Return which listings stand on a page, asking the index.

    :raises BadCursor: if `after` is not a place we handed out.
    """
    query = parse_query(wanted.query)
    if wanted.query.strip() and not query:
        return FoundPage((), Facets(Count(0)))
    fx = exchange_rates(on)
    always = [*_offered_in(place.market), *wanted.scope.conditions()]
    chosen = filter_conditions(wanted.filters, place.currency, fx)
    others = _alternatives(query, always, place.language) if query else {}
    matches = [_matches(query, place.language, others)] if query else []
    asked = Asked(always, matches, chosen)
    if matches and wanted.sort is Sort.RECOMMENDED:
        found, counted = ranked_and_counted(asked, _ranked(wanted, asked, place.market), generation)
    else:
        found, counted = _walk(wanted, asked, place.market), counts_of(asked, generation)
    page = found[: wanted.size]
    last = page[-1] if len(found) > wanted.size else None
    return FoundPage(
        listing_ids=tuple(listing for listing, _ in page),
        facets=facets_of(counted, wanted.filters, place, fx),
        next_cursor=Cursor(wanted.sort, _plain(last[1]), last[0]).encode() if last else "",
        corrections=tuple(
            Correction(typed, read[0]) for typed, read in others.items() if typed not in read[0]
        ),
    )


def _walk(wanted: Wanted, asked: Asked, market: str) -> list[tuple[int, Any]]:
    """Return (listing, sorted by) of a page and one more. One query."""
    build = _recommended if wanted.sort is Sort.RECOMMENDED else _ordered
    walk = build(wanted, asked, market)
    with connection.cursor() as cursor:
        cursor.execute(walk.sql, walk.parameters)
        return cursor.fetchall()


def _ordered(wanted: Wanted, asked: Asked, market: str, *more: Condition) -> Condition:
    """Return the walk along one b-tree of the index."""
    column = f"i.{wanted.sort.column}"
    beyond = _beyond(wanted, column, "i.listing_id")
    where = joined([*asked.always, *asked.chosen.values(), *more, *asked.matches, *beyond])
    direction = "ASC" if wanted.sort.ascending else "DESC"
    return Condition(
        f"SELECT i.listing_id, {column} FROM {source(asked.matches)} WHERE {where.sql} "
        f"ORDER BY {column} {direction}, i.listing_id {direction} LIMIT %s",
        [*where.parameters, wanted.size + 1],
    )


def _recommended(wanted: Wanted, asked: Asked, market: str) -> Condition:
    """Return the walk along what is recommended, then along the few that are limited here."""
    first = _ordered(wanted, asked, market, _limited_in(market, False))
    column = f"(i.rank + {LIMITED})"
    beyond = _beyond(wanted, column, "i.listing_id")
    where = joined(
        [*asked.always, *asked.chosen.values(), _limited_in(market, True), *asked.matches, *beyond]
    )
    return Condition(
        f"SELECT listing_id, rank FROM (({first.sql}) UNION ALL "
        f"(SELECT i.listing_id, {column} FROM {source(asked.matches)} WHERE {where.sql} "
        f"ORDER BY 2 DESC, 1 DESC LIMIT %s)) both_parts ORDER BY 2 DESC, 1 DESC LIMIT %s",
        [*first.parameters, *where.parameters, wanted.size + 1, wanted.size + 1],
    )


def _ranked(wanted: Wanted, asked: Asked, market: str) -> Condition:
    """Return the pass over what a search found that ranks its candidates.

    Where the words stand comes first, the recommended order among equals. The candidates are chosen by the
    narrow rows alone; only theirs are read for the words a second time.
    """
    where, [match] = joined(asked.chosen.values()), asked.matches
    here = _limited_in(market, True)
    beyond = joined(_beyond(wanted, "score", "listing_id"))
    words = match.sql.removeprefix("w.vector @@ ")
    return Condition(
        f"SELECT 'page', listing_id::text, score, NULL::bigint, NULL::bigint FROM (SELECT c.listing_id, "
        f"(ts_rank('{{0.05,0.3,0.4,1}}', w.vector, {words}) * 1000)::bigint * 10000 + c.rank AS score FROM ("
        f"SELECT i.listing_id, i.rank + CASE WHEN {here.sql} THEN {LIMITED} ELSE 0 END AS rank FROM i WHERE {where.sql} "
        f"ORDER BY i.rank DESC, i.listing_id DESC LIMIT {CANDIDATES}) c "
        f"JOIN catalog_listingwords w ON w.listing_id = c.listing_id) s WHERE {beyond.sql} "
        f"ORDER BY s.score DESC, s.listing_id DESC LIMIT %s",
        [*match.parameters, *here.parameters, *where.parameters, *beyond.parameters, wanted.size + 1],
    )


def _beyond(wanted: Wanted, column: str, key: str) -> list[Condition]:
    """Return what lies after the last row of the page before."""
    if not wanted.after:
        return []
    cursor = Cursor.decode(wanted.after, wanted.sort)
    sign, kind = (
        (">" if wanted.sort.ascending else "<"),
        ("timestamptz" if wanted.sort is Sort.NEWEST else "bigint"),
    )
    return [Condition(f"({column}, {key}) {sign} (%s::{kind}, %s)", [cursor.value, cursor.listing])]


def _plain(value: Any) -> int | str:
    return value.isoformat() if isinstance(value, datetime) else int(value)


def _alternatives(query: Query, always: list[Condition], language: str) -> dict[str, tuple[str, ...]]:
    """Return what to read unknown words as; nothing while the words as typed find something here."""
    condition = _matches(query, language, {})
    where = joined([*always, condition])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {source([condition])} WHERE {where.sql})", where.parameters
        )
        [found] = cursor.fetchone()
    return {} if found else corrections(query)


def _offered_in(market: str) -> list[Condition]:
    number = market_number(market)
    # An inequality, because the planner takes an expression that equals something for a rare thing.
    return [
        Condition("get_bit(i.markets, %s) > 0", [number]) if number is not None else Condition("false", [])
    ]


def _limited_in(market: str, is_limited: bool) -> Condition:
    """Return that a measure holds here by which a listing is not recommended, or that none does."""
    number = market_number(market) or 0
    if is_limited:
        return Condition("i.limited IS NOT NULL AND get_bit(i.limited, %s) = 1", [number])
    return Condition("(i.limited IS NULL OR get_bit(i.limited, %s) = 0)", [number])


_numbers: dict[str, int] = {}


def market_number(market: str) -> int | None:
    """Return a market's bit in the index; numbers never change, so they are read once per process."""
    if market not in _numbers:
        _numbers.update(MarketNumber.objects.values_list("market", "number"))
    return _numbers.get(market)


def _matches(query: Query, language: str, others: dict[str, tuple[str, ...]]) -> Condition:
    return Condition("w.vector @@ %s::tsquery", [tsquery(query, language, others)])


def best_ids(scope: Scope, place: Place, limit: int) -> tuple[int, ...]:
    """Return the best placed listings of a scope that may be bought here. One query."""
    where = joined([*_offered_in(place.market), *scope.conditions(), _limited_in(place.market, False)])
    return tuple(pk for pk, _ in _best(where, limit))


def best_by_merchant(place: Place, limit: int) -> list[tuple[int, int]]:
    """Return (listing, merchant) of the best placed listings that may be bought here. One query."""
    return _best(joined([*_offered_in(place.market), _limited_in(place.market, False)]), limit)


def _best(where: Condition, limit: int) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.listing_id, i.merchant_id FROM catalog_listingindex i WHERE {where.sql} "
            "ORDER BY i.rank DESC, i.listing_id DESC LIMIT %s",
            [*where.parameters, limit],
        )
        return cursor.fetchall()


def counts_by(column: str, place: Place, scope: Scope = EVERYTHING) -> dict[int, int]:
    """Return how many listings of each category, group or merchant may be bought here. One query."""
    where = joined([*_offered_in(place.market), *scope.conditions()])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.{column}_id, count(*) FROM catalog_listingindex i WHERE {where.sql} GROUP BY 1",
            where.parameters,
        )
        return dict(cursor.fetchall())
