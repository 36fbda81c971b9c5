"""Who knows the facts: apps above register their kinds of subject when they start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.checks.models import Judgement

Record = Mapping[str, Any]
# ids → facts by id; ids that are gone are left out
FactsOfMany = Callable[[Sequence[str]], Mapping[str, Record]]
# (after this id, at most so many) → ids in ascending order
AllIds = Callable[[str, int], Sequence[str]]
# judgements by id and the time, in the same transaction
OnJudged = Callable[[Mapping[str, Judgement], datetime], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subject: how to get its facts, how to walk through all, whom to tell."""

    name: str
    facts_of_many: FactsOfMany
    all_ids: AllIds
    on_judged: OnJudged | None = None


KINDS: dict[str, Kind] = {}


def register_subject(
    name: str, *, facts_of_many: FactsOfMany, all_ids: AllIds, on_judged: OnJudged | None = None
) -> None:
    """Register a kind of subject under a stable name ("listing"). Call it in AppConfig.ready."""
    KINDS[name] = Kind(name, facts_of_many, all_ids, on_judged)


def subject_of(kind: str, public_id: str) -> str:
    """Return the plain reference of a subject: ``listing:L-7Q2K9F3M``."""
    return f"{kind}:{public_id}"


def id_of(subject: str) -> str:
    """Return the public id in a reference."""
    return subject.partition(":")[2]
