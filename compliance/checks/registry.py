"""Who knows the facts: apps above register their kinds of subject when they start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from compliance.checks.models import Judgement

if TYPE_CHECKING:
    from django.db.models import QuerySet

Record = Mapping[str, Any]
# ids → facts by id; ids that are gone are left out
FactsOfMany = Callable[[Sequence[str]], Mapping[str, Record]]
# (after this id, at most so many, of these duty groups; None: of all) → ids in ascending order
AllIds = Callable[[str, int, Set[str] | None], Sequence[str]]
# ids of all that are to be judged, or of those made since an instant, as a query of one column within a statement
Listed = Callable[[datetime | None], "QuerySet[Any, str]"]
# ids → who they are, for lists and letters; ids that are gone are left out
DescribeMany = Callable[[Sequence[str]], Mapping[str, "Described"]]
# judgements by id and the time, in the same transaction
OnJudged = Callable[[Mapping[str, Judgement], datetime], None]


@dataclass(frozen=True, slots=True)
class Described:
    """What an officer sees of a subject."""

    title: str
    owner: str  # the merchant's public id
    owner_name: str
    url: str  # where the officer or the merchant mends it
    language: str = "en"  # of the original
    shown_since: date | None = None
    gtin: str = ""
    is_trader: bool = True
    officers_url: str = ""  # where an officer sees it whole


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subject: how to get its facts, how to walk through all, whom to tell."""

    name: str
    facts_of_many: FactsOfMany
    all_ids: AllIds
    on_judged: OnJudged | None = None
    peek_many: FactsOfMany | None = None  # the same facts without locks, for who only looks
    listed: Listed | None = None  # without: who was never judged is looked for id by id


KINDS: dict[str, Kind] = {}
DESCRIBERS: dict[str, DescribeMany] = {}


def register_subject(
    name: str,
    *,
    facts_of_many: FactsOfMany,
    all_ids: AllIds,
    on_judged: OnJudged | None = None,
    peek_many: FactsOfMany | None = None,
    listed: Listed | None = None,
) -> None:
    """Register a kind of subject under a stable name ("listing"). Call it in AppConfig.ready."""
    KINDS[name] = Kind(name, facts_of_many, all_ids, on_judged, peek_many, listed)


def register_describer(name: str, describe_many: DescribeMany) -> None:
    """Register who can say what subjects of a kind ("listing", "merchant") are. Call it in AppConfig.ready."""
    DESCRIBERS[name] = describe_many


def describe(subjects: Iterable[str]) -> dict[str, Described]:
    """Return what an officer sees of subjects, by reference; those gone are left out. A few queries a kind."""
    by_kind: dict[str, list[str]] = {}
    for subject in sorted(set(subjects)):
        by_kind.setdefault(subject.partition(":")[0], []).append(id_of(subject))
    return {
        subject_of(name, one): who
        for name, ids in by_kind.items()
        if name in DESCRIBERS
        for one, who in DESCRIBERS[name](ids).items()
    }


def subject_of(kind: str, public_id: str) -> str:
    """Return the plain reference of a subject: ``listing:L-7Q2K9F3M``."""
    return f"{kind}:{public_id}"


def id_of(subject: str) -> str:
    """Return the public id in a reference."""
    return subject.partition(":")[2]
