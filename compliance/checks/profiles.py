"""Keeping profiles: one row for all subjects that every duty judges alike, with what the latest law says of it.

`ProfiledLaw` says by which law the profiles are judged. Another law is compared with it duty by duty, and only what
the duties that changed say is looked at again; the rest of an outcome stands. Which rules are being looked at is on
record before the first profile is written, so a change that breaks off is taken up again by the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from django.db import connection, transaction

from compliance.checks.models import LawReading, ProfiledLaw
from compliance.checks.models import Profile as Row
from compliance.checks.outcomes import Outcomes, Part, Parts, outcome_of
from compliance.rulebook.profiles import Profile, Reading
from marketplace.kernel import bulk

CHUNK = 4_000  # profiles judged in one transaction
RANGE = 50_000  # numbers of profiles whose facts are grouped together
FEW = 12  # rules that are looked at one by one; more, and each profile is judged by the whole law
ALL = "*"


def keep_profiles(found: Mapping[str, tuple[Profile, str]], law: Outcomes) -> dict[str, int]:
    """Make sure that these profiles (and outcomes by a law) are kept, by digest; return their numbers.

    At most five queries; the caller's transaction holds the law in share. A profile that is known keeps the outcome
    it has: the sweep that changes it brings up its subjects too. One that knew too little for the law gets its own.
    """
    if not found:
        return {}
    known = _known(found)
    numbers = {digest: pk for digest, (pk, outcome) in known.items() if outcome}
    new = {digest: found[digest] for digest in sorted(found.keys() - numbers.keys())}
    if not new:
        return numbers
    keep_reading(law.reading)
    is_current = is_held(law)
    rows = [
        {
            "digest": digest,
            "reading": law.reading.digest,
            "groups": list(profile.groups),
            "seen": profile.seen,
            "outcome": outcome,
            "missed": law.parts(profile.groups, profile.seen),
            "is_current": is_current,
        }
        for digest, (profile, outcome) in new.items()
    ]
    bulk.insert(Row, rows, skip_known=True)
    _see([row for row in rows if row["digest"] in known])
    return numbers | {digest: pk for digest, (pk, _) in _known(new).items()}


def _known(digests: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = Row.objects.filter(digest__in=list(digests)).values_list("digest", "pk", "outcome")
    return {digest: (pk, outcome) for digest, pk, outcome in rows}


def _see(rows: Sequence[Mapping[str, Any]]) -> None:
    """Give profiles that knew too little what was found of them."""
    if rows:
        held = Row.objects.select_for_update().filter(digest__in=[row["digest"] for row in rows], outcome="")
        pks = dict(held.order_by("pk").values_list("digest", "pk"))
        names = ("reading", "outcome", "missed", "is_current")
        bulk.update(
            Row,
            [
                {"id": pks[row["digest"]], **{name: row[name] for name in names}}
                for row in rows
                if row["digest"] in pks
            ],
        )


def keep_reading(reading: Reading) -> None:
    """Make sure that it is on record what a reading looks at."""
    bulk.insert(LawReading, [{"digest": reading.digest, "said": reading.said}], skip_known=True)


def is_held(law: Outcomes, turn: int | None = None) -> bool:
    """Hold the law of the profiles in share until the transaction ends; return whether it is this one, or this turn's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, turn FROM compliance_profiledlaw FOR SHARE")
        key, now = cursor.fetchone() or ("", 0)
    return key == law.key and turn in (None, now)


# -- another law


def refresh(law: Outcomes) -> Iterator[list[int]]:
    """Write what a law says of every profile; yield the numbers of those it says otherwise of, as they are written.

    Each chunk is a transaction of its own; memory does not grow with the profiles. A profile that knows too little
    for this law gets no outcome, so that its subjects are read again. Ends early if another law is taken up meanwhile.
    """
    turn, unsure = _take_up(law)
    if ALL in unsure or len(unsure) > FEW:
        yield from _judge(law, turn, everything=True)
    else:
        for rule, groups in sorted(unsure.items()):
            yield from _judge_rule(law, turn, rule, groups)
        yield from _judge(law, turn, everything=False)
    ProfiledLaw.objects.filter(turn=turn).update(unsure=[])


@transaction.atomic
def _take_up(law: Outcomes) -> tuple[int, dict[str, frozenset[str]]]:
    """Put a law on record as that of the profiles; return its turn and the rules to look at, with their groups so far."""
    keep_reading(law.reading)
    blank = {"id": 1, "key": "", "base": "", "reading": "", "lines": {}, "unsure": [], "turn": 0}
    bulk.insert(ProfiledLaw, [blank], skip_known=True)
    before = ProfiledLaw.objects.select_for_update().get()
    if before.key != law.key:
        new = {line: [duty.rule.id, sorted(duty.rule.groups)] for line, duty in law.lines.items()}
        changed = [(before.lines.get(line) or new[line]) for line in before.lines.keys() ^ new.keys()]
        unsure = _merged([*before.unsure, *changed, *([] if before.base == law.base else [[ALL, []]])])
        if before.reading != law.reading.digest:
            _doubt(law.reading, before.reading)
        before.turn, before.unsure, before.lines = before.turn + 1, unsure, new
        before.key, before.base, before.reading = law.key, law.base, law.reading.digest
        before.save()
    return before.turn, {rule: frozenset(groups) for rule, groups in before.unsure}


def _merged(rules: Iterable[Sequence[Any]]) -> list[list[Any]]:
    groups: dict[str, set[str]] = {}
    for rule, of in rules:
        groups.setdefault(rule, set()).update(of)
    return [[rule, sorted(of)] for rule, of in sorted(groups.items())]


def _doubt(now: Reading, before: str) -> None:
    """Have profiles of an earlier reading looked at whose groups are seen otherwise now."""
    row = LawReading.objects.filter(pk=before).first()
    blind = now.blind_groups(row.said if row else {})
    if blind:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE compliance_profile SET is_current = false"
                " WHERE is_current AND reading <> %s AND groups && %s::varchar[]",
                [now.digest, sorted(blind)],
            )


# -- by the whole law


def _judge(law: Outcomes, turn: int, *, everything: bool) -> Iterator[list[int]]:
    """Judge all profiles, or those that are not judged by the law on record."""
    blind, last = _Blind(law.reading), 0
    while True:
        with transaction.atomic():
            if not is_held(law, turn):
                return
            rows = _next(last, everything)
            changed = _judge_rows(rows, law, blind)
        if changed:
            yield changed
        if not rows:
            return
        last = rows[-1][0]


def _judge_rows(rows: Sequence[tuple[Any, ...]], law: Outcomes, blind: _Blind) -> list[int]:
    """Write what a law says of these profiles; return the numbers of those it says otherwise of."""
    news, changed = [], []
    for pk, reading, of, seen, was, found, is_current in rows:
        # A profile that is current was looked at by whoever took the reading up.
        if not is_current and blind.is_blind(reading, of):
            outcome, parts, is_now = "", {}, False
        else:
            facts = json.loads(seen)
            outcome, parts, is_now = law.of(of, facts), law.parts(of, facts), True
        if outcome != was:
            changed.append(pk)
        # Equal outcomes may be made of other parts, from which single rules are replaced later.
        if (outcome, parts, is_now) != (was, json.loads(found), is_current):
            news.append({"id": pk, "outcome": outcome, "missed": parts, "is_current": is_now})
    _write(news)
    sure = [one["id"] for one in news if one["is_current"]]
    if sure:
        Row.objects.filter(pk__in=sure).exclude(reading=law.reading.digest).update(reading=law.reading.digest)
    return changed


class _Blind:
    """Which profiles of earlier readings know too little for the present one."""

    def __init__(self, now: Reading) -> None:
        self.now = now
        self.before: dict[str, frozenset[str]] = {now.digest: frozenset()}

    def is_blind(self, reading: str, groups: list[str]) -> bool:
        if reading not in self.before:
            row = LawReading.objects.filter(pk=reading).first()
            self.before[reading] = self.now.blind_groups(row.said if row else {})
        return not self.before[reading].isdisjoint(groups)


def _next(last: int, everything: bool) -> list[tuple[Any, ...]]:
    among = "" if everything else "AND NOT is_current"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, reading, groups, seen, outcome, missed, is_current FROM compliance_profile WHERE id > %s {among}"  # noqa: S608
            " ORDER BY id LIMIT %s",
            [last, CHUNK],
        )
        return cursor.fetchall()


def _write(news: Sequence[Mapping[str, Any]]) -> None:
    """Write profiles, locked in the order of their numbers."""
    if news:
        list(
            Row.objects.select_for_update()
            .filter(pk__in=[one["id"] for one in news])
            .order_by("pk")
            .values_list("pk")
        )
        bulk.update(Row, news)


# -- by one rule

_WHERE = "is_current AND id > %(last)s AND id <= %(last)s + %(range)s"


def _judge_rule(law: Outcomes, turn: int, rule: str, before: Set[str]) -> Iterator[list[int]]:
    """Look at one rule again in all profiles that it concerns, or did: its facts are grouped, equal ones judged once."""
    duties = law.duties_of(rule)
    groups = frozenset(group for duty in duties for group in duty.rule.groups)
    for start in range(0, _highest(), RANGE):
        news = []
        for ids, was, of, seen in _looked_at(law, rule, groups, start):
            part = law.part(rule, of, seen)
            if part != was:
                news.append((ids, part))
        if not groups >= before:
            news += [(ids, []) for ids in _left(rule, groups, start)]
        yield from _replace(law, turn, rule, news)


def _highest() -> int:
    return Row.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _looked_at(
    law: Outcomes, rule: str, groups: Set[str], start: int
) -> Iterator[tuple[list[int], Part, list[str], dict[str, Any]]]:
    """Yield profiles alike to a rule: their numbers, what it found so far, their groups if it asks, and facts."""
    if not groups:
        return
    names = law.names_of(rule)
    columns = ["groups" if law.reads_groups(rule) else "NULL::varchar[]"]
    columns += [f"seen -> %(n{at})s" for at in range(len(names))]
    values = {f"n{at}": name for at, name in enumerate(names)}
    among = "" if "ALL" in groups else "AND groups && %(groups)s::varchar[]"
    statement = (
        f"SELECT array_agg(id), missed -> %(rule)s, {', '.join(columns)} FROM compliance_profile"  # noqa: S608
        f" WHERE {_WHERE} {among} GROUP BY {', '.join(map(str, range(2, len(columns) + 3)))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement, values | {"rule": rule, "groups": sorted(groups), "last": start, "range": RANGE}
        )
        for ids, was, of, *rest in cursor.fetchall():
            seen = {
                name: json.loads(value) for name, value in zip(names, rest, strict=True) if value is not None
            }
            yield ids, json.loads(was) if was else [], of or [], seen


def _left(rule: str, groups: Set[str], start: int) -> list[list[int]]:
    """Return profiles in which a rule found something that concerns them no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg(id) FROM compliance_profile"  # noqa: S608
            f" WHERE {_WHERE} AND missed ? %(rule)s AND NOT groups && %(groups)s::varchar[] HAVING count(*) > 0",
            {"rule": rule, "groups": sorted(groups), "last": start, "range": RANGE},
        )
        return [row[0] for row in cursor.fetchall()]


def _replace(
    law: Outcomes, turn: int, rule: str, news: Sequence[tuple[list[int], Part]]
) -> Iterator[list[int]]:
    """Write what a rule finds now into profiles; yield the numbers of those whose outcome changed."""
    parts = {pk: part for ids, part in news for pk in ids}
    ordered = sorted(parts)
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        with transaction.atomic():
            if not is_held(law, turn):
                return
            rows = Row.objects.select_for_update().filter(pk__in=some, is_current=True).order_by("pk")
            changed = []
            for pk, outcome, missed in rows.values_list("pk", "outcome", "missed"):
                missed = _with(missed, rule, parts[pk])
                changed.append((pk, outcome, {"id": pk, "outcome": outcome_of(missed), "missed": missed}))
            bulk.update(Row, [new for _, _, new in changed])
        moved = [pk for pk, outcome, new in changed if new["outcome"] != outcome]
        if moved:
            yield moved


def _with(missed: Parts, rule: str, part: Part) -> dict[str, Part]:
    """Return the parts of an outcome with that of one rule replaced."""
    return {key: value for key, value in {**missed, rule: part}.items() if value}


def drop_unused() -> int:
    """Remove profiles that no subject has any more; return how many. A judgement that loses its profile is read again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM compliance_profile p WHERE NOT EXISTS"
            " (SELECT FROM compliance_judgement j WHERE j.profile = p.id)"
        )
        return cursor.rowcount
