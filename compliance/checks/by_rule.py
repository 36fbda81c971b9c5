"""One changed rule: whom it judges otherwise is found by the few facts it looks at, and only its findings are written.

The database groups the profiles by the numbers of these facts and by what the rule found so far, reading narrow rows
only. Each group is judged once, on what is seen of one of its profiles. Then the profiles of the groups judged
otherwise are written, and with them, by sets of rows, the findings of this one rule on their subjects. Nothing else of
these subjects differs, as long as they were what their profile was; who was not is left to `sweeping`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from compliance.checks import first
from compliance.checks.findings import is_about_merchant
from compliance.checks.models import Profile as Row
from compliance.checks.outcomes import Outcomes, Part, Parts, effects_of, outcome_of, verdicts_of
from compliance.checks.profiled_law import is_held, places
from compliance.enforcement import limits
from compliance.rulebook import types
from marketplace.kernel import bulk

RANGE = 50_000  # numbers of profiles whose facts are grouped together
CHUNK = 4_000  # profiles written in one transaction
SUBJECTS = 2_000  # subjects written in one transaction
REMEMBERED = 20_000  # answers of the rule, at most
_END = 16  # where the seller's part of an outcome begins

Findings = tuple[types.Finding, ...]
Answer = tuple[Part, Findings]


@dataclass(frozen=True, slots=True)
class Turn:
    """A profile of which one rule finds something else, and no market opens or closes, nor is the seller concerned."""

    profile: int
    was: str  # its outcome before
    now: str
    more: int  # findings; less if negative
    findings: Findings  # of the rule, all
    verdicts: Mapping[str, list[str]] | None  # markets by verdict, None if these stay


@dataclass(frozen=True, slots=True)
class Moved:
    """Profiles that are judged otherwise, and of which of them a single rule says all: its findings are to be written."""

    profiles: list[int]
    rule: str = ""
    turns: tuple[Turn, ...] = ()


# -- which profiles


def judge(law: Outcomes, turn: int, rule: str, before: Set[str]) -> Iterator[Moved]:
    """Look at one rule again in all profiles that it concerns, or did: its facts are grouped, equal ones judged once."""
    look = _Look(law, rule)
    for start in range(0, _highest(), RANGE):
        news = list(look.otherwise(start))
        if not look.groups >= before:
            news += [(ids, [], ()) for ids in _left(rule, look.groups, start)]
        yield from replace(law, turn, rule, news)


def _highest() -> int:
    return Row.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


_WHERE = "is_current AND id > %(last)s AND id <= %(last)s + %(range)s"


class _Look:
    """How a rule looks at profiles, and what it found for the facts it has met."""

    def __init__(self, law: Outcomes, rule: str) -> None:
        self.law, self.rule = law, rule
        self.groups = frozenset(group for duty in law.duties_of(rule) for group in duty.rule.groups)
        self.names = law.names_of(rule)
        self.known: dict[Any, Answer] = {}
        order = {name: at for at, name in enumerate(places(), start=1)}
        groups = "groups" if law.reads_groups(rule) else "NULL::varchar[]"
        self.key = [groups, *(f"facets[{order[name]}]" for name in self.names)]

    def otherwise(self, start: int) -> Iterator[tuple[list[int], Part, Findings]]:
        """Yield the numbers of profiles that the rule judges otherwise, with what it finds now."""
        rows = self._grouped(start) if self.groups else []
        self._learn([(row[2:], row[0][0]) for row in rows])
        for ids, was, *key in rows:
            part, findings = self.known[_hashable(key)]
            if part != (json.loads(was) if was else []):
                yield ids, part, findings

    def _grouped(self, start: int) -> list[tuple[Any, ...]]:
        """Return profiles alike to the rule: their numbers, what it found so far, and the key of what it looks at."""
        among = "" if "ALL" in self.groups else "AND groups && %(groups)s::varchar[]"
        statement = (
            f"SELECT array_agg(id), missed -> %(rule)s, {', '.join(self.key)} FROM compliance_profile"  # noqa: S608
            f" WHERE {_WHERE} {among} GROUP BY {', '.join(map(str, range(2, len(self.key) + 3)))}"
        )
        values = {"rule": self.rule, "groups": sorted(self.groups), "last": start, "range": RANGE}
        return _rows(statement, values)

    def _learn(self, found: Sequence[tuple[Any, int]]) -> None:
        """Judge the keys that were not met before, each on what is seen of one profile."""
        if len(self.known) > REMEMBERED:
            self.known.clear()
        unmet = {_hashable(key): pk for key, pk in found if _hashable(key) not in self.known}
        keys = {pk: key for key, pk in unmet.items()}
        columns = ", ".join(f"seen -> %(n{at})s" for at in range(len(self.names)))
        statement = f"SELECT id, groups{', ' if columns else ''}{columns} FROM compliance_profile WHERE id = ANY(%(ids)s)"  # noqa: S608
        names = {f"n{at}": name for at, name in enumerate(self.names)}
        for pk, of, *values in _rows(statement, names | {"ids": list(keys)}) if keys else []:
            told = zip(self.names, values, strict=True)
            seen = {name: json.loads(value) for name, value in told if value is not None}
            self.known[keys[pk]] = self.law.part(self.rule, of, seen)


def _hashable(key: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in key)


def _left(rule: str, groups: Set[str], start: int) -> list[list[int]]:
    """Return profiles in which a rule found something that concerns them no more."""
    statement = (
        f"SELECT array_agg(id) FROM compliance_profile"  # noqa: S608
        f" WHERE {_WHERE} AND missed ? %(rule)s AND NOT groups && %(groups)s::varchar[] HAVING count(*) > 0"
    )
    values = {"rule": rule, "groups": sorted(groups), "last": start, "range": RANGE}
    return [row[0] for row in _rows(statement, values)]


def _rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


# -- what is kept of them


def replace(
    law: Outcomes, turn: int, rule: str, news: Sequence[tuple[list[int], Part, Findings]]
) -> Iterator[Moved]:
    """Write what a rule finds now into profiles; yield those whose outcome changed."""
    answers = {pk: (part, findings) for ids, part, findings in news for pk in ids}
    ordered = sorted(answers)
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        with transaction.atomic():
            if not is_held(law, turn):
                return
            changes = [_change(rule, answers[row[0]], *row) for row in _rows(_HELD, [some])]
            bulk.update(Row, [new for new, _, _ in changes])
        moved = [new["id"] for new, was, _ in changes if new["outcome"] != was]
        if moved:
            yield Moved(moved, rule, tuple(turn for _, _, turn in changes if turn))


_HELD = """
    SELECT id, outcome, missed FROM compliance_profile WHERE id = ANY(%s) AND is_current ORDER BY id FOR UPDATE
"""


def _change(
    rule: str, answer: Answer, pk: int, was: str, kept: str
) -> tuple[dict[str, Any], str, Turn | None]:
    """Return what is to be written of a profile, its outcome before, and its turn if it is one."""
    before = json.loads(kept)
    part, findings = answer
    missed = _with(before, rule, part)
    now, old, turn = outcome_of(missed), before.get(rule, []), None
    if was[_END:] == now[_END:] and was != now and not is_about_merchant(rule):
        verdicts = verdicts_of(missed) if effects_of(part) != effects_of(old) else None
        turn = Turn(pk, was, now, len(part) - len(old), findings, verdicts)
    return {"id": pk, "outcome": now, "missed": missed}, was, turn


def _with(missed: Parts, rule: str, part: Part) -> dict[str, Part]:
    """Return the parts of an outcome with that of one rule replaced."""
    return {key: value for key, value in {**missed, rule: part}.items() if value}


# -- what is kept of their subjects


def write(kind: str, moved: Moved, law: Outcomes, now: datetime) -> int:
    """Write the findings of one rule on the subjects of profiles whose turn it is; return how many were written.

    Left out is who is locked by somebody else, and who was not what the profile was.
    """
    patterns = list({id(turn.findings): turn.findings for turn in moved.turns}.values())
    number = {id(findings): at for at, findings in enumerate(patterns)}
    turned = [
        {"profile": turn.profile, "was": turn.was, "now": turn.now, "more": turn.more}
        | {"pattern": number[id(turn.findings)], **(turn.verdicts or {})}
        for turn in moved.turns
    ]
    values = {
        "turned": json.dumps(turned),
        "findings": first.said(patterns, law.book),
        "rule": moved.rule,
        "kind": f"{kind}:%",
        "day": law.on,
        "version": law.book.version,
        "now": now,
    }
    may_limit = any(turn.more or turn.verdicts is not None for turn in moved.turns)
    written = last = 0
    while turned and (held := _write_some(law, values | {"last": last, "limit": SUBJECTS}, may_limit)):
        written, last = written + len(held), held[-1]
    return written


@transaction.atomic
def _write_some(law: Outcomes, values: Mapping[str, Any], may_limit: bool) -> list[int]:
    """Lock the next subjects and write them, in a statement of its own, which sees what was written until then."""
    if not is_held(law):
        return []
    rows = _rows(LOCK_TURNED, values)
    held = [pk for pk, _ in rows]
    if held:
        with connection.cursor() as cursor:
            cursor.execute(WRITE_TURNED, {**values, "held": held})
    if held and may_limit:
        limits.settle(subjects=[subject for _, subject in rows], now=values["now"])
    return held


_TURNED = """
    jsonb_to_recordset(%(turned)s) t(
        profile bigint, was varchar, now varchar, more int, pattern int,
        sell varchar[], notice varchar[], blocked varchar[])
"""
LOCK_TURNED = f"""
    SELECT j.id, j.subject FROM compliance_judgement j JOIN {_TURNED} ON t.profile = j.profile AND t.was = j.outcome
    JOIN compliance_profile p ON p.id = t.profile AND p.outcome = t.now
    WHERE j.subject LIKE %(kind)s AND j.id > %(last)s
      AND j.judged_for <= %(day)s AND coalesce(j.facts_until, 'infinity') > %(day)s
    ORDER BY j.id LIMIT %(limit)s FOR UPDATE OF j SKIP LOCKED
"""  # noqa: S608 -- constants of this module
_SAME = "theirs.jurisdiction = said.jurisdiction AND theirs.field = said.field"
WRITE_TURNED = f"""
    {first.WITH_SAID},
    held AS MATERIALIZED (
        SELECT j.id, j.subject, j.owner, j.category, j.judged_at, t.*
        FROM compliance_judgement j JOIN {_TURNED} ON t.profile = j.profile WHERE j.id = ANY(%(held)s)
    ),
    theirs AS MATERIALIZED (
        SELECT f.id, f.subject, f.jurisdiction, f.field FROM compliance_finding f
        WHERE f.state = 'open' AND f.rule = %(rule)s AND f.subject = ANY(ARRAY(SELECT subject FROM held))
    ),
    closed AS (
        UPDATE compliance_finding f
        SET state = 'closed', closed_at = %(now)s, last_seen_at = coalesce(held.judged_at, f.last_seen_at)
        FROM theirs JOIN held USING (subject)
        WHERE f.id = theirs.id AND NOT EXISTS (SELECT FROM said WHERE said.pattern = held.pattern AND {_SAME})
    ),
    refreshed AS (
        UPDATE compliance_finding f
        SET ({first.SAID}, rule_version, last_seen_at) = ({first.OF_SAID}, %(version)s, %(now)s)
        FROM theirs JOIN held USING (subject) JOIN said USING (pattern)
        WHERE f.id = theirs.id AND {_SAME} AND ({first.OF_FOUND}) IS DISTINCT FROM ({first.OF_SAID})
    ),
    opened AS (
        INSERT INTO compliance_finding (
            subject, owner, category, {first.SAID}, rule_version, state, first_seen_at, last_seen_at)
        SELECT held.subject, held.owner, held.category, {first.OF_SAID}, %(version)s, 'open', %(now)s, %(now)s
        FROM held JOIN said USING (pattern)
        WHERE NOT EXISTS (SELECT FROM theirs WHERE theirs.subject = held.subject AND {_SAME})
    )
    UPDATE compliance_judgement j SET
        sell = coalesce(held.sell, j.sell), notice = coalesce(held.notice, j.notice),
        blocked = coalesce(held.blocked, j.blocked), outcome = held.now, open_findings = j.open_findings + held.more, rulebook_version = %(version)s,
        facts_digest = '', judged_for = %(day)s, judged_at = %(now)s
    FROM held WHERE j.id = held.id
"""  # noqa: S608 -- constants of this module
