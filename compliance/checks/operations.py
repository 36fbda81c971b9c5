"""Judging subjects and keeping what was found. Bulk, idempotent, and the same for any order of work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from compliance import rulebook
from compliance.checks import first
from compliance.checks.findings import columns_of, deciding, is_about_merchant
from compliance.checks.models import CheckRun, Clearance, Finding, Judgement
from compliance.checks.registry import KINDS, id_of, subject_of
from compliance.enforcement import measures, suspensions
from compliance.events import ClearanceChanged
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.duties import Judged, law_key, without
from compliance.rulebook.duties import judge as judge_facts
from compliance.rulebook.facts import duty_groups_of, validity
from compliance.rulebook.markets import selling_markets
from marketplace.kernel import bulk, outbox

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
_KEY = ("subject", "rule", "jurisdiction", "field")
_CLEARANCE = ("subject", "market", "verdict", "deciding")
_Key = tuple[str, str, str, str]


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
    Subjects whose facts and law are those of their last judgement are not judged again.
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


def judge_touched(*, kind: str, groups: Set[str], now: datetime) -> int:
    """Judge the subjects that duties of these groups can concern; return how many were looked at.

    Nobody else is fetched. What an interruption leaves out is found by the next sweep.
    """
    looked_at, last = 0, ""
    while ids := list(KINDS[kind].all_ids(last, CHUNK, groups)):
        judge_again(kind=kind, ids=ids, now=now)
        looked_at, last = looked_at + len(ids), ids[-1]
    return looked_at


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
    ids = list(KINDS[run.kind].all_ids(run.cursor, CHUNK, None))
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
        new = _never_judged(cases, rows, owners)
        concerned = {case.subject for case in cases} | {owners[case.subject] for case in cases} - {""}
        marks = {subject: _marks(subject, subjects.get(subject, {}), owners) for subject in concerned}
        judged_at = {subject: rows[subject].judged_at for subject in concerned - new.keys()}
        keep_findings(_wanted(cases, owners, new), marks, judged_at, book, now)
        _keep_clearances([case for case in cases if case.subject not in new], book, now)
        first.keep(new, marks, book=book, now=now)
        _keep_judgements(cases, rows, book, now)
        suspensions.lift_mended(owners={id_of(owners[case.subject]) for case in cases} - {""}, now=now)
        measures.record(_turns(cases, before, marks), book=book, now=now)
        _tell({case.subject: rows[case.subject] for case in cases}, before, now)
    return {subject: rows[subject] for subject in (*skipped, *(case.subject for case in cases))}


def _never_judged(
    cases: list[_Case], rows: Mapping[str, Judgement], owners: Mapping[str, str]
) -> dict[str, Judged]:
    """Return the judgements of subjects of which nothing is kept yet and that are nobody's owner."""
    sellers = set(owners.values())
    return {
        case.subject: case.judged
        for case in cases
        if rows[case.subject].judged_at is None and owners[case.subject] and case.subject not in sellers
    }


def _merchant_of(facts: Mapping[str, Any]) -> str:
    public_id = (facts.get("merchant") or {}).get("public_id")
    return subject_of("merchant", public_id) if public_id else ""


def _turns(
    cases: list[_Case], before: Mapping[str, set[str]], marks: Mapping[str, Mapping[str, str]]
) -> Iterator[measures.Turn]:
    for case in cases:
        sold = {m for m, row in case.judged.markets.items() if row.verdict is not types.Verdict.BLOCKED}
        if sold != before[case.subject]:
            stopping = {m: row.findings for m, row in case.judged.markets.items() if m not in sold}
            yield measures.Turn(
                case.subject,
                **marks[case.subject],
                before=before[case.subject],
                after=sold,
                stopping=stopping,
            )


def _marks(subject: str, facts: Mapping[str, Any], owners: Mapping[str, str]) -> dict[str, str]:
    """Return what findings of a subject are grouped by: whose it is, and its category."""
    return {"owner": id_of(owners.get(subject) or subject), "category": facts.get("category") or ""}


def _locked(subjects: set[str], now: datetime) -> dict[str, Judgement]:
    """Make sure that every subject has a row, and lock them all in the order of their keys."""
    ordered = sorted(subjects)
    blank = {
        "sell": [],
        "notice": [],
        "blocked": [],
        "open_findings": 0,
        "rulebook_version": "",
        "facts_digest": "",
    }
    bulk.insert(Judgement, [{"subject": subject, **blank} for subject in ordered], skip_known=True)
    rows = Judgement.objects.select_for_update().filter(subject__in=ordered).order_by("pk")
    return {row.subject: row for row in rows}


def _cases(
    subjects: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Judgement], book: Rulebook, now: datetime
) -> tuple[list[_Case], list[str]]:
    cases, skipped = [], []
    exempt = measures.exempt_from(subjects)
    for subject, facts in subjects.items():
        spared = exempt.get(subject, frozenset())
        digest = _digest(facts, book, now.date(), spared)
        if rows[subject].facts_digest == digest:
            skipped.append(subject)
        else:
            judged = without(judge_facts(facts, book, on=now.date()), spared)
            cases.append(_Case(subject, digest, judged))
    return cases, skipped


def _digest(facts: Mapping[str, Any], book: Rulebook, on: date, spared: Set[tuple[str, str]]) -> str:
    """Return what a judgement depends on: the facts, the documents valid that day, the law, what is spared."""
    valid = validity(facts.get("documents") or (), on)
    key = law_key(book, on, selling_markets(), duty_groups_of(facts))
    text = json.dumps([facts, valid, key, *sorted(spared)], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


# -- findings: a difference between what is open and what was found


def _wanted(
    cases: list[_Case], owners: Mapping[str, str], new: Mapping[str, Judged]
) -> dict[_Key, types.Finding]:
    """Return what must be open; of subjects never judged before only what is kept on who sells them."""
    wanted: dict[_Key, types.Finding] = {}
    for case in cases:
        owner, is_new = owners[case.subject] or case.subject, case.subject in new
        for finding in case.judged.findings:
            about_seller = is_about_merchant(finding.rule)
            if about_seller or not is_new:
                subject = owner if about_seller else case.subject
                wanted[subject, finding.rule, finding.market, finding.field] = finding
    return wanted


def keep_findings(
    wanted: Mapping[_Key, types.Finding],
    marks: Mapping[str, Mapping[str, str]],
    judged_at: Mapping[str, datetime | None],
    book: Rulebook,
    now: datetime,
) -> None:
    """Open what is new, refresh what changed, close what is mended; `judged_at` are earlier times."""
    kept = _open_findings(set(judged_at))
    said = _Sayings(book)
    stamp = now.isoformat()
    seen = {"rule_version": book.version, "last_seen_at": stamp}
    fresh = {"state": Finding.State.OPEN, "first_seen_at": stamp, **seen}
    bulk.insert(
        Finding,
        [
            {**dict(zip(_KEY, key, strict=True)), **marks[key[0]], **said.of(finding), **fresh}
            for key, finding in wanted.items()
            if key not in kept
        ],
    )
    bulk.update(
        Finding,
        [
            {"id": kept[key]["id"], **marks[key[0]], **said.of(finding), **seen}
            for key, finding in wanted.items()
            if key in kept
            and (said.differs(finding, kept[key]) or kept[key]["category"] != marks[key[0]]["category"])
        ],
    )
    bulk.update(
        Finding,
        [
            {
                "id": row["id"],
                "state": Finding.State.CLOSED,
                "closed_at": now,
                "last_seen_at": judged_at.get(key[0]) or row["last_seen_at"],
            }
            for key, row in kept.items()
            if key not in wanted
        ],
    )


def _open_findings(subjects: set[str]) -> dict[_Key, dict[str, Any]]:
    rows = (
        Finding.objects.open()
        .filter(subject__in=subjects)
        .values("id", "last_seen_at", "category", *_KEY, *_SAID)
    )
    return {tuple(row[name] for name in _KEY): row for row in rows}  # type: ignore[misc] -- four names


class _Sayings:
    """What the rulebook says of a finding, as columns; made once, as listings share finding objects."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.by_id: dict[int, dict[str, Any]] = {}

    def of(self, finding: types.Finding) -> dict[str, Any]:
        said = self.by_id.get(id(finding))
        if said is None:
            said = self.by_id[id(finding)] = columns_of(finding, self.book)
        return said

    def differs(self, finding: types.Finding, row: Mapping[str, Any]) -> bool:
        return any(row[name] != value for name, value in self.of(finding).items())


# -- clearances and judgements


def _keep_clearances(cases: list[_Case], book: Rulebook, now: datetime) -> None:
    """Write the clearances that are new or different. Those that stay keep the day they were decided."""
    rows = Clearance.objects.filter(subject__in=[case.subject for case in cases])
    kept = {
        (subject, market): (verdict, deciding)
        for subject, market, verdict, deciding in rows.values_list(*_CLEARANCE)
    }
    judged = {"rulebook_version": book.version, "judged_at": now.isoformat()}
    changed = []
    for case in cases:
        for market, judgement in case.judged.markets.items():
            said = (str(judgement.verdict), deciding(judgement.findings))
            if kept.get((case.subject, market)) != said:
                row = (case.subject, market, *said)
                changed.append({**dict(zip(_CLEARANCE, row, strict=True)), **judged})
    bulk.insert(Clearance, changed, replace_on=("subject", "market"))


def _keep_judgements(
    cases: list[_Case], rows: Mapping[str, Judgement], book: Rulebook, now: datetime
) -> None:
    for case in cases:
        row = rows[case.subject]
        for verdict in types.Verdict:
            found = [m for m, judgement in case.judged.markets.items() if judgement.verdict is verdict]
            setattr(row, str(verdict), found)
        row.open_findings = sum(not is_about_merchant(finding.rule) for finding in case.judged.findings)
        row.rulebook_version, row.facts_digest = book.version, case.digest
        row.judged_for, row.judged_at = now.date(), now
    judged = [rows[case.subject] for case in cases]
    bulk.update(Judgement, [{name: getattr(row, name) for name in ("id", *_JUDGED)} for row in judged])


def _tell(rows: Mapping[str, Judgement], before: Mapping[str, set[str]], now: datetime) -> None:
    """Tell the apps that registered the kinds, here and now, and everybody else through the outbox."""
    for name, kind in KINDS.items():
        of_kind = {id_of(s): row for s, row in rows.items() if s.startswith(f"{name}:")}
        if of_kind and kind.on_judged is not None:
            kind.on_judged(of_kind, now)
    moved = tuple(subject for subject, row in rows.items() if set(row.sellable_in) != before[subject])
    if moved:
        outbox.publish(ClearanceChanged(subjects=moved))
