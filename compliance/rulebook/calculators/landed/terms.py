"""The import terms of one market on one day, looked up once and remembered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from compliance.rulebook.book import Law
from compliance.rulebook.lookups import country_of, customs_territory
from compliance.rulebook.types import Ruling


class Limit(NamedTuple):
    """An amount of money in a rule."""

    amount: Decimal
    currency: str


class Term(NamedTuple):
    """A value with the ruling it stands in. The value is a Limit, Decimal, bool, text or tuple of texts."""

    value: Any
    ruling: Ruling


class Terms:
    """What ``<jurisdiction>.import.<name>`` says for a market; ``terms["flat_duty"]`` is a Term or None."""

    def __init__(self, law: Law, market: str) -> None:
        self.law = law
        self.market = market
        self.country = country_of(market)
        self.territory = customs_territory(market, law.day)
        # a member's chain leads to the Union; a country inside another's customs border follows that one
        self.place = market if self.territory in ("EU", self.country) else self.territory
        law.book.chain(market)  # raises UnknownJurisdiction
        self._terms: dict[str, Term | None] = {}

    def __getitem__(self, name: str) -> Term | None:
        try:
            return self._terms[name]
        except KeyError:
            ruling = self.law.ruling(f"import.{name}", self.place)
            term = self._terms[name] = Term(_typed(ruling.value), ruling) if ruling else None
            return term


@lru_cache(maxsize=4096)
def terms_of(law: Law, market: str) -> Terms:
    """Return the terms of a market under one day's law."""
    return Terms(law, market)


@lru_cache(maxsize=65536)
def territory_of(place: str, on: date) -> str:
    return customs_territory(place, on)


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return Limit(Decimal(str(value["amount"])), str(value["currency"]))
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str):
        return _number(value)
    return value


def _number(text: str) -> Decimal | str:
    """Rulings carry decimals as text; every other text stays text."""
    return Decimal(text) if text.replace(".", "", 1).isdigit() else text
