"""The marketplace's own processes against the law: what it shows, and what it still owes, per market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from compliance.rulebook import facts
from compliance.rulebook.book import Rulebook
from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.subject_duties import judge_subject
from compliance.rulebook.tables import DIRECTORY
from compliance.rulebook.types import Finding

ABOUT = "platform"


@cache
def declared() -> Mapping[str, Mapping[str, Any]]:
    """Return what the marketplace shows, by jurisdiction, as platform.yaml declares it.

    Raises Invalid naming a fact that is not documented.
    """
    found: dict[str, Mapping[str, Any]] = load_plain(DIRECTORY.parent / "platform.yaml")
    for record in found.values():
        facts.read_subject(ABOUT, record)
    return found


def record_for(market: str, book: Rulebook, given: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts for one market: the world's, and what nearer jurisdictions add or replace."""
    record: dict[str, Any] = {}
    for place in reversed(book.chain(market)):
        for name, value in given.get(place.code, {}).items():
            record[name] = {**record.get(name, {}), **value} if isinstance(value, Mapping) else value
    return record


def owed(
    book: Rulebook,
    *,
    markets: tuple[str, ...],
    on: date,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Finding, ...]:
    """Return each missed duty once, with the markets it is missed in, by rule and field."""
    shown = declared() if given is None else given
    found: dict[tuple[str, str], Finding] = {}
    where: dict[tuple[str, str], list[str]] = {}
    for market in markets:
        for finding in judge_subject(ABOUT, record_for(market, book, shown), book, market=market, on=on):
            key = (finding.rule, finding.field)
            found.setdefault(key, finding)
            where.setdefault(key, []).append(market)
    return tuple(
        replace(found[key], params={**found[key].params, "markets": where[key]}) for key in sorted(found)
    )


def breaking(
    book: Rulebook,
    *,
    markets: tuple[str, ...],
    today: date,
    on: date,
    given: Mapping[str, Mapping[str, Any]] | None = None,
    after: Rulebook | None = None,
) -> tuple[Finding, ...]:
    """Return the duties missed on a day that are met, or not owed yet, today; new markets of a rule count.

    `after` is the law of that day if it is another, such as one with drafts.
    """
    now = {
        (one.rule, one.field): set(one.params["markets"])
        for one in owed(book, markets=markets, on=today, given=given)
    }
    fresh = []
    for finding in owed(after or book, markets=markets, on=on, given=given):
        added = [m for m in finding.params["markets"] if m not in now.get((finding.rule, finding.field), ())]
        if added:
            fresh.append(replace(finding, params={**finding.params, "markets": added}, due_on=on))
    return tuple(fresh)
