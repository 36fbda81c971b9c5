"""The rulebook and the law of a day: which rules exist, and which one governs a market.

``Rulebook.on(day)`` gives the `Law` of that day. ``law.ruling("withdrawal.period", "DE")``
looks for the name along the market's chain (DE, EU, WORLD) and returns the nearest rule in
force: national law overrides its parent by name. The law of the contract's day governs a
contract, so callers pass that day and old orders keep their old law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from compliance.rulebook.cel_conditions import Condition
from compliance.rulebook.types import Cite, Confidence, Ruling, Severity, Status
from marketplace.kernel.errors import Invalid, NotFound


class UnknownJurisdiction(Invalid):
    code: ClassVar[str] = "unknown_market"
    title: ClassVar[str] = "We do not know this market."


class NoRuleInForce(NotFound):
    code: ClassVar[str] = "no_rule_in_force"
    title: ClassVar[str] = "No rule of this name was in force on that day."


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A place that makes law. `parent` is the next one up; the chain ends in WORLD."""

    code: str  # "DE", "US-CA", "EU", "WORLD"
    name: str
    kind: str  # world, union, country, subdivision
    parent: str | None
    prefix: str  # of rule ids and folder: "de", "us-ca", "eu", "world"
    calendar: str = ""  # country (and subdivision) of the holidays package, "DE", "US-CA"


@dataclass(frozen=True, slots=True)
class Version:
    """What a rule says from `since` until (exclusive) `until`. Fields a kind does not use stay empty."""

    since: date
    until: date | None
    cites: tuple[Cite, ...]
    confidence: Confidence
    status: Status
    value: Any = None
    when: Condition | None = None
    must: Condition | None = None
    needs: tuple[str, ...] = ()
    finds: str = ""  # the finder a duty leaves the looking to: finders.py
    severity: Severity | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)  # field, what, fix, wording, text, where
    params: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def binds(self) -> bool:
        """Whether it is law: what is pending, draft or vacated never binds."""
        return self.status in (Status.IN_FORCE, Status.SUPERSEDED)

    def is_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Rule:
    """One file of rules/. `name` is the id without its jurisdiction, by which law overrides."""

    id: str
    name: str
    jurisdiction: str
    title: str
    kind: str  # term, duty, notice, contact
    right: str
    versions: tuple[Version, ...]
    status: Status
    checked_on: date
    confidence: Confidence
    file: str
    unit: str = ""
    counting: str = ""
    choices: tuple[str, ...] = ()
    about: str = ""
    groups: tuple[str, ...] = ()
    overrides: str = ""
    source_ids: tuple[str, ...] = ()
    note: str = ""
    digest: str = ""  # of what the file says

    def version_on(self, day: date) -> Version | None:
        """Return the version that binds on `day`; what is pending, draft or vacated never binds."""
        for version in reversed(self.versions):
            if version.binds and version.since <= day:
                return version if version.is_on(day) else None
        return None

    def ruling(self, version: Version) -> Ruling:
        return Ruling(
            rule=self.id,
            value=_json(version.value if self.kind != "duty" else version.severity),
            version_from=version.since,
            cites=version.cites,
            confidence=version.confidence,
            status=version.status,
            title=self.title,
            jurisdiction=self.jurisdiction,
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule with the version that binds on the law's day: what duties and notices are judged by."""

    rule: Rule
    version: Version
    ruling: Ruling

    @property
    def id(self) -> str:
        return self.rule.id


class Law:
    """The law of one day. Answers are remembered; make one per day through `Rulebook.on`."""

    def __init__(self, book: Rulebook, day: date) -> None:
        self.book = book
        self.day = day
        self._found: dict[tuple[str, str], InForce | None] = {}
        self._families: dict[tuple[str, str], tuple[InForce, ...]] = {}

    def find(self, name: str, market: str) -> InForce | None:
        """Return the rule called `name` that governs `market` today, or None."""
        key = (name, market)
        if key not in self._found:
            self._found[key] = next(self._look(name, market), None)
        return self._found[key]

    def line(self, name: str, market: str) -> tuple[InForce, ...]:
        """Return every rule of this name along the market's chain, nearest first.

        A rule with a condition steps aside where it does not hold; the next of the line governs then.
        """
        key = (f"line:{name}", market)
        if key not in self._families:
            self._families[key] = tuple(self._look(name, market))
        return self._families[key]

    def ruling(self, name: str, market: str) -> Ruling | None:
        """Return the ruling called `name` for `market`, or None if the chain has none in force."""
        found = self.find(name, market)
        return found.ruling if found else None

    def __getitem__(self, rule_id: str) -> Ruling:
        """Return the ruling of one rule by its whole id. Raises NoRuleInForce."""
        rule = self.book.rules.get(rule_id)
        version = rule.version_on(self.day) if rule else None
        if rule is None or version is None:
            raise NoRuleInForce(
                f"{rule_id} on {self.day.isoformat()}", rule=rule_id, day=self.day.isoformat()
            )
        return rule.ruling(version)

    def family(self, prefix: str, market: str) -> tuple[InForce, ...]:
        """Return every rule in force in `market` whose name starts with `prefix.`, nearest per name."""
        key = (prefix, market)
        if key not in self._families:
            names = self.book.names_under(prefix, market)
            found = (self.find(name, market) for name in names)
            self._families[key] = tuple(item for item in found if item is not None)
        return self._families[key]

    def of_kind(self, kind: str, market: str, *, about: str = "") -> tuple[InForce, ...]:
        """Return the rules of a kind (and subject) in force in `market`, nearest per name, by id."""
        key = (f"kind:{kind}:{about}", market)
        if key not in self._families:
            names = self.book.names_of_kind(kind, about, market)
            found = (self.find(name, market) for name in names)
            self._families[key] = tuple(
                item for item in found if item and item.rule.kind == kind and item.rule.about == about
            )
        return self._families[key]

    def duties(self, market: str, *, about: str = "listing") -> tuple[InForce, ...]:
        """Return the duties that bind in `market` today."""
        return self.of_kind("duty", market, about=about)

    def notices(self, market: str, where: str) -> tuple[InForce, ...]:
        """Return what must be shown at one place (product, checkout, confirmation …) in `market` today."""
        shown = self.of_kind("notice", market)
        return tuple(found for found in shown if where in found.version.fields["where"])

    def _look(self, name: str, market: str) -> Iterator[InForce]:
        for place in self.book.chain(market):
            rule = self.book.by_name.get((place.code, name))
            version = rule.version_on(self.day) if rule else None
            if rule is not None and version is not None:
                yield InForce(rule, version, rule.ruling(version))


class Rulebook:
    """All rules, jurisdictions and their chains; immutable once loaded."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        jurisdictions: Mapping[str, Jurisdiction],
        version: str,
        tables: str = "",
    ) -> None:
        self.rules = dict(sorted(rules.items()))
        self.jurisdictions = dict(jurisdictions)
        self.version = version
        self.tables = (
            tables or version
        )  # a hash of what conditions read beside the rules: fields, categories, texts
        self.by_name = {(rule.jurisdiction, rule.name): rule for rule in self.rules.values()}
        self._laws: dict[date, Law] = {}
        self._chains: dict[str, tuple[Jurisdiction, ...]] = {}

    def on(self, day: date) -> Law:
        """Return the law of `day`."""
        law = self._laws.get(day)
        if law is None:
            if len(self._laws) > 4096:  # a long-running worker must not keep every day of history
                self._laws.clear()
            law = self._laws[day] = Law(self, day)
        return law

    def chain(self, market: str) -> tuple[Jurisdiction, ...]:
        """Return the jurisdictions whose law governs `market`, nearest first.

        A subdivision without law of its own is governed by its country. Raises UnknownJurisdiction.
        """
        chain = self._chains.get(market)
        if chain is None:
            chain = self._chains[market] = tuple(self._walk(market))
        return chain

    def covers(self, market: str) -> bool:
        """Return whether the market, or the country it lies in, is in the book."""
        return market in self.jurisdictions or market.split("-")[0] in self.jurisdictions

    def is_under(self, market: str, code: str) -> bool:
        """Return whether the law of `code` governs `market`: is_under("DE", "EU") is true."""
        return any(place.code == code for place in self.chain(market))

    def names_under(self, prefix: str, market: str) -> tuple[str, ...]:
        places = {place.code for place in self.chain(market)}
        wanted = prefix + "."
        return tuple(
            sorted({name for (place, name) in self.by_name if place in places and name.startswith(wanted)})
        )

    def names_of_kind(self, kind: str, about: str, market: str) -> tuple[str, ...]:
        places = {place.code for place in self.chain(market)}
        return tuple(
            sorted(
                {
                    rule.name
                    for rule in self.rules.values()
                    if rule.kind == kind and rule.about == about and rule.jurisdiction in places
                }
            )
        )

    def changes_between(self, start: date, end: date, market: str) -> tuple[tuple[date, Rule, Version], ...]:
        """Return what changes in `market` after `start` and up to `end`: (day, rule, version), by day.

        Pending and draft law is included, with its planned day; it does not bind until in force.
        """
        places = {place.code for place in self.chain(market)}
        found = [
            (version.since, rule, version)
            for rule in self.rules.values()
            if rule.jurisdiction in places
            for version in rule.versions
            if start < version.since <= end and version.status is not Status.VACATED
        ]
        return tuple(sorted(found, key=lambda change: (change[0], change[1].id)))

    def markets(self) -> tuple[str, ...]:
        """Return every country and subdivision in the book, sorted."""
        places = self.jurisdictions.values()
        return tuple(sorted(place.code for place in places if place.kind in ("country", "subdivision")))

    def _walk(self, market: str) -> Iterator[Jurisdiction]:
        code: str | None = market if market in self.jurisdictions else market.split("-")[0]
        if code not in self.jurisdictions:
            raise UnknownJurisdiction(f"We do not know the market {market!r}.", field="market")
        while code is not None:
            place = self.jurisdictions[code]
            yield place
            code = place.parent


def _json(value: Any) -> Any:
    """Ruling values are JSON values: decimals become strings, choices their text."""
    if isinstance(value, bool | int | str) or value is None:
        return str(value) if isinstance(value, Severity) else value
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return str(value)
