"""A finding of the rulebook as the columns it is kept in. Pure."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any

from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Cite


def columns_of(finding: types.Finding, book: Rulebook) -> dict[str, Any]:
    """Return what the rulebook says of a finding, by column."""
    return {
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "markets": list(finding.params.get("markets") or ruled_by(book, finding.rule, finding.market)),
        "what": finding.what,
        "fix": finding.fix,
        "params": dict(finding.params),
        "due_on": finding.due_on,
    }


def cites_of(rule: str, on: date, book: Rulebook) -> tuple[Cite, ...]:
    """Return what a finding of a rule cites on a day; the last version's citations if the rule has ended."""
    found = book.rules.get(rule)
    version = (found.version_on(on) or found.versions[-1]) if found else None
    return version.cites if version else ()


def cited(finding: Any, book: Rulebook, on: date) -> tuple[Cite, ...]:
    """Return what a kept finding cites: its own acts (a row of a table), else those of its rule on a day."""
    own = finding.params.get("cites", ())
    return tuple(Cite(**one) for one in own) or cites_of(finding.rule, on, book)


@cache
def is_about_merchant(rule: str) -> bool:
    """Return whether a rule speaks of who sells, so that it is kept on the merchant."""
    return rule.split(".", 2)[1] == "merchant"


@lru_cache(maxsize=4096)
def ruled_by(book: Rulebook, rule: str, jurisdiction: str) -> tuple[str, ...]:
    """Markets governed by a rule: those under its jurisdiction whose law of that name it is."""
    name = rule.partition(".")[2]
    return tuple(market for market in selling_markets() if _nearest(book, name, market) == jurisdiction)


def _nearest(book: Rulebook, name: str, market: str) -> str | None:
    return next((place.code for place in book.chain(market) if (place.code, name) in book.by_name), None)
