"""Sweeps: bring every judgement up to today's law without judging every listing.

First the profiles are brought up to the law (`profiles.refresh`), and with each that is judged otherwise its subjects.
Then the database says who was never judged, and whose judgement is still not what its profile's outcome amounts to, from
indexes alone; only these are written: where nothing but findings differ by sets of rows, for thousands of subjects in a
few statements; where a market opens or closes, or the seller is concerned, by `operations.judge_again` on facts read
afresh, as a sale is stopped only on those. Every hour a share of all subjects is read afresh too.

A sweep works in chunks and short transactions; it passes over rows that somebody else has locked and comes back to
them at the end of their chunk. Doing a chunk twice changes nothing. Its cursor says which of its steps it is in: who was
never judged ("new:" and the last id), then all by their profiles ("profile:", the turn of the law, the last number).

That all is compared with its profile is needed where a law was not followed to its end; who judges by another law than
that of the profiles has it judged again, and who writes by a law holds it. Else only subjects made since the last sweep
are looked for, and a whole sweep looks at everything every `runs.WHOLE`, for what nobody thought of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Mod

from compliance import rulebook
from compliance.checks import by_rule, first, operations, profiles
from compliance.checks.findings import is_about_merchant
from compliance.checks.models import CheckRun, Judgement, Profile
from compliance.checks.outcomes import Outcomes, outcomes_of
from compliance.checks.profiled_law import is_held, note_compared, turn_now, turn_to_compare
from compliance.checks.registry import KINDS, id_of, subject_of
from compliance.checks.runs import looked_up_to, run_of
from compliance.enforcement import limits
from compliance.rulebook.duties import Judged
from compliance.rulebook.types import Verdict

CHUNK = 20_000  # subjects looked at together
OPEN = timedelta(days=1)  # no transaction that makes a subject is open for so long
UNJUDGED = 2_000  # subjects judged for the first time in a chunk
RANGE = 200_000  # numbers of profiles whose subjects are compared together
WRITTEN = 2_000  # subjects whose findings are written in one transaction
TURNS = 14 * 24  # hours within which the facts of every subject are read afresh


def sweep(*, kind: str, now: datetime, chunks: int | None = None) -> CheckRun:
    """Bring every subject of a kind up to today's law; an interrupted sweep of the day goes on where it stopped."""
    run = run_of(kind, now=now)
    while run.finished_at is None and (chunks is None or chunks > 0):
        run = sweep_chunk(run.pk, now)
        chunks = None if chunks is None else chunks - 1
    return run


def judge_touched(*, kind: str, now: datetime) -> int:
    """Follow a change of rules: bring up whose profiles the changed duties judge otherwise, and whom no profile stands for.

    Return how many subjects were written. Nobody else is looked at. What an interruption leaves out is found by the
    next sweep.
    """
    law = outcomes_of(rulebook.default(), now.date())
    return follow(law, now)[0] + _judge_lone(kind, now, law)[0]


def follow(law: Outcomes, now: datetime) -> tuple[int, int]:
    """Have the profiles judged by a law, and write what differs of their subjects at once.

    Return how many subjects were written, and for how many a market opened or closed. Subjects whose documents turned
    valid or ended by the day are judged on facts read afresh.
    """
    written = moved = 0
    for profiled in profiles.refresh(law):
        for kind in sorted(KINDS):
            written += by_rule.write(kind, profiled, law, now)
            more = _bring_up_all(kind, PROFILED, {"profiles": profiled.profiles}, now, law)
            written, moved = written + more[0], moved + more[1]
    for kind in sorted(KINDS):
        more = _bring_up_all(kind, TURNED, {}, now, law)
        written, moved = written + more[0], moved + more[1]
    return written, moved


def sweep_chunk(pk: int, now: datetime) -> CheckRun:
    """Do the next chunk of a run and move its cursor; a finished run stays as it is. Doing one twice changes nothing."""
    run = CheckRun.objects.get(pk=pk)
    if run.finished_at is not None:
        return run
    law = outcomes_of(rulebook.default(), now.date())
    step, _, last = run.cursor.partition(":")
    if step == "profile":
        turn, _, last = last.partition(":")
        news = _compare(run, int(turn), int(last), law, now)
    elif step == "new":
        news = _judge_new(run, last, 0, now)
    else:  # it begins, or was begun by an earlier release
        turned = follow(law, now)[1]
        news = _judge_new(run, "", turned, now)
    # Unless somebody else was faster.
    CheckRun.objects.filter(pk=run.pk, cursor=run.cursor, finished_at=None).update(touched_at=now, **news)
    run.refresh_from_db()
    return run


def _judge_new(run: CheckRun, last: str, moved: int, now: datetime) -> dict[str, Any]:
    """Judge the next subjects that never were; return how the run stands then. `moved` markets did so already."""
    found, passed = _never_judged(run, last, now)
    for start in range(0, len(found), operations.CHUNK):
        some = found[start : start + operations.CHUNK]
        moved += _judge_afresh(run.kind, [subject_of(run.kind, one) for one in some], now)
    news = {"looked_at": run.looked_at + len(found), "changed": run.changed + moved}
    if passed:
        return news | {"cursor": f"new:{passed}"}
    lone, moved = _judge_lone(run.kind, now, outcomes_of(rulebook.default(), now.date()))
    news["changed"] += moved
    if run.is_whole or turn_to_compare() is not None:  # all are counted, those that were judged just now too
        alone = Judgement.objects.filter(subject__startswith=f"{run.kind}:", profile=None).count()
        return news | {"cursor": f"profile:{turn_now()}:0", "looked_at": alone}
    return news | {"looked_at": news["looked_at"] + lone} | _finished(run, now)


def _never_judged(run: CheckRun, last: str, now: datetime) -> tuple[list[str], str]:
    """Return the next ids of subjects that were never judged, and up to where that was looked for, "" for the end."""
    kind, listed = run.kind, KINDS[run.kind].listed
    if listed is None:
        ids = list(KINDS[kind].all_ids(last, CHUNK, None))
        found = _rows(NOT_KEPT, {"subjects": [subject_of(kind, one) for one in ids]})
        return [id_of(subject) for (subject,) in found], ids[-1] if ids else ""
    since = looked_up_to(run, now)
    statement, values = listed(since - OPEN if since else None).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(NOT_KEPT_OF.format(listed=statement), [*values, last, f"{kind}:", UNJUDGED])
        found = [one for (one,) in cursor.fetchall()]
    return found, found[-1] if len(found) == UNJUDGED else ""


def _compare(run: CheckRun, turn: int, last: int, law: Outcomes, now: datetime) -> dict[str, Any]:
    """Compare the subjects of the next profiles with these, and bring up who differs; return how the run stands then."""
    counted, differing, highest = _rows(
        COMPARED if len(KINDS) == 1 else COMPARED_OF_KIND,
        {"last": last, "range": RANGE, "day": law.on, "kind": f"{run.kind}:%"},
    )[0]
    moved = 0
    for start in range(0, len(differing), profiles.CHUNK):
        some = differing[start : start + profiles.CHUNK]
        moved += _bring_up_all(run.kind, PROFILED, {"profiles": some}, now, law)[1]
    news = {"looked_at": run.looked_at + counted, "changed": run.changed + moved}
    if highest is not None and highest > last + RANGE:
        return news | {"cursor": f"profile:{turn}:{last + RANGE}"}
    note_compared(turn)
    profiles.drop_unused()
    return news | _finished(run, now)


def _finished(run: CheckRun, now: datetime) -> dict[str, Any]:
    _limit_what_stood_open(run, now)
    return {"finished_at": now}


def _limit_what_stood_open(run: CheckRun, now: datetime) -> None:
    """Take the limits that fell due since the last sweep, because something stood open, though nothing changed."""
    last, window = "", {"kind": run.kind, "now": now, "since": looked_up_to(run, now)}
    while subjects := limits.standing_open(after=last, most=operations.CHUNK, **window):
        with transaction.atomic():
            rows = Judgement.objects.select_for_update().filter(subject__in=subjects).order_by("pk")
            limits.settle(subjects=list(rows.values_list("subject", flat=True)), now=now)
        last = subjects[-1]


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


def _bring_up_all(
    kind: str, which: str, values: Mapping[str, Any], now: datetime, law: Outcomes
) -> tuple[int, int]:
    """Bring up all subjects of a kind that a statement yields, a chunk at a time."""
    written = moved = last = 0
    values = {"kind": f"{kind}:%", "day": law.on, "limit": CHUNK, **values}
    while found := _rows(which, values | {"last": last}):
        more = _bring_up(kind, found, now, law)
        written, moved, last = written + more[0], moved + more[1], found[-1][2]
    return written, moved


def _judge_lone(kind: str, now: datetime, law: Outcomes) -> tuple[int, int]:
    """Judge those whom no profile stands for; return how many there were, and for how many a market opened or closed."""
    done, moved, last = 0, 0, f"{kind}:"
    while found := _rows(LONE, {"kind": f"{kind}:%", "last": last, "limit": CHUNK}):
        done, last = done + len(found), found[-1][0]
        moved += _bring_up(kind, [(subject, "afresh") for (subject,) in found], now, law)[1]
    return done, moved


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
_OF_KIND = f"""
    SELECT j.subject, {_WAY}, j.id
    FROM compliance_judgement j LEFT JOIN compliance_profile p ON p.id = j.profile
    WHERE j.subject LIKE %(kind)s AND j.judged_at IS NOT NULL AND j.id > %(last)s
"""  # noqa: S608 -- constants of this module
_IN_CHUNKS = " ORDER BY j.id LIMIT %(limit)s"
PROFILED = f"{_OF_KIND} AND j.profile = ANY(%(profiles)s) AND ({_DIFFERS}) {_IN_CHUNKS}"
TURNED = f"{_OF_KIND} AND j.facts_until <= %(day)s {_IN_CHUNKS}"
LONE = """
    SELECT j.subject FROM compliance_judgement j
    WHERE j.profile IS NULL AND j.subject LIKE %(kind)s AND j.subject > %(last)s
    ORDER BY j.subject LIMIT %(limit)s
"""
# Reads nothing but indexes. The range is said of both, as the planner does not conclude one from the other.
COMPARED = """
    SELECT count(*), coalesce(array_agg(DISTINCT j.profile) FILTER (WHERE
        p.id IS NULL OR p.outcome = '' OR j.outcome <> p.outcome OR j.judged_for > %(day)s), '{}'),
        (SELECT max(profile) FROM compliance_judgement)
    FROM compliance_judgement j LEFT JOIN compliance_profile p
        ON p.id = j.profile AND p.id > %(last)s AND p.id <= %(last)s + %(range)s
    WHERE j.profile > %(last)s AND j.profile <= %(last)s + %(range)s
"""
COMPARED_OF_KIND = f"{COMPARED} AND j.subject LIKE %(kind)s"
NOT_KEPT = """
    SELECT i.subject FROM unnest(%(subjects)s::varchar[]) WITH ORDINALITY i(subject, place)
    LEFT JOIN compliance_judgement j ON j.subject = i.subject WHERE j.judged_at IS NULL ORDER BY i.place
"""
NOT_KEPT_OF = """
    SELECT i.public_id FROM ({listed}) i(public_id) WHERE i.public_id > %s AND NOT EXISTS
        (SELECT FROM compliance_judgement j WHERE j.subject = %s || i.public_id) ORDER BY 1 LIMIT %s
"""
LOCK = """
    SELECT subject, profile, outcome, owner, category FROM compliance_judgement
    WHERE subject = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED
"""


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
    if not is_held(law):
        return set()
    held = _rows(LOCK, [list(subjects)])
    rows = Profile.objects.filter(pk__in={row[1] for row in held if row[1] is not None})
    known = {row.pk: (row.outcome, law.judged(row.groups, row.seen)) for row in rows}
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
        limits.settle(subjects=[row[0] for row in mine], now=now)
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
