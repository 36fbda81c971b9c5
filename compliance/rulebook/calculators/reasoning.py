"""The notebook of one answer: which rulings decided, one sentence a step, and what is not certain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import cel

from compliance.rulebook.book import InForce, Law
from compliance.rulebook.cel_conditions import context_of
from compliance.rulebook.loader import OPEN
from compliance.rulebook.periods import Calendar, Period, count
from compliance.rulebook.types import Answer, Confidence, Ruling


class Reasoning:
    """Looks law up for one market on one day and remembers what it used."""

    def __init__(self, law: Law, market: str, facts: Mapping[str, Any] | None = None) -> None:
        self.law, self.market = law, market
        self._facts = facts or {}
        self._context: cel.Context | None = None
        self.rulings: dict[str, Ruling] = {}
        self.steps: list[str] = []
        self.doubts: list[str] = []

    def find(self, name: str) -> InForce | None:
        """Return the nearest rule in force whose condition holds here; nothing is recorded."""
        for found in self.law.line(name, self.market):
            if found.version.when is None or self.applies(found):
                return found
        return None

    def use(self, name: str) -> InForce | None:
        """Return the rule as `find` does, and record its ruling as one that decided."""
        found = self.find(name)
        if found is not None:
            self.rest_on(found)
        return found

    def rest_on(self, found: InForce) -> None:
        """Record a ruling. What nobody read in a source makes the answer uncertain, and says so."""
        if found.id in self.rulings:
            return
        self.rulings[found.id] = found.ruling
        if found.ruling.confidence is Confidence.KNOWLEDGE:
            self.doubts.append(f"{found.id} was not checked against its source ({source_of(found.ruling)}).")

    def mention(self, found: InForce) -> None:
        """Record a ruling beside the answer; the sentence that uses it says itself how sure it is."""
        self.rulings.setdefault(found.id, found.ruling)

    def applies(self, found: InForce) -> bool:
        """Return whether the rule's own condition holds on the facts of this contract."""
        condition = found.version.when
        return condition is None or condition.holds(self.context)

    @property
    def context(self) -> cel.Context:
        if self._context is None:
            self._context = context_of(self._facts)
        return self._context

    def count(self, start: date, found: InForce, calendar: Calendar, *, length: int | None = None) -> Period:
        """Count the period of a rule from the day of the event, in the rule's unit and regime."""
        rule = found.rule
        return count(
            start, found.version.value if length is None else length, rule.unit, rule.counting, calendar
        )

    def step(self, sentence: str) -> None:
        self.steps.append(sentence)

    def doubt(self, reason: str) -> None:
        """Say why the answer is not certain."""
        if reason not in self.doubts:
            self.doubts.append(reason)

    def answer(self, fields: Mapping[str, Any]) -> Answer:
        """Return the finished answer with certainty and reasons."""
        said = {name: plain(value) for name, value in fields.items()}
        said["certain"] = not self.doubts
        said["uncertain_because"] = list(self.doubts)
        return Answer(said, tuple(self.rulings.values()), tuple(self.steps))


def is_open(found: InForce) -> bool:
    """Return whether a period has no fixed end."""
    return bool(found.version.value == OPEN)


def length_words(found: InForce) -> str:
    """Return "14 calendar days", "1 year", as a sentence says it."""
    value, unit = found.version.value, found.rule.unit.replace("_", " ")
    return f"{value} {unit.removesuffix('s') if value == 1 else unit}"


def source_of(ruling: Ruling) -> str:
    cite = ruling.cites[0]
    return f"{cite.act}, {cite.at}" if cite.at else cite.act


def day_words(day: date) -> str:
    """Return "Tuesday, 8 December 2026"."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def plain(value: Any) -> Any:
    """Return a JSON value; dates and date-times as ISO 8601."""
    return value.isoformat() if isinstance(value, date) else value
