"""Judging subjects and keeping what was found. Bulk, idempotent, and the same for any order of work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from compliance import rulebook
from compliance.checks.models import CheckRun, Clearance, Finding, Judgement
from compliance.checks.registry import KINDS, id_of, subject_of
from compliance.events import ClearanceChanged
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.duties import Judged
from compliance.rulebook.duties import judge as judge_facts
from compliance.rulebook.markets import selling_markets
from marketplace.kernel import outbox

CHUNK = 500
_JUDGED = (
    "sell",
    "notice",
    "blocked",
    "open_findings",
    "rulebook_version",
    "facts_digest",
    "judged_for",
    "judged_at",
)
_SAID = ("severity", "confidence", "markets", "what", "fix", "params", "due_on")
_Key = tuple[str, str, str, str]  # subject, rule, jurisdiction, field


def judge(
    *, subject: str, facts: Mapping[str, Any], now: datetime, markets: Iterable[str] | None = None
) -> dict[str, Clearance]:
    """Judge one subject for all markets and keep the result; return the clearances asked for, by market."""
    judge_many(subjects={subject: facts}, now=now)
    rows = Clearance.objects.filter(subject=subject)
    wanted = None if markets is None else set(markets)
    return {row.market: row for row in rows if wanted is None or row.market in wanted}


def judge_many(*, subjects: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, Judgement]:
    """Judge many subjects (facts by reference) and keep the results; return the judgements by reference.

    The number of queries does not grow with the number of subjects of a batch of `CHUNK`.
    Subjects whose facts, rulebook and day are those of their last judgement are not judged again.
    """
    done: dict[str, Judgement] = {}
    ordered = sorted(subjects)
    for start in range(0, len(ordered), CHUNK):
        done |= _judge_batch({subject: subjects[subject] for subject in ordered[start : start + CHUNK]}, now)
    return done


@transaction.atomic
def forget(*, subjects: Sequence[str]) -> None:
    """Remove all that is kept about subjects that are gone for good."""
    rows = Judgement.objects.select_for_update().filter(subject__in=subjects).order_by("pk")
    list(rows.values_list("pk", flat=True))
    for model in (Finding, Clearance, Judgement):
        model.objects.filter(subject__in=subjects).delete()


def judge_again(*, kind: str, ids: Sequence[str], now: datetime) -> dict[str, Judgement]:
    """Fetch the facts of subjects of a registered kind and judge them; return the judgements by reference."""
    facts = KINDS[kind].facts_of_many(ids)
    return judge_many(subjects={subject_of(kind, one): record for one, record in facts.items()}, now=now)


def sweep(*, kind: str, now: datetime, chunks: int | None = None) -> CheckRun:
    """Judge every subject of a kind by today's law; an interrupted sweep of the day goes on.

    Each chunk is a transaction of its own that also moves the cursor, so nothing is lost or done twice.
    """
    run = _run_of(kind, now)
    while run.finished_at is None and (chunks is None or chunks > 0):
        run = _sweep_chunk(run.pk, now)
        chunks = None if chunks is None else chunks - 1
    return run


def _run_of(kind: str, now: datetime) -> CheckRun:
    return CheckRun.objects.get_or_create(
        kind=kind,
        day=now.date(),
        rulebook_version=rulebook.default().version,
        defaults={"started_at": now},
    )[0]


@transaction.atomic
def _sweep_chunk(pk: int, now: datetime) -> CheckRun:
    run = CheckRun.objects.select_for_update().get(pk=pk)
    ids = list(KINDS[run.kind].all_ids(run.cursor, CHUNK))
    if ids:
        before = _sellable([subject_of(run.kind, one) for one in ids])
        judged = judge_again(kind=run.kind, ids=ids, now=now)
        run.cursor = ids[-1]
        run.looked_at += len(ids)
        run.changed += sum(before.get(subject) != row.sellable_in for subject, row in judged.items())
    else:
        run.finished_at = now
    run.save()
    return run


def _sellable(subjects: list[str]) -> dict[str, list[str]]:
    return {row.subject: row.sellable_in for row in Judgement.objects.filter(subject__in=subjects)}


# -- one batch


@dataclass(frozen=True, slots=True)
class _Case:
    """A subject with its facts judged."""

    subject: str
    digest: str
    judged: Judged


@transaction.atomic
def _judge_batch(subjects: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, Judgement]:
    book = rulebook.default()
    owners = {subject: _merchant_of(facts) for subject, facts in subjects.items()}
    rows = _locked({*subjects, *filter(None, owners.values())}, now)
    cases, skipped = _cases(subjects, rows, book, now)
    if cases:
        before = {case.subject: set(rows[case.subject].sellable_in) for case in cases}
        counts = _keep_findings(_wanted(cases, owners), {c.subject for c in cases}, owners, book, now)
        _keep_clearances(cases, book, now)
        _keep_judgements(cases, rows, counts, book, now)
        _tell({case.subject: rows[case.subject] for case in cases}, before, now)
    return {subject: rows[subject] for subject in (*skipped, *(case.subject for case in cases))}


def _merchant_of(facts: Mapping[str, Any]) -> str:
    public_id = (facts.get("merchant") or {}).get("public_id")
    return subject_of("merchant", public_id) if public_id else ""


def _locked(subjects: set[str], now: datetime) -> dict[str, Judgement]:
    """Make sure that every subject has a row, and lock them all in the order of their keys."""
    ordered = sorted(subjects)
    Judgement.objects.bulk_create([Judgement(subject=subject) for subject in ordered], ignore_conflicts=True)
    rows = Judgement.objects.select_for_update().filter(subject__in=ordered).order_by("pk")
    return {row.subject: row for row in rows}


def _cases(
    subjects: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Judgement], book: Rulebook, now: datetime
) -> tuple[list[_Case], list[str]]:
    cases, skipped = [], []
    for subject, facts in subjects.items():
        digest, row = _digest(facts), rows[subject]
        known = (row.facts_digest, row.rulebook_version, row.judged_for)
        if known == (digest, book.version, now.date()):
            skipped.append(subject)
        else:
            cases.append(_Case(subject, digest, judge_facts(facts, book, on=now.date())))
    return cases, skipped


def _digest(facts: Mapping[str, Any]) -> str:
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


# -- findings: a difference between what is open and what was found


def _wanted(cases: list[_Case], owners: Mapping[str, str]) -> dict[_Key, types.Finding]:
    wanted: dict[_Key, types.Finding] = {}
    for case in cases:
        for finding in case.judged.findings:
            subject = (owners[case.subject] if _is_about_merchant(finding.rule) else "") or case.subject
            wanted[subject, finding.rule, finding.market, finding.field] = finding
    return wanted


def _is_about_merchant(rule: str) -> bool:
    return rule.split(".", 2)[1] == "merchant"


def _keep_findings(
    wanted: Mapping[_Key, types.Finding],
    subjects: set[str],
    owners: Mapping[str, str],
    book: Rulebook,
    now: datetime,
) -> dict[str, int]:
    """Open what is new, refresh what changed, close what is mended; return open findings by subject."""
    concerned = subjects | {owners[subject] for subject in subjects if owners[subject]}
    rows = {_key(row): row for row in Finding.objects.open().filter(subject__in=concerned)}
    fresh = [_row(key, finding, book, now) for key, finding in wanted.items() if key not in rows]
    Finding.objects.bulk_create(fresh, batch_size=2000)
    changed = [
        rows[key] for key, finding in wanted.items() if key in rows and _refresh(rows[key], finding, book)
    ]
    for row in changed:
        row.last_seen_at = now
    Finding.objects.bulk_update(changed, [*_SAID, "rule_version", "last_seen_at"], batch_size=500)
    mended = [row.pk for key, row in rows.items() if key not in wanted]
    Finding.objects.filter(pk__in=mended).update(state=Finding.State.CLOSED, closed_at=now)
    seen = [row.pk for key, row in rows.items() if key in wanted and row.last_seen_at.date() < now.date()]
    Finding.objects.filter(pk__in=seen).update(last_seen_at=now)
    return _counts(wanted, subjects)


def _counts(wanted: Mapping[_Key, types.Finding], subjects: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(subjects, 0)
    for subject, *_rest in wanted:
        counts[subject] = counts.get(subject, 0) + 1
    return counts


def _key(row: Finding) -> _Key:
    return row.subject, row.rule, row.jurisdiction, row.field


def _row(key: _Key, finding: types.Finding, book: Rulebook, now: datetime) -> Finding:
    subject, rule, jurisdiction, field = key
    row = Finding(
        subject=subject,
        rule=rule,
        jurisdiction=jurisdiction,
        field=field,
        first_seen_at=now,
        last_seen_at=now,
    )
    _refresh(row, finding, book)
    return row


def _refresh(row: Finding, finding: types.Finding, book: Rulebook) -> bool:
    """Take over what the rulebook now says; return whether anything was different."""
    said = {
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "markets": list(finding.params.get("markets") or _ruled_by(book, finding.rule, finding.market)),
        "what": finding.what,
        "fix": finding.fix,
        "params": dict(finding.params),
        "due_on": finding.due_on,
    }
    if row.rule_version and all(getattr(row, name) == value for name, value in said.items()):
        return False
    for name, value in said.items():
        setattr(row, name, value)
    row.rule_version = book.version
    return True


@lru_cache(maxsize=4096)
def _ruled_by(book: Rulebook, rule: str, jurisdiction: str) -> tuple[str, ...]:
    """Markets governed by a rule: those under its jurisdiction whose law of that name it is."""
    name = rule.partition(".")[2]
    return tuple(market for market in selling_markets() if _nearest(book, name, market) == jurisdiction)


def _nearest(book: Rulebook, name: str, market: str) -> str | None:
    return next((place.code for place in book.chain(market) if (place.code, name) in book.by_name), None)


# -- clearances and judgements


def _keep_clearances(cases: list[_Case], book: Rulebook, now: datetime) -> None:
    subjects = [case.subject for case in cases]
    rows = Clearance.objects.filter(subject__in=subjects).values_list(
        "subject", "market", "verdict", "deciding"
    )
    kept = {(subject, market): (verdict, deciding) for subject, market, verdict, deciding in rows}
    changed = []
    for case in cases:
        for market, judgement in case.judged.markets.items():
            said = (str(judgement.verdict), _deciding(judgement.findings))
            if kept.get((case.subject, market)) != said:
                verdict, deciding = said
                row = {"subject": case.subject, "market": market, "verdict": verdict, "deciding": deciding}
                changed.append(Clearance(**row, rulebook_version=book.version, judged_at=now))
    Clearance.objects.bulk_create(
        changed,
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["subject", "market"],
        update_fields=["verdict", "deciding", "rulebook_version", "judged_at"],
    )


def _deciding(findings: tuple[types.Finding, ...]) -> list[list[str]]:
    worst = findings[0].severity if findings else None
    return [[finding.rule, finding.field] for finding in findings if finding.severity is worst]


def _keep_judgements(
    cases: list[_Case],
    rows: Mapping[str, Judgement],
    counts: Mapping[str, int],
    book: Rulebook,
    now: datetime,
) -> None:
    for case in cases:
        row = rows[case.subject]
        for verdict in types.Verdict:
            found = [m for m, judgement in case.judged.markets.items() if judgement.verdict is verdict]
            setattr(row, str(verdict), found)
        row.open_findings = min(counts[case.subject], 32767)
        row.rulebook_version, row.facts_digest = book.version, case.digest
        row.judged_for, row.judged_at = now.date(), now
    Judgement.objects.bulk_update([rows[case.subject] for case in cases], _JUDGED, batch_size=500)


def _tell(rows: Mapping[str, Judgement], before: Mapping[str, set[str]], now: datetime) -> None:
    """Tell the apps that registered the kinds, here and now, and everybody else through the outbox."""
    for name, kind in KINDS.items():
        of_kind = {id_of(s): row for s, row in rows.items() if s.startswith(f"{name}:")}
        if of_kind and kind.on_judged is not None:
            kind.on_judged(of_kind, now)
    moved = tuple(subject for subject, row in rows.items() if set(row.sellable_in) != before[subject])
    if moved:
        outbox.publish(ClearanceChanged(subjects=moved))
