"""Judging subjects and keeping what was found. Bulk, idempotent, and the same for any order of work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance import rulebook
from compliance.checks import first
from compliance.checks.findings import columns_of, is_about_merchant
from compliance.checks.models import Finding, Judgement
from compliance.checks.models import Profile as ProfileRow
from compliance.checks.outcomes import Outcomes, outcomes_of
from compliance.checks.profiles import keep_profiles
from compliance.checks.queries import Clearance, clearances_of
from compliance.checks.registry import KINDS, id_of, subject_of
from compliance.enforcement import limits, measures, suspensions
from compliance.events import ClearanceChanged
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.duties import Judged, judge_complete, law_key, without
from compliance.rulebook.facts import complete, duty_groups_of, validity, validity_ends
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.profiles import Profile, project
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
    "owner",
    "category",
    "profile",
    "outcome",
    "facts_until",
)
_SAID = ("severity", "confidence", "markets", "what", "fix", "params", "due_on")
_KEY = ("subject", "rule", "jurisdiction", "field")
_Key = tuple[str, str, str, str]


def judge(
    *, subject: str, facts: Mapping[str, Any], now: datetime, markets: Iterable[str] | None = None
) -> dict[str, Clearance]:
    """Judge one subject for all markets and keep the result; return the clearances asked for, by market."""
    judge_many(subjects={subject: facts}, now=now)
    wanted = None if markets is None else set(markets)
    found = clearances_of(subject)
    return {market: row for market, row in found.items() if wanted is None or market in wanted}


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
    for model in (Finding, Judgement):
        model.objects.filter(subject__in=subjects).delete()


def judge_again(*, kind: str, ids: Sequence[str], now: datetime) -> dict[str, Judgement]:
    """Fetch the facts of subjects of a registered kind and judge them; return the judgements by reference."""
    facts = KINDS[kind].facts_of_many(ids)
    return judge_many(subjects={subject_of(kind, one): record for one, record in facts.items()}, now=now)


# -- one batch


@dataclass(frozen=True, slots=True)
class _Case:
    """A subject with its facts judged."""

    subject: str
    digest: str
    judged: Judged
    profile: Profile | None  # None: nobody else is judged like it
    outcome: str
    facts_until: date | None


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
        keep_findings(_wanted(cases, owners, new), marks, judged_at, book, now, is_mine=_is_of_listings)
        first.keep(new, marks, book=book, now=now)
        _keep_judgements(cases, rows, marks, book, now)
        suspensions.lift_mended(owners={id_of(owners[case.subject]) for case in cases} - {""}, now=now)
        measures.record(_turns(cases, before, marks), book=book, now=now)
        limits.settle(subjects=[case.subject for case in cases if case.subject not in new], now=now)
        _tell({case.subject: rows[case.subject] for case in cases}, before, now)
    return {subject: rows[subject] for subject in (*skipped, *(case.subject for case in cases))}


def _is_of_listings(subject: str, rule: str) -> bool:
    """Return whether the judgement of listings keeps a finding: on sellers only what their listings are asked."""
    return not subject.startswith("merchant:") or is_about_merchant(rule)


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
        "owner": "",
        "category": "",
        "outcome": "",
    }
    bulk.insert(Judgement, [{"subject": subject, **blank} for subject in ordered], skip_known=True)
    return {row.subject: row for row in _rows(ordered).select_for_update(of=("self",))}


def _rows(subjects: Collection[str]) -> QuerySet[Judgement]:
    """Return judgements in the order of their keys; `is_lost` says that a profile is named that is no more."""
    named = ProfileRow.objects.filter(pk=OuterRef("profile"))
    rows = Judgement.objects.filter(subject__in=subjects).order_by("pk")
    return rows.annotate(is_lost=Q(profile__isnull=False) & ~Exists(named))


def _cases(
    subjects: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Judgement], book: Rulebook, now: datetime
) -> tuple[list[_Case], list[str]]:
    cases, skipped = [], []
    exempt = measures.exempt_from(subjects)
    for subject, facts in subjects.items():
        spared = exempt.get(subject, frozenset())
        digest = _digest(facts, book, now.date(), spared)
        if rows[subject].facts_digest == digest and not rows[subject].is_lost:
            skipped.append(subject)
        else:
            cases.append(_case(subject, digest, facts, spared, outcomes_of(book, now.date())))
    return cases, skipped


def _case(
    subject: str, digest: str, raw: Mapping[str, Any], spared: Set[tuple[str, str]], law: Outcomes
) -> _Case:
    """Judge facts themselves. Only if their profile says the same do later sweeps judge the profile instead."""
    facts = complete(raw, on=law.on)
    judged = without(judge_complete(facts, law.book, markets=selling_markets(), on=law.on), spared)
    profile, outcome = project(facts, law.reading), law.of_judged(judged)
    is_typical = not spared and law.of(profile.groups, profile.seen) == outcome
    until = validity_ends(facts["documents"], law.on)
    return _Case(subject, digest, judged, profile if is_typical else None, outcome, until)


def _digest(facts: Mapping[str, Any], book: Rulebook, on: date, spared: Set[tuple[str, str]]) -> str:
    """Return what a judgement depends on: the facts, the documents valid that day, the law, what is spared."""
    valid = validity(facts.get("documents") or (), on)
    key = law_key(book, on, selling_markets(), duty_groups_of(facts))
    reading = outcomes_of(book, on).reading.digest
    text = json.dumps([facts, valid, key, reading, *sorted(spared)], sort_keys=True, default=str)
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
    *,
    is_mine: Callable[[str, str], bool] = lambda subject, rule: True,
) -> None:
    """Open what is new, refresh what changed, close what is mended; `judged_at` are earlier times.

    Findings on which `is_mine(subject, rule)` is false belong to another judgement and are left alone.
    """
    kept = {key: row for key, row in _open_findings(set(judged_at)).items() if is_mine(key[0], key[1])}
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
            and (
                said.differs(finding, kept[key])
                or any(kept[key][name] != value for name, value in marks[key[0]].items())
            )
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
        .values("id", "last_seen_at", "owner", "category", *_KEY, *_SAID)
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


# -- judgements


def _keep_judgements(
    cases: list[_Case],
    rows: Mapping[str, Judgement],
    marks: Mapping[str, Mapping[str, str]],
    book: Rulebook,
    now: datetime,
) -> None:
    profiles, is_other = keep_profiles(
        {case.profile.digest: (case.profile, case.outcome) for case in cases if case.profile},
        outcomes_of(book, now.date()),
    )
    for case in cases:
        row = rows[case.subject]
        row.owner, row.category = marks[case.subject]["owner"], marks[case.subject]["category"]
        row.profile = profiles[case.profile.digest] if case.profile else None
        row.outcome, row.facts_until = case.outcome, case.facts_until
        for verdict in types.Verdict:
            found = [m for m, judgement in case.judged.markets.items() if judgement.verdict is verdict]
            setattr(row, str(verdict), found)
        row.open_findings = sum(not is_about_merchant(finding.rule) for finding in case.judged.findings)
        row.rulebook_version, row.facts_digest = book.version, case.digest
        row.judged_for, row.judged_at = now.date(), now
        if case.profile and is_other:  # whoever follows the law of the profiles next judges it again
            row.facts_until, row.facts_digest = now.date(), ""
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
