"""Ingredients of a listing against the table of restricted substances, and against the names of CosIng.

The table is law in rows: a row blocks only if somebody read it in a source and its scope gives no further
conditions in words. A row for some states, one with conditions and one that nobody read only warn. A limit
binds by its largest figure, and only if the list says a share; else the merchant is told the limit. The limits of
articles hang on materials and uses that their scope says in words: one with such conditions only warns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.finders import Facts, Found
from compliance.rulebook.ingredients import Ingredient, fold, is_known, read_cosmetic, read_food
from compliance.rulebook.substances import Restriction, numbers_by_name, restrictions
from compliance.rulebook.types import Severity

HORIZON = timedelta(days=120)
ARTICLES = "substances"  # the list of what is no mixture: test reports call things by their common names
NAMED = 8  # unknown names that one finding lists


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A row with the jurisdiction that made it, the markets it binds here, and the day if it is to come."""

    row: Restriction
    jurisdiction: str
    markets: tuple[str, ...]
    coming: date | None


class SubstanceFinder:
    """Finds restricted substances. Params: `list`, `kinds` of the table, `share` (any, above, unsaid), `groups`."""

    def __init__(self, params: Mapping[str, Any], on: date, markets: tuple[str, ...], book: Rulebook) -> None:
        self.field: str = params["list"]
        self.share: str = params.get("share", "any")
        self.on = on
        rows = list(_bound(params, on, markets, book))
        self.key = _digest(rows, on)
        self.by_name: dict[str, list[Bound]] = {}
        self.groups: list[tuple[Callable[[str], bool], Bound]] = []
        for one in rows:
            for name in one.row.called:
                self.by_name.setdefault(name, []).append(one)
            self.groups += [(_belongs(how, text), one) for how, text in one.row.members]
        self.rows_of = lru_cache(maxsize=16384)(self._rows_of)
        self.found = lru_cache(maxsize=16384)(self._found)

    def find(self, facts: Facts) -> Iterator[Found]:
        """Yield each substance found, once a substance and jurisdiction."""
        seen: set[tuple[str, str]] = set()
        groups = frozenset(facts["groups"])
        for item in ingredients_of(facts, self.field):
            for one in self.rows_of(item.names, self._numbers(item), item.nano):
                if groups & one.row.groups and self._is_hit(one.row, item):
                    found = self.found(one, item)
                    if (found.field, found.jurisdiction) not in seen:
                        seen.add((found.field, found.jurisdiction))
                        yield found

    def _numbers(self, item: Ingredient) -> tuple[str, ...]:
        known = numbers_by_name() if self.field == ARTICLES else {}
        return item.numbers + tuple(number for name in item.names for number in known.get(name, ()))

    def _rows_of(self, names: tuple[str, ...], numbers: tuple[str, ...], nano: bool) -> tuple[Bound, ...]:
        hits = dict.fromkeys(one for name in (*names, *numbers) for one in self.by_name.get(name, ()))
        hits |= dict.fromkeys(one for belongs, one in self.groups if any(map(belongs, names)))
        return tuple(one for one in hits if not one.row.is_nano or nano or _is_colloid(names))

    def _is_hit(self, row: Restriction, item: Ingredient) -> bool:
        if self.share == "any":
            return True
        most = row.largest_percent
        known = item.percent is not None and not item.at_most and most is not None
        if self.share == "above":
            return known and item.percent > most  # type: ignore[operator] -- both are known
        return not known

    def _found(self, one: Bound, item: Ingredient) -> Found:
        row = one.row
        act = f"{row.cite.act}, {row.cite.at}" if row.cite.at else row.cite.act
        figures = " / ".join(format(limit, "f") for limit in row.limits)
        params = {
            "ingredient": item.said,
            "substance": row.name,
            "scope": f"{row.scope} ({row.states})" if row.states else row.scope,
            "limit": f"{figures} {row.unit.removesuffix(' (label)')}".strip() or "–",
            "share": f"{item.percent.normalize():f} %" if item.percent is not None else "",
            "act": act,
        }
        return Found(
            field=f"{self.field}.{fold(row.name)}"[:80],
            jurisdiction=one.jurisdiction,
            markets=one.markets,
            severity=self._severity(row),
            confidence=row.confidence,
            cites=(row.cite,),
            params=tuple(params.items()),
            due_on=one.coming,
        )

    def _severity(self, row: Restriction) -> Severity | None:
        """Return the most that this row may weigh, None for what the duty says."""
        if row.states:
            return Severity.MEDIUM
        if self.share == "above":
            binds = row.is_comparable and (row.is_plain or self.field != ARTICLES)
            return None if binds else Severity.HIGH
        if row.off_shelf_on and self.on < row.off_shelf_on:
            return Severity.HIGH
        if row.is_plain:
            return None
        return Severity.INFO if row.kind in ("warning", "warning_above", "label_above") else Severity.HIGH


class NameFinder:
    """Finds names in the list that nobody would understand: not CosIng's, and no Colour Index number."""

    key = ""

    def __init__(self, params: Mapping[str, Any], on: date, markets: tuple[str, ...], book: Rulebook) -> None:
        self.field, self.markets = params["list"], markets
        self.known = frozenset(name for row in restrictions() for name in row.called)

    def find(self, facts: Facts) -> Iterator[Found]:
        odd = [
            item.said
            for item in ingredients_of(facts, self.field)
            if item.names and not any(is_known(name) or name in self.known for name in item.names)
        ]
        if odd:
            names = ", ".join(odd[:NAMED]) + (" …" if len(odd) > NAMED else "")
            yield Found(self.field, self.markets, (("names", names),))


class NanoFinder:
    """Finds ingredients called nano that do not carry "(nano)" after their name."""

    key = ""

    def __init__(self, params: Mapping[str, Any], on: date, markets: tuple[str, ...], book: Rulebook) -> None:
        self.field, self.markets = params["list"], markets

    def find(self, facts: Facts) -> Iterator[Found]:
        items = ingredients_of(facts, self.field)
        odd = [one.said for one in items if not one.nano and any("nano" in n.split() for n in one.names)]
        if odd:
            yield Found(f"{self.field}.nano", self.markets, (("names", ", ".join(odd[:NAMED])),))


def ingredients_of(facts: Facts, field: str) -> tuple[Ingredient, ...]:
    """Return the list read: INCI names, or the sentence in English; without one, those of all languages, each thing once.

    In whatever order the languages were entered: a listing is judged alike by its facts and by its profile.
    """
    value = facts["disclosures"].get(field)
    if not value:
        return ()
    if isinstance(value, list):
        return read_cosmetic(tuple(one for one in value if isinstance(one, str)))
    texts = {code.split("-")[0]: text for code, text in sorted(value.items()) if isinstance(text, str)}
    if english := texts.get("en"):
        return read_food(english)
    return tuple(dict.fromkeys(item for text in texts.values() for item in read_food(text)))


def _bound(params: Mapping[str, Any], on: date, markets: tuple[str, ...], book: Rulebook) -> Iterator[Bound]:
    chains = {market: [place.code for place in book.chain(market)] for market in markets}
    wanted, kinds = set(params["groups"]), set(params["kinds"])
    for row in restrictions():
        is_coming = row.since is not None and on < row.since <= on + HORIZON
        if row.kind in kinds and row.groups & wanted and (is_coming or row.is_on(on)):
            for place in row.markets:
                under = tuple(market for market in markets if place in chains[market])
                if under:
                    yield Bound(row, place, under, row.since if is_coming else None)


def _digest(rows: list[Bound], on: date) -> str:
    lines = [
        f"{one.row.name}|{one.row.cite}|{one.row.scope}|{one.jurisdiction}|{one.markets}|{one.coming}"
        f"|{bool(one.row.off_shelf_on and on < one.row.off_shelf_on)}"
        for one in rows
    ]
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def _belongs(how: str, text: str) -> Callable[[str], bool]:
    if how == "word":
        return lambda name: text in name.split()
    return lambda name: any(word.endswith(text) for word in name.split())


def _is_colloid(names: tuple[str, ...]) -> bool:
    return any("colloidal" in name for name in names)
