"""Judging subjects that are no listings: merchants, offers, orders, shipments, notices, reviews.

An app registers its kind when it starts: who they are and the facts of rulebook/facts_<about>.yaml. Findings are kept
on "<about>:<public id>", once a rule and fact, with the markets where they are missed. They are judged on the app's
news, when a rule about them changes, and by every sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from compliance import rulebook
from compliance.checks.findings import is_about_merchant
from compliance.checks.models import CheckRun, Finding, Judgement
from compliance.checks.operations import keep_findings
from compliance.checks.registry import subject_of
from compliance.checks.runs import run_of
from compliance.enforcement import suspensions
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.duties import label_of
from compliance.rulebook.subject_duties import judge_subject
from marketplace.kernel.errors import NotFound

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One subject: its facts, the markets whose law counts for it, and the merchant who mends it ("" for none)."""

    facts: Mapping[str, Any]
    markets: tuple[str, ...]
    owner: str = ""
    in_market: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # facts that differ from market to market


RecordsOfMany = Callable[[Sequence[str], datetime], Mapping[str, Record]]
# (after this id, at most so many) → ids in ascending order
AllIds = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """How to get the facts of a kind of subject, and how to walk through those that are still of interest."""

    about: str
    records_of_many: RecordsOfMany
    all_ids: AllIds


KINDS: dict[str, SubjectKind] = {}


def register_records(about: str, *, records_of_many: RecordsOfMany, all_ids: AllIds) -> None:
    """Register a kind of subject that has a facts_<about>.yaml. Call it in AppConfig.ready.

    :param about: what its duties are `about`: "review", "notice", "offer" …
    :param records_of_many: the `Record` of each of some ids, those that are gone left out; in a fixed number of
        queries. Facts that are left out have the default of the file. `Record.markets` are those whose law counts:
        for a review those in which it is shown, for a notice the one it came from.
    :param all_ids: the ids that are still of interest after one, ascending, at most so many; an empty first id starts.

    From then on every sweep judges the kind, and so does a change of its rules. The app itself calls `judge` on its
    own news: after a review was written, hidden or rewarded; after a notice came in, was confirmed or was decided.

    :raises NotFound: for a kind that no facts file documents.
    """
    if about not in kinds_with_facts():
        raise NotFound(field="about")
    KINDS[about] = SubjectKind(about, records_of_many, all_ids)


@cache
def kinds_with_facts() -> frozenset[str]:
    """Return the kinds of subjects whose facts are documented in a file of their own."""
    folder = Path(rulebook.__file__).parent
    return frozenset(path.stem.removeprefix("facts_") for path in folder.glob("facts_*.yaml"))


def judge(*, about: str, ids: Sequence[str], now: datetime) -> int:
    """Judge some subjects of a registered kind and keep what is found; return how many there were.

    Subjects that are gone lose their open findings. The number of queries does not grow with their number.

    :raises NotFound: for a kind that nobody registered.
    """
    if about not in KINDS:
        raise NotFound(field="about")
    done = 0
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        done += _judge_chunk(KINDS[about], ordered[start : start + CHUNK], now)
    return done


@transaction.atomic
def _judge_chunk(kind: SubjectKind, ids: Sequence[str], now: datetime) -> int:
    subjects = [subject_of(kind.about, one) for one in ids]
    rows = _locked(subjects)
    book = rulebook.default()
    records = kind.records_of_many(ids, now)
    wanted, marks = {}, {one: {"owner": "", "category": ""} for one in subjects}
    for one, record in records.items():
        subject = subject_of(kind.about, one)
        marks[subject] = {"owner": record.owner, "category": ""}
        for finding in missed(kind.about, record, book, on=now.date()):
            wanted[subject, finding.rule, finding.market, finding.field] = finding
    judged_at = {subject: rows[subject].judged_at for subject in subjects}
    keep_findings(wanted, marks, judged_at, book, now, is_mine=_is_ours)
    _keep(kind, rows, wanted, book, now)
    return len(records)


def _is_ours(subject: str, rule: str) -> bool:
    """What listings ask of their seller is kept on the seller too, by the judgement of listings."""
    return not (subject.startswith("merchant:") and is_about_merchant(rule))


def _locked(subjects: Sequence[str]) -> dict[str, Judgement]:
    """Make sure that every subject has a row, and lock them all in the order of their keys."""
    Judgement.objects.bulk_create([Judgement(subject=one) for one in sorted(subjects)], ignore_conflicts=True)
    rows = Judgement.objects.select_for_update().filter(subject__in=subjects).order_by("pk")
    return {row.subject: row for row in rows}


def _keep(
    kind: SubjectKind, rows: Mapping[str, Judgement], wanted: Mapping[Any, Any], book: Rulebook, now: datetime
) -> None:
    count: dict[str, int] = {}
    for key in wanted:
        count[key[0]] = count.get(key[0], 0) + 1
    for subject, row in rows.items():
        row.open_findings, row.rulebook_version = count.get(subject, 0), book.version
        row.judged_for, row.judged_at = now.date(), now
    Judgement.objects.bulk_update(
        list(rows.values()), ["open_findings", "rulebook_version", "judged_for", "judged_at"]
    )
    if kind.about == "merchant":
        suspensions.lift_mended(owners={subject.partition(":")[2] for subject in rows}, now=now)


def missed(about: str, record: Record, book: Rulebook, *, on: date) -> list[types.Finding]:
    """Return each duty that a record misses once, with the markets it is missed in. Pure."""
    found: dict[tuple[str, str, str], types.Finding] = {}
    where: dict[tuple[str, str, str], list[str]] = {}
    for market in record.markets:
        facts = {**record.facts, **record.in_market.get(market, {})}
        for finding in judge_subject(about, facts, book, market=market, on=on):
            key = (finding.rule, finding.market, finding.field)
            found.setdefault(key, finding)
            where.setdefault(key, []).append(market)
    return [_with_words(found[key], where[key]) for key in sorted(found)]


def _with_words(finding: types.Finding, markets: list[str]) -> types.Finding:
    label = {"label": label_of(finding.field)} if finding.field else {}
    return replace(finding, params={**label, **finding.params, "markets": markets})


def sweep(*, about: str, now: datetime, chunks: int | None = None) -> CheckRun:
    """Judge every subject of a kind; an interrupted sweep of the day goes on where it stopped."""
    run = run_of(about, now=now)
    while run.finished_at is None and (chunks is None or chunks > 0):
        run = sweep_chunk(run.pk, now)
        chunks = None if chunks is None else chunks - 1
    return run


@transaction.atomic
def sweep_chunk(pk: int, now: datetime) -> CheckRun:
    """Judge the next chunk of a run and move its cursor, in one transaction; a finished run stays as it is."""
    run = CheckRun.objects.select_for_update().get(pk=pk)
    if run.finished_at is not None:
        return run
    run.touched_at = now
    kind = KINDS[run.kind]
    ids = list(kind.all_ids(run.cursor, CHUNK))
    if ids:
        before = _open_of(kind, ids)
        _judge_chunk(kind, ids, now)
        run.cursor, run.looked_at = ids[-1], run.looked_at + len(ids)
        run.changed += len(before ^ _open_of(kind, ids))
    else:
        run.finished_at = now
    run.save()
    return run


def _open_of(kind: SubjectKind, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return (subject, rule) of what is open, to count what a chunk changed."""
    subjects = [subject_of(kind.about, one) for one in ids]
    return set(Finding.objects.open().filter(subject__in=subjects).values_list("subject", "rule"))


def open_ids(about: str, ids: Sequence[str] | None = None) -> set[str]:
    """Return the ids (among some, or of all) of subjects of a kind that have open findings. One query."""
    rows = Finding.objects.open()
    if ids is None:
        rows = rows.filter(subject__startswith=f"{about}:")
    else:
        rows = rows.filter(subject__in=[subject_of(about, one) for one in ids])
    return {subject.partition(":")[2] for subject in rows.values_list("subject", flat=True)}


def kinds_asked_by(rules: Sequence[str], book: Rulebook) -> tuple[str, ...]:
    """Return the registered kinds that some rules are about."""
    about = {book.rules[one].about for one in rules if one in book.rules}
    return tuple(sorted(about & KINDS.keys()))
