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
_NOT_WORD = re.compile(r"[^a-z0-9]+")

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


def fold(name: str) -> str:
    """Return a name as it is compared: lower case, letters and digits only."""
    return _NOT_WORD.sub(" ", name.lower()).strip()


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
