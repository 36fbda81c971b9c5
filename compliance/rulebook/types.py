"""The rulebook's vocabulary: citations, rulings and answers. Pure data; see docs/rulebook.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Confidence(StrEnum):
    """How a row of law is known. Only `OFFICIAL` and `SECONDARY` rows may bind silently."""

    OFFICIAL = "official"  # read in the primary text or an official site
    SECONDARY = "secondary"  # read in a dated secondary source
    KNOWLEDGE = "knowledge"  # from knowledge; shown to staff as unverified


class Status(StrEnum):
    IN_FORCE = "in_force"
    PENDING = "pending"
    DRAFT = "draft"
    VACATED = "vacated"
    SUPERSEDED = "superseded"


class Severity(StrEnum):
    BLOCK = "block"
    HIGH = "high"
    MEDIUM = "medium"
    INFO = "info"


class Verdict(StrEnum):
    SELL = "sell"
    NOTICE = "notice"  # sell with notice
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Cite:
    act: str
    at: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A term or duty as it applies to one case: value + provision + version + citation."""

    rule: str  # e.g. "eu.withdrawal.period"
    value: Any
    version_from: date | None
    cites: tuple[Cite, ...]
    confidence: Confidence
    status: Status = Status.IN_FORCE
    title: str = ""
    jurisdiction: str = ""  # "EU", "DE", "US-CA", "WORLD"

    def as_json(self) -> dict[str, Any]:
        """Return JSON values only; this is what is frozen on orders and sent by the API."""
        return {
            "rule": self.rule,
            "value": self.value,
            "version_from": self.version_from.isoformat() if self.version_from else None,
            "cites": [{"act": cite.act, "at": cite.at, "url": cite.url} for cite in self.cites],
            "confidence": str(self.confidence),
            "status": str(self.status),
            "title": self.title,
            "jurisdiction": self.jurisdiction,
        }


class Msgid(str):
    """A text that is itself an English msgid: a rule's title or note inside another sentence."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time as a rule gives it: 14 calendar_days. The edge says it in its language."""

    value: int
    unit: str

    def __str__(self) -> str:
        unit = self.unit.replace("_", " ")
        return f"{self.value} {unit.removesuffix('s') if self.value == 1 else unit}"


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of the reasoning: an English msgid with ``%(name)s`` parameters.

    Parameters are dates, lengths, numbers, rule ids and msgids; an edge that speaks another
    language translates the sentence and says the parameters in that language.
    """

    sentence: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.params:
            return self.sentence
        return self.sentence % {name: _in_english(value) for name, value in self.params.items()}


def _in_english(value: Any) -> Any:
    return f"{value:%A}, {value.day} {value:%B} {value.year}" if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calculator says: the answer (JSON values), the rulings it rests on, one sentence a step.

    `explain` is in English; `steps` are the same sentences for an edge that translates them, and
    `doubts` those of ``answer["uncertain_because"]``.
    """

    answer: dict[str, Any]
    rulings: tuple[Ruling, ...] = ()
    explain: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    doubts: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "answer": self.answer,
            "rulings": [ruling.as_json() for ruling in self.rulings],
            "explain": list(self.explain),
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """A duty not met by a subject in a jurisdiction."""

    rule: str
    market: str
    severity: Severity
    what: str  # one plain sentence: what is missing or wrong
    fix: str  # one plain sentence: what to do
    field: str  # the disclosure field or fact at fault, "" if none
    cites: tuple[Cite, ...]
    confidence: Confidence
    due_on: date | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RightLine:
    """One line of a right card. `sentence` is an English msgid with ``%(name)s`` parameters.

    Dates among the params are dates: the edge that translates the sentence also formats them.
    """

    key: str  # withdrawal, return_cost, refund, delivery, guarantee
    state: str  # yes, no, uncertain
    sentence: str
    params: dict[str, Any]
    on: date | None
    answer: Answer
