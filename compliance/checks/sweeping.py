"""Sweeps: bring every judgement up to today's law without judging every listing.

First every profile is judged (`profiles.refresh`). Then the database says whose judgement is not what its profile's
outcome amounts to, and only these are written: where nothing but findings differ by sets of rows, for thousands of
subjects in a few statements; where a market opens or closes, or the seller is concerned, by `operations.judge_again`
on facts read afresh, as a sale is stopped only on those. Every hour a share of all subjects is read afresh too.

A sweep works in chunks and short transactions; it passes over rows that somebody else has locked and comes back to
them at the end of their chunk. Doing a chunk twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Mod

from compliance import rulebook
from compliance.checks import first, operations, profiles
from compliance.checks.findings import is_about_merchant
from compliance.checks.models import CheckRun, Judgement, Profile
from compliance.checks.outcomes import Outcomes, outcomes_of
from compliance.checks.registry import KINDS, id_of, subject_of
from compliance.rulebook.duties import Judged
from compliance.rulebook.types import Verdict

CHUNK = 20_000  # subjects looked at together
WRITTEN = 2_000  # subjects whose findings are written in one transaction
TURNS = 14 * 24  # hours within which the facts of every subject are read afresh


def sweep(*, kind: str, now: datetime, chunks: int | None = None) -> CheckRun:
    """Bring every subject of a kind up to today's law; an interrupted sweep of the day goes on where it stopped."""
    run = _run_of(kind, now)
    if run.finished_at is None:
        law = outcomes_of(rulebook.default(), now.date())
        profiles.refresh(law)
        while run.finished_at is None and (chunks is None or chunks > 0):
            run = _sweep_chunk(run, law, now)
            chunks = None if chunks is None else chunks - 1
    return run


def judge_touched(*, kind: str, groups: Set[str], now: datetime) -> int:
    """Bring up to today's law the subjects that duties of these groups can concern; return how many changed.

    Nobody else is looked at. What an interruption leaves out is found by the next sweep.
    """
    law = outcomes_of(rulebook.default(), now.date())
    profiles.refresh(law, groups)
    changed, last = 0, 0
    while found := _touched(kind, groups, last, law):
        changed += _bring_up(kind, found, now, law)[0]
        last = found[-1][2]
    return changed


def _run_of(kind: str, now: datetime) -> CheckRun:
    return CheckRun.objects.get_or_create(
        kind=kind,
        day=now.date(),
        rulebook_version=rulebook.default().version,
        defaults={"started_at": now},
    )[0]


def _sweep_chunk(run: CheckRun, law: Outcomes, now: datetime) -> CheckRun:
    ids = list(KINDS[run.kind].all_ids(run.cursor, CHUNK, None))
    if ids:
        _, moved = _bring_up(run.kind, _different(run.kind, ids, law), now, law)
        news = {"cursor": ids[-1], "looked_at": run.looked_at + len(ids), "changed": run.changed + moved}
    else:
        profiles.drop_unused()
        news = {"finished_at": now}
    CheckRun.objects.filter(pk=run.pk, cursor=run.cursor).update(**news)  # unless somebody else was faster
    run.refresh_from_db()
    return run


def _bring_up(kind: str, found: Iterable[tuple[Any, ...]], now: datetime, law: Outcomes) -> tuple[int, int]:
    """Write the differences; return how many subjects were written, and for how many a market opened or closed."""
    by_way: dict[str, list[str]] = {"findings": [], "afresh": []}
    for subject, way, *_ in found:
        by_way[way].append(subject)
    written = 0
    for start in range(0, len(by_way["findings"]), WRITTEN):
        some = by_way["findings"][start : start + WRITTEN]
        done = _write_findings(some, law, now)
        by_way["afresh"] += sorted(set(some) - done)
        written += len(done)
    moved = 0
    for start in range(0, len(by_way["afresh"]), operations.CHUNK):
        some = by_way["afresh"][start : start + operations.CHUNK]
        moved += _judge_afresh(kind, some, now)
    return written + len(by_way["afresh"]), moved


def read_afresh(*, kind: str, now: datetime) -> int:
    """Judge this hour's share of the subjects on facts read now, whatever is kept of them; return how many.

    Every edit judges what it changes; this finds within `TURNS` hours what slipped by all of them.
    """
    turn, last, read = int(now.timestamp()) // 3600 % TURNS, 0, 0
    rows = Judgement.objects.filter(subject__startswith=f"{kind}:").exclude(judged_at=None)
    mine = rows.annotate(turn=Mod("pk", TURNS)).filter(turn=turn).order_by("pk")
    while found := list(mine.filter(pk__gt=last).values_list("pk", "subject")[: operations.CHUNK]):
        _judge_afresh(kind, [subject for _, subject in found], now)
        last, read = found[-1][0], read + len(found)
    return read


@transaction.atomic
def _judge_afresh(kind: str, subjects: Sequence[str], now: datetime) -> int:
    """Judge subjects on facts read now; return for how many a market opened or closed."""
    rows = Judgement.objects.filter(subject__in=subjects)
    before = {row.subject: row.sellable_in for row in rows}
    judged = operations.judge_again(kind=kind, ids=[id_of(subject) for subject in subjects], now=now)
    return sum(before.get(subject) != row.sellable_in for subject, row in judged.items())


# -- who differs

_DIFFERS = """
    p.id IS NULL OR p.outcome = '' OR j.outcome <> p.outcome OR j.facts_until <= %(day)s OR j.judged_for > %(day)s
"""
# The end of an outcome is about the seller and about where it is blocked: equal ends, and findings alone differ.
_WAY = """
    CASE WHEN p.outcome <> '' AND substr(j.outcome, 17) = substr(p.outcome, 17)
        AND coalesce(j.facts_until, 'infinity') > %(day)s AND j.judged_for <= %(day)s
    THEN 'findings' ELSE 'afresh' END
"""
DIFFERENT = f"""
    SELECT i.subject, {_WAY} FROM unnest(%(subjects)s::varchar[]) i(subject)
    LEFT JOIN compliance_judgement j ON j.subject = i.subject LEFT JOIN compliance_profile p ON p.id = j.profile
    WHERE {_DIFFERS}
"""  # noqa: S608 -- constants of this module
TOUCHED = f"""
    SELECT j.subject, {_WAY}, j.id
    FROM compliance_judgement j LEFT JOIN compliance_profile p ON p.id = j.profile
    WHERE j.subject LIKE %(kind)s AND j.judged_at IS NOT NULL
      AND (p.id IS NULL OR p.groups && %(groups)s::varchar[]) AND ({_DIFFERS}) AND j.id > %(last)s
    ORDER BY j.id LIMIT %(limit)s
"""  # noqa: S608 -- constants of this module
LOCK = """
    SELECT subject, profile, outcome, owner, category FROM compliance_judgement
    WHERE subject = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED
"""


def _different(kind: str, ids: Sequence[str], law: Outcomes) -> list[tuple[Any, ...]]:
    """Return which of these subjects are to be written, and how."""
    return _rows(DIFFERENT, {"subjects": [subject_of(kind, one) for one in ids], "day": law.on})


def _touched(kind: str, groups: Set[str], last: int, law: Outcomes) -> list[tuple[Any, ...]]:
    values = {"kind": f"{kind}:%", "groups": sorted(groups), "day": law.on, "last": last, "limit": CHUNK}
    return _rows(TOUCHED, values)


def _rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


# -- findings by sets of rows


@transaction.atomic
def _write_findings(subjects: Sequence[str], law: Outcomes, now: datetime) -> set[str]:
    """Write what the profiles of subjects amount to, where nothing but findings differ; return who was written.

    Left out is who is locked by somebody else, and who changed since it was looked at.
    """
    held = _rows(LOCK, [list(subjects)])
    rows = Profile.objects.filter(pk__in={row[1] for row in held if row[1] is not None})
    known = {row.pk: (row.outcome, law.judged(row.groups, json.loads(row.seen))) for row in rows}
    mine = [
        row
        for row in held
        if row[1] in known
        and known[row[1]][0] == law.of_judged(known[row[1]][1])
        and known[row[1]][0][_END:] == row[2][_END:]
    ]
    if mine:
        patterns = {pk: known[pk][1] for pk in {row[1] for row in mine}}
        first.keep_differences(
            {row[0]: patterns[row[1]] for row in mine},
            {row[0]: {"owner": row[3], "category": row[4]} for row in mine},
            book=law.book,
            now=now,
        )
        _keep_judgements(mine, {pk: known[pk] for pk in patterns}, law, now)
    return {row[0] for row in mine}


_END = 16
KEEP_JUDGEMENTS = """
    UPDATE compliance_judgement j SET
        sell = v.sell, notice = v.notice, blocked = v.blocked, open_findings = v.open_findings, outcome = v.outcome,
        rulebook_version = %(version)s, facts_digest = '', judged_for = %(day)s, judged_at = %(now)s
    FROM jsonb_populate_recordset(NULL::compliance_judgement, %(said)s) v
    WHERE j.profile = v.profile AND j.subject = ANY(%(subjects)s)
"""


def _keep_judgements(
    rows: Sequence[tuple[Any, ...]], known: Mapping[int, tuple[str, Judged]], law: Outcomes, now: datetime
) -> None:
    said = [
        {
            "profile": pk,
            "outcome": outcome,
            "open_findings": sum(not is_about_merchant(finding.rule) for finding in judged.findings),
            **{
                str(name): [m for m, one in judged.markets.items() if one.verdict is name] for name in Verdict
            },
        }
        for pk, (outcome, judged) in known.items()
    ]
    values = {"version": law.book.version, "day": law.on, "now": now, "subjects": [row[0] for row in rows]}
    with connection.cursor() as cursor:
        cursor.execute(KEEP_JUDGEMENTS, values | {"said": json.dumps(said)})
