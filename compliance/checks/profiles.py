"""Keeping profiles: one row for all subjects that every duty judges alike, with what the latest law says of it.

`ProfiledLaw` says by which law the profiles are judged. Another law is compared with it duty by duty, and only what
the duties that changed say is looked at again; the rest of an outcome stands. Which rules are being looked at is on
record before the first profile is written, so a change that breaks off is taken up again by the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from compliance.checks import by_rule
from compliance.checks.facets import facets_of, with_places
from compliance.checks.models import LawReading, ProfiledLaw
from compliance.checks.models import Profile as Row
from compliance.checks.outcomes import Outcomes
from compliance.checks.profiled_law import hold, is_held, places
from compliance.rulebook.profiles import Profile, Reading
from marketplace.kernel import bulk

CHUNK = 4_000  # profiles judged in one transaction
FEW = 30  # rules that are looked at one by one; more, and each profile is judged by the whole law
ALL = "*"


def keep_profiles(found: Mapping[str, tuple[Profile, str]], law: Outcomes) -> tuple[dict[str, int], bool]:
    """Make sure that these profiles (and outcomes by a law) are kept, by digest; return their numbers.

    And whether the profiles are judged by another law: then it is for the caller to have their subjects judged again,
    as the follower of that law may have passed by already.

    At most seven queries; the caller's transaction holds the law in share, so that none of them is removed. A profile
    that is known keeps the outcome it has: the sweep that changes it brings up its subjects too. One that knew too
    little for the law gets its own.
    """
    if not found:
        return {}, False
    held, _ = hold()
    is_current, is_other = held == law.key, held not in ("", law.key)
    known = _known(found)
    numbers = {digest: pk for digest, (pk, outcome) in known.items() if outcome}
    new = {digest: found[digest] for digest in sorted(found.keys() - numbers.keys())}
    if not new:
        return numbers, is_other
    keep_reading(law.reading)
    order = places()
    rows = [
        {
            "digest": digest,
            "reading": law.reading.digest,
            "groups": list(profile.groups),
            "seen": profile.seen,
            "facets": facets_of(profile.seen, order),
            "outcome": outcome,
            "missed": law.parts(profile.groups, profile.seen),
            "is_current": is_current,
        }
        for digest, (profile, outcome) in new.items()
    ]
    bulk.insert(Row, rows, skip_known=True)
    _see([row for row in rows if row["digest"] in known])
    return numbers | {digest: pk for digest, (pk, _) in _known(new).items()}, is_other


def _known(digests: Iterable[str]) -> dict[str, tuple[int, str]]:
    rows = Row.objects.filter(digest__in=list(digests)).values_list("digest", "pk", "outcome")
    return {digest: (pk, outcome) for digest, pk, outcome in rows}


def _see(rows: Sequence[Mapping[str, Any]]) -> None:
    """Give profiles that knew too little what was found of them."""
    if rows:
        held = Row.objects.select_for_update().filter(digest__in=[row["digest"] for row in rows], outcome="")
        pks = dict(held.order_by("pk").values_list("digest", "pk"))
        names = ("reading", "facets", "outcome", "missed", "is_current")
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


# -- another law


def refresh(law: Outcomes) -> Iterator[by_rule.Moved]:
    """Write what a law says of every profile; yield those it says otherwise of, as they are written.

    Each chunk is a transaction of its own; memory does not grow with the profiles. A profile that knows too little
    for this law gets no outcome, so that its subjects are read again. Ends early if another law is taken up meanwhile.
    """
    turn, unsure = _take_up(law)
    if ALL in unsure or len(unsure) > FEW:
        yield from _judge(law, turn, everything=True)
    else:
        for rule, groups in sorted(unsure.items()):
            yield from by_rule.judge(law, turn, rule, groups)
        yield from _judge(law, turn, everything=False)
    ProfiledLaw.objects.filter(turn=turn).update(unsure=[])


@transaction.atomic
def _take_up(law: Outcomes) -> tuple[int, dict[str, frozenset[str]]]:
    """Put a law on record as that of the profiles; return its turn and the rules to look at, with their groups so far."""
    keep_reading(law.reading)
    blank = {
        "id": 1, "key": "", "base": "", "reading": "", "lines": {}, "unsure": [], "turn": 0, "places": [],
    }  # fmt: skip
    bulk.insert(ProfiledLaw, [blank], skip_known=True)
    before = ProfiledLaw.objects.select_for_update().get()
    if before.unsure:  # the last one was not followed to its end, or somebody is at it still
        before.turn, before.is_compared = before.turn + 1, False
        before.save()
    if before.key != law.key:
        new = {line: [duty.rule.id, sorted(duty.rule.groups)] for line, duty in law.lines.items()}
        changed = [(before.lines.get(line) or new[line]) for line in before.lines.keys() ^ new.keys()]
        unsure = _merged([*before.unsure, *changed, *([] if before.base == law.base else [[ALL, []]])])
        if before.reading != law.reading.digest:
            _doubt(law.reading, before.reading)
        before.turn, before.unsure, before.lines = before.turn + 1, unsure, new
        before.key, before.base, before.reading = law.key, law.base, law.reading.digest
        before.places = with_places(before.places, law.reading.looks)
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


def _judge(law: Outcomes, turn: int, *, everything: bool) -> Iterator[by_rule.Moved]:
    """Judge all profiles, or those that are not judged by the law on record."""
    blind, last, order = _Blind(law.reading), 0, places()
    while True:
        with transaction.atomic():
            if not is_held(law, turn):
                return
            rows = _next(last, everything)
            changed = _judge_rows(rows, law, blind, order)
        if changed:
            yield by_rule.Moved(changed)
        if not rows:
            return
        last = rows[-1][0]


def _judge_rows(
    rows: Sequence[tuple[Any, ...]], law: Outcomes, blind: _Blind, order: Sequence[str]
) -> list[int]:
    """Write what a law says of these profiles; return the numbers of those it says otherwise of."""
    news, changed = [], []
    for pk, reading, of, seen, was, found, is_current in rows:
        # A profile that is current was looked at by whoever took the reading up.
        facts = json.loads(seen)
        is_blind = not is_current and blind.is_blind(reading, of)
        outcome, parts = ("", {}) if is_blind else law.both(of, facts)
        if outcome != was:
            changed.append(pk)
        # Equal outcomes may be made of other parts, from which single rules are replaced later.
        if (outcome, parts, not is_blind) != (was, json.loads(found), is_current):
            facets = facets_of(facts, order)
            said = {"outcome": outcome, "missed": parts, "is_current": not is_blind}
            news.append(
                {"id": pk, "reading": reading if is_blind else law.reading.digest, "facets": facets} | said
            )
    _write(news)
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


def drop_unused() -> int:
    """Remove profiles that no subject has any more; return how many.

    They are looked for without a lock; removed are those of them that nobody has while the law is held alone, as who
    gives a subject its profile holds it in share from before it reads the profile.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p.id FROM compliance_profile p WHERE {_NOBODYS} ORDER BY p.id")  # noqa: S608
        found = [pk for (pk,) in cursor.fetchall()]
    return sum(_drop(found[start : start + CHUNK]) for start in range(0, len(found), CHUNK))


_NOBODYS = "NOT EXISTS (SELECT FROM compliance_judgement j WHERE j.profile = p.id)"


@transaction.atomic
def _drop(pks: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM compliance_profiledlaw FOR UPDATE")
        cursor.execute(f"DELETE FROM compliance_profile p WHERE p.id = ANY(%s) AND {_NOBODYS}", [pks])  # noqa: S608
        return cursor.rowcount
