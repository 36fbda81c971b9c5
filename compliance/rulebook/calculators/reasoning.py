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
from compliance.rulebook.types import Answer, Confidence, Length, Ruling, Step
from compliance.rulebook.words import noop as _


class Reasoning:
    """Looks law up for one market on one day and remembers what it used."""

    def __init__(self, law: Law, market: str, facts: Mapping[str, Any] | None = None) -> None:
        self.law, self.market = law, market
        self._facts = facts or {}
        self._context: cel.Context | None = None
        self.rulings: dict[str, Ruling] = {}
        self.steps: list[Step] = []
        self.doubts: list[Step] = []

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
            self.doubt(
                _("%(rule)s was not checked against its source (%(source)s)."),
                rule=found.id,
                source=source_of(found.ruling),
            )

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

    def step(self, sentence: str, **params: Any) -> None:
        """Note one step of the reasoning, a msgid with its parameters."""
        self.steps.append(Step(sentence, params))

    def doubt(self, reason: str, **params: Any) -> None:
        """Say why the answer is not certain."""
        doubt = Step(reason, params)
        if doubt not in self.doubts:
            self.doubts.append(doubt)

    def answer(self, fields: Mapping[str, Any]) -> Answer:
        """Return the finished answer with certainty and reasons."""
        said = {name: plain(value) for name, value in fields.items()}
        said["certain"] = not self.doubts
        said["uncertain_because"] = [str(doubt) for doubt in self.doubts]
        steps = tuple(self.steps)
        return Answer(said, tuple(self.rulings.values()), tuple(map(str, steps)), steps, tuple(self.doubts))


def is_open(found: InForce) -> bool:
    """Return whether a period has no fixed end."""
    return bool(found.version.value == OPEN)


def length_of(found: InForce) -> Length:
    """Return a rule's length of time, as a parameter of a sentence."""
    return Length(found.version.value, found.rule.unit)


def source_of(ruling: Ruling) -> str:
    cite = ruling.cites[0]
    return f"{cite.act}, {cite.at}" if cite.at else cite.act


def plain(value: Any) -> Any:
    """Return a JSON value; dates and date-times as ISO 8601."""
    return value.isoformat() if isinstance(value, date) else value
