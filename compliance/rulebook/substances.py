"""Restricted substances: what products of a kind may not contain, or must say they contain, per market.

The table has one row for each substance, market and scope. `kind` says what the act does:
``prohibited``, ``not_authorised`` (no approval exists), ``limit`` (at most so much), ``label_above`` and
``warning_above`` (say so above that much), ``declare`` (say so always), ``warning`` (warn always),
``professional_only``, ``see_source`` (a list too long for the table) and ``draft`` (never binds).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from compliance.rulebook.ingredients import fold
from compliance.rulebook.tables import Column, Row, register_table, table
from compliance.rulebook.types import Cite, Confidence, Ruling

KINDS = (
    "prohibited",
    "not_authorised",
    "limit",
    "label_above",
    "warning_above",
    "declare",
    "warning",
    "professional_only",
    "see_source",
    "draft",
)
_DIVIDED = re.compile(r",(?=\s)|;|/|\s(?:and|or|\+)\s")  # names of several substances in one row
_ASIDE = re.compile(r"\([^)]*\)|\betc\.|^[A-Z]{2}: |\s(?:in|above|for|>)\s.*$")  # what is no part of a name
_E_NUMBER = re.compile(r"\bE\d{3,4}\b")
# Groups of substances: what their members' names have in common.
_COMPOUNDS = re.compile(r"(\w+) and its compounds")
_SALTS = re.compile(r"(\w+)ic acid and (?:its )?salts")
_DERIVED = re.compile(r"(\w+) and (?:derivatives|esters)")
_OFF_SHELF = re.compile(r"off shelf (\d{4}-\d{2}-\d{2})")
_PLAIN = frozenset(
    {"cosmetics", "cosmetics intentionally added", "cosmetics and personal care", "food", "food sold in CA"}
    | {"food and supplements", "food additive (not authorised)", "general public", "UTC", "articles UTC"}
)
_OTHER_BASIS = re.compile(r"\bas\b|\bsum\b|mixture|releas|residual|traces|after mixing|prof", re.IGNORECASE)
_MIGRATES = re.compile(r"migrat|\bsoluble\b|extractable", re.IGNORECASE)  # what comes out, not what is in it
_TO_PERCENT = {
    "%": 1, "% w/w": 1, "mg/kg": "0.0001", "ppm": "0.0001", "ug/g": "0.0001", "ug/kg": "0.0000001", "ppb": "0.0000001",
}  # fmt: skip

register_table(
    "substances",
    Column("name", required=True),
    Column("inci", "list"),
    Column("cas", "list"),
    Column("ec"),
    Column("markets", "list", required=True),
    Column("market_as_written", required=True),
    Column("states"),
    Column("scope", required=True),
    Column("groups", "list", required=True),
    Column("kind", required=True, choices=KINDS),
    Column("limits", "list"),
    Column("limit_as_written", required=True),
    Column("unit"),
    Column("entry"),
)


@dataclass(frozen=True, slots=True)
class Restriction:
    """One row of the table. `limits` are in `unit`, in the order in which `scope` names the uses."""

    name: str
    inci: tuple[str, ...]
    cas: tuple[str, ...]
    markets: tuple[str, ...]
    scope: str
    groups: frozenset[str]
    kind: str
    limits: tuple[Decimal, ...]
    unit: str
    states: str
    since: date | None
    until: date | None
    cite: Cite
    confidence: Confidence

    @property
    def names(self) -> frozenset[str]:
        """The substance's name, INCI names and CAS numbers, folded for comparison."""
        return frozenset(map(fold, (self.name, *self.inci, *self.cas)))

    @property
    def called(self) -> frozenset[str]:
        """Every name, number and E number an ingredient of this row may have, folded; groups divided."""
        parts = [*_parts(self.name), *(name.replace("etc.", "") for name in self.inci)]
        numbers = (number.lower() for number in _E_NUMBER.findall(self.name))
        return self.names | {name for name in map(fold, parts) if len(name) > 2} | frozenset(numbers)

    @property
    def members(self) -> tuple[tuple[str, str], ...]:
        """How members of the group are known: (``word`` or ``ending``, folded text)."""
        words = [("word", fold(base)) for base in _COMPOUNDS.findall(self.name)]
        words += [("ending", fold(base) + "ate") for base in _SALTS.findall(self.name)]
        for base in _DERIVED.findall(self.name):
            words += [("word", fold(base)), ("word", re.sub("ol$", "yl", fold(base)))]
        return tuple(dict.fromkeys(words))

    @property
    def is_nano(self) -> bool:
        """Whether the row speaks of the nano form: the same substance in bulk is another matter."""
        return "nano" in f"{self.name} {' '.join(self.inci)} {self.scope}".lower()

    @property
    def is_plain(self) -> bool:
        """Whether it binds every product of its groups; else the scope gives conditions in words only."""
        first, *others = (part.strip() for part in self.scope.split(";"))
        return first in _PLAIN and all(_OFF_SHELF.fullmatch(part) for part in others)

    @property
    def off_shelf_on(self) -> date | None:
        """The day from which goods that were placed on the market in time may no longer be sold."""
        found = _OFF_SHELF.search(self.scope)
        return date.fromisoformat(found.group(1)) if found else None

    @property
    def largest_percent(self) -> Decimal | None:
        """`largest` in percent by mass; None if it is no share of the whole (% F, ug/day, what migrates)."""
        factor = None if self.is_migration else _TO_PERCENT.get(self.unit)
        return self.largest * Decimal(factor) if self.largest is not None and factor else None

    @property
    def is_migration(self) -> bool:
        """Whether the figures measure what comes out of a material: a toy of aluminium is mostly aluminium.

        The act on toys gives three figures for what migrates (dry, liquid, scraped off), one for what is in it.
        """
        of_toys = len(self.limits) == 3 and "migration: dry" in self.cite.act
        return of_toys or _MIGRATES.search(f"{self.name} {self.scope}") is not None

    @property
    def is_comparable(self) -> bool:
        """Whether a declared share compares with the figures as it stands (not as acid, sum, residue …)."""
        return not _OTHER_BASIS.search(f"{self.name} {self.scope}")

    @property
    def largest(self) -> Decimal | None:
        """The most that any use may contain: above it no use is lawful."""
        return max(self.limits, default=None)

    def is_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def ruling(self, market: str) -> Ruling:
        """Return the row as a ruling, for findings and the screen's "why?"."""
        return Ruling(
            rule=f"substances.{self.kind}",
            value={
                "substance": self.name,
                "limits": [str(limit) for limit in self.limits],
                "unit": self.unit,
            },
            version_from=self.since,
            cites=(self.cite,),
            confidence=self.confidence,
            title=f"{self.name}: {self.scope}",
            jurisdiction=market,
        )


def _parts(name: str) -> list[str]:
    plain = _ASIDE.sub(" ", name.replace("(and)", "\0"))
    return [] if "\0" in plain else [plain, *_DIVIDED.split(plain)]  # (and): a blend, known as a whole only


@cache
def restrictions() -> tuple[Restriction, ...]:
    """Return every row, in the order of the table."""
    return tuple(_restriction(row) for row in table("substances"))


def restrictions_in(
    chain: Iterable[str], groups: Iterable[str], on: date, *, drafts: bool = False
) -> tuple[Restriction, ...]:
    """Return what binds products of these duty groups in a market's chain of jurisdictions on a day."""
    places, wanted = set(chain), set(groups)
    return tuple(
        row
        for row in restrictions()
        if places.intersection(row.markets)
        and wanted & row.groups
        and row.is_on(on)
        and (drafts or row.kind != "draft")
    )


def restrictions_of(substance: str) -> tuple[Restriction, ...]:
    """Return the rows of one substance by its name, INCI name or CAS number."""
    return _by_name().get(fold(substance), ())


@cache
def numbers_by_name() -> Mapping[str, tuple[str, ...]]:
    """Return the CAS number of each folded name that rows of one substance alone give it: lead, nickel, DEHP."""
    found: dict[str, tuple[str, ...]] = {}
    for row in restrictions():
        names = {fold(part) for part in _parts(row.name)} - {""}
        if len(row.cas) == 1 and len(names) == 1:
            found.setdefault(names.pop(), row.cas)
    return found


@cache
def _by_name() -> Mapping[str, tuple[Restriction, ...]]:
    found: dict[str, list[Restriction]] = {}
    for row in restrictions():
        for name in row.names:
            found.setdefault(name, []).append(row)
    return {name: tuple(rows) for name, rows in found.items()}


def _restriction(row: Row) -> Restriction:
    return Restriction(
        name=row["name"],
        inci=tuple(row["inci"]),
        cas=tuple(row["cas"]),
        markets=tuple(row["markets"]),
        scope=row["scope"],
        groups=frozenset(row["groups"]),
        kind=row["kind"],
        limits=tuple(map(Decimal, row["limits"])),
        unit=row["unit"],
        states=row["states"],
        since=row["from"],
        until=row["until"],
        cite=Cite(row["cite"], row["entry"]),
        confidence=row["confidence"],
    )
