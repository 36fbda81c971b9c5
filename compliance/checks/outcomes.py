"""What a law makes of profiles: thousands a second, as what one duty says depends on few facts.

The duties of a listing are taken a few at a time; what they find for the facts they look at is remembered, so most
profiles are judged without evaluating a condition. What is found comes from `duties` itself. Nothing is stored here.

An outcome is a text of three digests: what is found on the listing, what on its seller, where it must not be sold.
Equal outcomes leave the same findings, the same verdicts and the same markets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from compliance.checks.findings import columns_of, is_about_merchant
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.cel_conditions import context_of
from compliance.rulebook.duties import Duty, Judged, Miss, judged_from, misses_of, plan
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.profiles import names_read, reading_of, restore
from compliance.rulebook.types import Severity, Verdict

NAMES = 4  # facts that the duties of a step look at together
REMEMBERED = 20_000  # answers of a step, at most


@dataclass(frozen=True, slots=True)
class _Found:
    """What a step finds for some facts."""

    misses: tuple[Miss, ...]
    listing: tuple[bytes, ...]
    seller: tuple[bytes, ...]
    blocked: frozenset[str]


@dataclass(slots=True)
class _Step:
    """Some duties of a plan, and what they found so far by the facts they look at."""

    duties: tuple[Duty, ...]
    names: tuple[str, ...]
    known: dict[tuple[Any, ...], _Found] = field(default_factory=dict)


class Outcomes:
    """The law of one day as a function of profiles. Keep it as long as the law and the day are the same."""

    def __init__(self, book: Rulebook, on: date) -> None:
        self.book, self.on = book, on
        self.version = (book.version, book.tables)
        self.reading = reading_of(book)
        self._plans: dict[frozenset[str], tuple[_Step, ...]] = {}
        self._steps: dict[tuple[Any, ...], _Step] = {}
        self._sayings: dict[int, tuple[types.Finding, bytes]] = {}

    def of(self, groups: Sequence[str], seen: Mapping[str, Any]) -> str:
        """Return the outcome of a profile."""
        found = [one for one in self._walk(groups, seen) if one.misses]
        listing = [said for one in found for said in one.listing]
        seller = [said for one in found for said in one.seller]
        return _outcome(listing, seller, frozenset().union(*(one.blocked for one in found if one.blocked)))

    def judged(self, groups: Sequence[str], seen: Mapping[str, Any]) -> Judged:
        """Return what the law says of a profile, as `duties.judge` says it of facts."""
        misses = [miss for one in self._walk(groups, seen) for miss in one.misses]
        misses.sort(key=lambda miss: miss.finding.rule)  # the order of a plan
        return judged_from(selling_markets(), tuple(misses))

    def of_judged(self, judged: Judged) -> str:
        """Return the outcome that a judgement of facts amounts to."""
        listing, seller = [], []
        for finding in judged.findings:
            (seller if is_about_merchant(finding.rule) else listing).append(self._said(finding))
        blocked = (market for market, row in judged.markets.items() if row.verdict is Verdict.BLOCKED)
        return _outcome(listing, seller, frozenset(blocked))

    def _walk(self, groups: Sequence[str], seen: Mapping[str, Any]) -> list[_Found]:
        """Return what each step finds; facts are restored once, and only if some step has not met them."""
        get, context, facts = seen.get, None, None
        found = []
        for step in self._plan(frozenset(groups)):
            key = tuple(map(get, step.names))
            known = step.known.get(key)
            if known is None:
                if facts is None:
                    facts = restore(groups, seen, self.reading)
                    context = context_of(facts)
                known = self._found(
                    [miss for duty in step.duties for miss in misses_of(duty, facts, context)]
                )
                if len(step.known) >= REMEMBERED:
                    step.known.clear()
                step.known[key] = known
            found.append(known)
        return found

    def _found(self, misses: Iterable[Miss]) -> _Found:
        misses = tuple(misses)
        of_seller = [miss for miss in misses if is_about_merchant(miss.finding.rule)]
        return _Found(
            misses=misses,
            listing=tuple(self._said(miss.finding) for miss in misses if miss not in of_seller),
            seller=tuple(self._said(miss.finding) for miss in of_seller),
            blocked=frozenset(market for miss in misses if _blocks(miss) for market, _ in miss.by_market),
        )

    def _said(self, finding: types.Finding) -> bytes:
        """Return the digest of a finding; listings share finding objects."""
        known = self._sayings.get(id(finding))
        if known is None or known[0] is not finding:
            if len(self._sayings) >= REMEMBERED:
                self._sayings.clear()
            known = self._sayings[id(finding)] = (finding, saying_of(finding, self.book))
        return known[1]

    def _plan(self, groups: frozenset[str]) -> tuple[_Step, ...]:
        if groups not in self._plans:
            duties = plan(self.book, self.on, selling_markets(), groups)
            self._plans[groups] = tuple(self._step(some, groups) for some in _in_steps(duties))
        return self._plans[groups]

    def _step(self, duties: tuple[Duty, ...], groups: frozenset[str]) -> _Step:
        """Return the step of these duties; plans share it unless its duties look at the groups themselves."""
        key = (tuple(map(id, duties)), groups if any(_reads_groups(duty) for duty in duties) else None)
        if key not in self._steps:
            names = sorted({name for duty in duties for name in _names_of(duty)})
            self._steps[key] = _Step(duties, tuple(names))
        return self._steps[key]


def _in_steps(duties: Iterable[Duty]) -> list[tuple[Duty, ...]]:
    """Return the duties a few at a time, such as concern the same groups and look at few facts together."""
    steps: list[list[Duty]] = []
    last: tuple[Any, set[str]] = (None, set())
    for duty in sorted(duties, key=_place):
        names = set(_names_of(duty))
        if duty.rule.groups != last[0] or len(last[1] | names) > max(NAMES, len(last[1]), len(names)):
            steps.append([])
            last = (duty.rule.groups, set())
        steps[-1].append(duty)
        last[1].update(names)
    return [tuple(step) for step in steps]


def _place(duty: Duty) -> tuple[Any, ...]:
    return duty.rule.groups, _names_of(duty), duty.rule.id


@lru_cache(maxsize=8192)
def _names_of(duty: Duty) -> tuple[str, ...]:
    return names_read(duty.version)


def _reads_groups(duty: Duty) -> bool:
    return any("groups" in c.program.variables() for c in (duty.version.when, duty.version.must) if c)


def _blocks(miss: Miss) -> bool:
    return miss.finding.severity is Severity.BLOCK and miss.finding.due_on is None


def _outcome(listing: list[bytes], seller: list[bytes], blocked: frozenset[str]) -> str:
    of_seller = _hex(b"".join(sorted(seller)), 4) if seller else "-" * 8
    return _hex(b"".join(sorted(listing)), 8) + of_seller + _markets(blocked)


@lru_cache(maxsize=4096)
def _markets(blocked: frozenset[str]) -> str:
    return _hex(",".join(sorted(blocked)).encode(), 4)


def _hex(said: bytes, size: int) -> str:
    return hashlib.blake2b(said, digest_size=size).hexdigest()


def saying_of(finding: types.Finding, book: Rulebook) -> bytes:
    """Return a digest of all that is kept of a finding."""
    place = [finding.rule, finding.market, finding.field]
    said = json.dumps([*place, columns_of(finding, book)], sort_keys=True, default=str)
    return hashlib.blake2b(said.encode(), digest_size=8).digest()


_latest: dict[str, Outcomes] = {}


def outcomes_of(book: Rulebook, on: date) -> Outcomes:
    """Return the outcomes of a book's law on a day; the latest is kept with what it has learnt."""
    kept = _latest.get("kept")
    if kept is None or kept.book is not book or kept.on != on or kept.version != (book.version, book.tables):
        kept = _latest["kept"] = Outcomes(book, on)
    return kept
