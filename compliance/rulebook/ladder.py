"""The ladder of enforcement as data: which step follows from a finding, and after how many days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.tables import DIRECTORY
from compliance.rulebook.types import Confidence, Severity


class Step(StrEnum):
    TELL = "tell"
    WARN = "warn"
    LIMIT = "limit"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Rung:
    """A step and how long a finding may stand open before it is taken."""

    step: Step
    after: timedelta


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps by severity, and those of rules with steps of their own."""

    severities: Mapping[Severity, Rung]
    rules: Mapping[str, Rung]

    def rung(self, rule: str, severity: Severity | str, confidence: Confidence | str) -> Rung:
        """Return what follows from a finding; what nobody has read in a source is warned of at most."""
        found = self.rules.get(rule) or self.severities[Severity(severity)]
        unread = Confidence(confidence) is Confidence.KNOWLEDGE
        if unread and found.step in (Step.LIMIT, Step.BLOCK):
            return Rung(Step.WARN, timedelta())
        return found

    @property
    def digest(self) -> str:
        """Return a digest of all steps."""
        rungs = [*sorted(self.severities.items()), *sorted(self.rules.items())]
        said = [f"{name} {rung.step} {rung.after.days}" for name, rung in rungs]
        return hashlib.blake2b("\n".join(said).encode(), digest_size=8).hexdigest()


@cache
def ladder() -> Ladder:
    """Return the ladder of this marketplace. Raises ValueError for a step or severity that does not exist."""
    return read_ladder(load_plain(DIRECTORY.parent / "ladder.yaml"))


def read_ladder(data: Mapping[str, Any]) -> Ladder:
    """Return a ladder from its data; every severity must have a step."""
    severities = {Severity(name): _rung(entry) for name, entry in data["severities"].items()}
    missing = set(Severity) - severities.keys()
    if missing:
        raise ValueError(f"no step for {', '.join(sorted(missing))}")
    return Ladder(severities, {name: _rung(entry) for name, entry in (data.get("rules") or {}).items()})


def _rung(entry: Mapping[str, Any]) -> Rung:
    if set(entry) != {"step", "after_days"} or entry["after_days"] < 0:
        raise ValueError(f"a step is named with its days, not {dict(entry)}")
    return Rung(Step(entry["step"]), timedelta(days=entry["after_days"]))
