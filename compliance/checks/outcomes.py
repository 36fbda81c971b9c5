"""What a law makes of profiles: thousands a second, as what one duty says depends on few facts.

The duties of a listing are taken a few at a time; what they find for the facts they look at is remembered, so most
profiles are judged without evaluating a condition. What is found comes from `duties` itself. Nothing is stored here.

An outcome is a text of three digests: what is found on the listing, what on its seller, where it must not be sold.
Equal outcomes leave the same findings, the same verdicts and the same markets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import cel

from compliance import rulebook
from compliance.checks import findings
from compliance.checks.findings import columns_of, is_about_merchant, ruled_by
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.cel_conditions import context_of
from compliance.rulebook.duties import Duty, Judged, Miss, judged_from, lines, misses_of
from compliance.rulebook.facts import Facts
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.profiles import names_read, reading_of, restore
from compliance.rulebook.types import Severity, Verdict

NAMES = 4  # facts that the duties of a step look at together
REMEMBERED = 20_000  # answers of a step, at most
ALTOGETHER = 60_000  # answers of all steps, at most

# What one rule finds: of each finding its digest, "|" and what it does: nothing, or "b" (it blocks) or "n" (it is
# noted) and where, a bit for each of the `selling_markets()`, in hexadecimal digits.
Part = list[str]
Parts = Mapping[str, Part]  # by rule
_END = 16  # hexadecimal digits of a finding's digest


@dataclass(frozen=True, slots=True)
class _Found:
    """What a step finds for some facts."""

    misses: tuple[Miss, ...]
    listing: tuple[bytes, ...]
    seller: tuple[bytes, ...]
    blocked: frozenset[str]
    parts: tuple[tuple[str, Part], ...]


@dataclass(slots=True)
class _Step:
    """Some duties of a plan, and what they found so far by the facts they look at."""

    duties: tuple[Duty, ...]
    names: tuple[str, ...]
    variables: frozenset[str]  # of their conditions
    known: dict[Any, _Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to look at for some groups: all facts once, and by step how its key is taken from them, and its answers."""

    names: tuple[str, ...]
    steps: tuple[tuple[Callable[[list[Any]], Any], dict[Any, _Found], _Step], ...]


def _key_of(places: Sequence[int]) -> Callable[[list[Any]], Any]:
    """Return what takes the values at some places: one as it is, several as a tuple."""
    return itemgetter(*places) if places else lambda values: ()


class Outcomes:
    """The law of one day as a function of profiles. Keep it as long as the law and the day are the same."""

    def __init__(self, book: Rulebook, on: date, before: Outcomes | None = None) -> None:
        """`before` is a law from which the answers of duties that bind alike are taken over."""
        self.book, self.on = book, on
        self.version = (book.version, book.tables)
        self.reading = reading_of(book)
        self.base = f"{book.tables} {_code()}"
        self.lines = {
            f"{line} {','.join(ruled_by(book, duty.rule.id, duty.rule.jurisdiction))}": duty
            for line, duty in lines(book, on, selling_markets()).items()
        }
        self.key = _hex("\n".join([self.base, self.reading.digest, *sorted(self.lines)]).encode(), 16)
        self._plans: dict[frozenset[str], _Plan] = {}
        self._steps: dict[tuple[Any, ...], _Step] = {}
        self._sayings: dict[int, tuple[types.Finding, bytes]] = {}
        self._line_of = {id(duty): line for line, duty in self.lines.items()}
        self._inherited = before._steps if before is not None and before.base == self.base else {}
        self._kept = sum(len(step.known) for step in self._inherited.values())

    def of(self, groups: Sequence[str], seen: Mapping[str, Any]) -> str:
        """Return the outcome of a profile."""
        return self._outcome_of(self._walk(groups, seen))

    def parts(self, groups: Sequence[str], seen: Mapping[str, Any]) -> Parts:
        """Return what the outcome of a profile is made of."""
        return _joined(self._walk(groups, seen))

    def both(self, groups: Sequence[str], seen: Mapping[str, Any]) -> tuple[str, Parts]:
        """Return the outcome of a profile and what it is made of, for little more than one of them."""
        found = self._walk(groups, seen)
        return self._outcome_of(found), _joined(found)

    def _outcome_of(self, found: Sequence[_Found]) -> str:
        listing = [said for one in found for said in one.listing]
        seller = [said for one in found for said in one.seller]
        return _outcome(listing, seller, frozenset().union(*(one.blocked for one in found if one.blocked)))

    def names_of(self, rule: str) -> tuple[str, ...]:
        """Return the facts that the duties of a rule look at."""
        return tuple(sorted({name for duty in self.duties_of(rule) for name in _names_of(duty)}))

    def reads_groups(self, rule: str) -> bool:
        return any(_reads_groups(duty) for duty in self.duties_of(rule))

    def duties_of(self, rule: str) -> tuple[Duty, ...]:
        """Return the duties that a rule lays down on the day, the one announced too."""
        return tuple(duty for duty in self.lines.values() if duty.rule.id == rule)

    def part(
        self, rule: str, groups: Sequence[str], seen: Mapping[str, Any]
    ) -> tuple[Part, tuple[types.Finding, ...]]:
        """Return what one rule finds for a profile, of which `seen` holds at least the facts that it looks at."""
        duties = self.duties_of(rule)
        facts, context = self._facts(groups, seen, _variables(duties))
        misses = [miss for duty in duties for miss in misses_of(duty, facts, context)]
        return self._parts(misses).get(rule, []), tuple(miss.finding for miss in misses)

    def _parts(self, misses: Iterable[Miss]) -> dict[str, Part]:
        parts: dict[str, Part] = {}
        for miss in misses:
            said = f"{self._said(miss.finding).hex()}|{_effect(miss)}"
            parts.setdefault(miss.finding.rule, []).append(said)
        return {rule: sorted(part) for rule, part in parts.items()}

    def judged(self, groups: Sequence[str], seen: Mapping[str, Any]) -> Judged:
        """Return what the law says of a profile, as `duties.judge` says it of facts."""
        misses = [miss for one in self._walk(groups, seen) for miss in one.misses]
        misses.sort(
            key=lambda miss: (miss.finding.rule, miss.finding.due_on or date.min)
        )  # the order of a plan
        return judged_from(selling_markets(), tuple(misses))

    def of_judged(self, judged: Judged) -> str:
        """Return the outcome that a judgement of facts amounts to."""
        listing, seller = [], []
        for finding in judged.findings:
            (seller if is_about_merchant(finding.rule) else listing).append(self._said(finding))
        blocked = (market for market, row in judged.markets.items() if row.verdict is Verdict.BLOCKED)
        return _outcome(listing, seller, frozenset(blocked))

    def _walk(self, groups: Sequence[str], seen: Mapping[str, Any]) -> list[_Found]:
        """Return what the steps find, if anything; facts are restored once, those of steps that have not met them."""
        plan = self._plan(frozenset(groups))
        values = list(map(seen.get, plan.names))
        found, unmet = [], []
        for key_of, known, step in plan.steps:
            key = key_of(values)
            one = known.get(key)
            if one is None:
                unmet.append((step, key))
            elif one.misses:
                found.append(one)
        if unmet:
            names = {name for step, _ in unmet for name in step.names}
            variables = frozenset().union(*(step.variables for step, _ in unmet))
            restored = self._facts(groups, {name: seen[name] for name in names if name in seen}, variables)
            learnt = [self._learn(step, key, *restored) for step, key in unmet]
            found += [one for one in learnt if one.misses]
        return found

    def _facts(
        self, groups: Sequence[str], seen: Mapping[str, Any], variables: frozenset[str]
    ) -> tuple[Facts, cel.Context]:
        """Return facts restored, and those of them that conditions name as their context."""
        facts = restore(groups, seen, self.reading)
        return facts, context_of({name: facts[name] for name in variables if name in facts})

    def _learn(self, step: _Step, key: Any, facts: Facts, context: cel.Context) -> _Found:
        misses = [miss for duty in step.duties for miss in misses_of(duty, facts, context)]
        if self._kept >= ALTOGETHER:
            for one in (*self._steps.values(), *self._inherited.values()):
                one.known.clear()
            self._kept = 0
        if len(step.known) >= REMEMBERED:
            self._kept -= len(step.known)
            step.known.clear()
        self._kept += 1
        found = step.known[key] = self._found(misses)
        return found

    def _found(self, misses: Iterable[Miss]) -> _Found:
        misses = tuple(misses)
        of_seller = [miss for miss in misses if is_about_merchant(miss.finding.rule)]
        return _Found(
            misses=misses,
            listing=tuple(self._said(miss.finding) for miss in misses if miss not in of_seller),
            seller=tuple(self._said(miss.finding) for miss in of_seller),
            blocked=frozenset(market for miss in misses if _blocks(miss) for market, _ in miss.by_market),
            parts=tuple(self._parts(misses).items()),
        )

    def _said(self, finding: types.Finding) -> bytes:
        """Return the digest of a finding; listings share finding objects."""
        known = self._sayings.get(id(finding))
        if known is None or known[0] is not finding:
            if len(self._sayings) >= REMEMBERED:
                self._sayings.clear()
            known = self._sayings[id(finding)] = (finding, saying_of(finding, self.book))
        return known[1]

    def _plan(self, groups: frozenset[str]) -> _Plan:
        if groups not in self._plans:
            # our own duties: those of the rulebook are made anew when its memory is full, and are others then
            duties = tuple(duty for duty in self.lines.values() if groups.intersection(duty.rule.groups))
            steps = [self._step(some, groups) for some in _in_steps(duties)]
            names = tuple(sorted({name for step in steps for name in step.names}))
            place = {name: at for at, name in enumerate(names)}
            places = [[place[name] for name in step.names] for step in steps]
            self._plans[groups] = _Plan(
                names, tuple((_key_of(at), step.known, step) for at, step in zip(places, steps, strict=True))
            )
        return self._plans[groups]

    def _step(self, duties: tuple[Duty, ...], groups: frozenset[str]) -> _Step:
        """Return the step of these duties; plans share it unless its duties look at the groups themselves."""
        lines = tuple(self._line_of[id(duty)] for duty in duties)
        key = (lines, groups if any(_reads_groups(duty) for duty in duties) else None)
        if key not in self._steps:
            self._steps[key] = self._inherited.get(key) or _new_step(duties)
        return self._steps[key]


def _new_step(duties: tuple[Duty, ...]) -> _Step:
    names = sorted({name for duty in duties for name in _names_of(duty)})
    return _Step(duties, tuple(names), _variables(duties))


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


@lru_cache(maxsize=8192)
def _reads_groups(duty: Duty) -> bool:
    return any("groups" in c.program.variables() for c in (duty.version.when, duty.version.must) if c)


@lru_cache(maxsize=8192)
def _variables(duties: tuple[Duty, ...]) -> frozenset[str]:
    """Return the names that the conditions of these duties mention."""
    conditions = (c for duty in duties for c in (duty.version.when, duty.version.must) if c)
    return frozenset(name for c in conditions for name in c.program.variables())


def _blocks(miss: Miss) -> bool:
    return miss.finding.severity is Severity.BLOCK and miss.finding.due_on is None


def _outcome(listing: list[bytes], seller: list[bytes], blocked: frozenset[str]) -> str:
    of_seller = _hex(b"".join(sorted(seller)), 4) if seller else "-" * 8
    return _hex(b"".join(sorted(listing)), 8) + of_seller + _markets(blocked)


def _effect(miss: Miss) -> str:
    if miss.finding.due_on is not None or miss.finding.severity is Severity.INFO:
        return ""
    where = {market for market, _ in miss.by_market}
    bits = sum(1 << at for at, market in enumerate(selling_markets()) if market in where)
    return f"{'b' if _blocks(miss) else 'n'}{bits:x}"


def effects_of(part: Part) -> set[str]:
    """Return what the findings of a part do to the verdicts."""
    return {said[_END + 1 :] for said in part} - {""}


def verdicts_of(parts: Parts) -> dict[str, list[str]]:
    """Return the markets by verdict that these parts make."""
    blocked = noted = 0
    for part in parts.values():
        for effect in effects_of(part):
            bits = int(effect[1:], 16)
            blocked, noted = (blocked | bits, noted) if effect[0] == "b" else (blocked, noted | bits)
    found: dict[str, list[str]] = {str(verdict): [] for verdict in Verdict}
    for at, market in enumerate(selling_markets()):
        is_blocked, is_noted = blocked >> at & 1, noted >> at & 1
        found[str(Verdict.BLOCKED if is_blocked else Verdict.NOTICE if is_noted else Verdict.SELL)].append(
            market
        )
    return found


def _joined(found: Iterable[_Found]) -> dict[str, Part]:
    """Return the parts of several steps by rule, in the order of the rules."""
    parts: dict[str, Part] = {}
    for one in found:
        for rule, part in one.parts:
            parts[rule] = sorted(parts[rule] + part) if rule in parts else part
    return {rule: parts[rule] for rule in sorted(parts)}


def outcome_of(parts: Parts) -> str:
    """Return the outcome that these parts make."""
    listing, seller, blocked = [], [], 0
    for rule, part in parts.items():
        for said in part:
            (seller if is_about_merchant(rule) else listing).append(bytes.fromhex(said[:_END]))
            if said[_END + 1 : _END + 2] == "b":
                blocked |= int(said[_END + 2 :], 16)
    stopped = (market for at, market in enumerate(selling_markets()) if blocked >> at & 1) if blocked else ()
    return _outcome(listing, seller, frozenset(stopped))


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


@cache
def _code() -> str:
    """Return a digest of the code that judges: another release may say otherwise of the same law."""
    folder = Path(rulebook.__file__).parent
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted([*folder.glob("*.py"), Path(__file__), Path(findings.__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_latest: dict[str, Outcomes] = {}


def outcomes_of(book: Rulebook, on: date) -> Outcomes:
    """Return the outcomes of a book's law on a day; the latest is kept with what it has learnt."""
    kept = _latest.get("kept")
    if kept is None or kept.book is not book or kept.on != on or kept.version != (book.version, book.tables):
        kept = _latest["kept"] = Outcomes(book, on, kept)
    return kept
