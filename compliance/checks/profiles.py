"""Keeping profiles: one row for all subjects that every duty judges alike, with what the latest law says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any

from django.db import connection

from compliance.checks.models import LawReading
from compliance.checks.models import Profile as Row
from compliance.checks.outcomes import Outcomes
from compliance.rulebook.profiles import Profile, Reading
from marketplace.kernel import bulk

CHUNK = 20_000


def keep_profiles(found: Mapping[str, tuple[Profile, str]], reading: Reading) -> dict[str, int]:
    """Make sure that these profiles (and outcomes) are kept, by digest; return their numbers. At most four queries.

    A profile that is known keeps the outcome it has: the sweep that changed the law's outcome moves its subjects too.
    """
    if not found:
        return {}
    keep_reading(reading)
    numbers = _numbers(found)
    new = [
        {
            "digest": digest,
            "reading": reading.digest,
            "groups": list(profile.groups),
            "seen": profile.text,
            "outcome": outcome,
        }
        for digest, (profile, outcome) in sorted(found.items())
        if digest not in numbers
    ]
    bulk.insert(Row, new, skip_known=True)
    return numbers | (_numbers({one["digest"] for one in new}) if new else {})


def _numbers(digests: Mapping[str, Any] | Set[str]) -> dict[str, int]:
    return dict(Row.objects.filter(digest__in=list(digests)).values_list("digest", "pk"))


def keep_reading(reading: Reading) -> None:
    """Make sure that it is on record what a reading looks at."""
    bulk.insert(LawReading, [{"digest": reading.digest, "said": reading.said}], skip_known=True)


def refresh(law: Outcomes, groups: Set[str] | None = None) -> int:
    """Write what a law says of every profile, or of those of some duty groups; return how many it says otherwise of.

    Each chunk is a transaction of its own; memory does not grow with the profiles. A profile that knows too little
    for this law gets no outcome, so that its subjects are read again.
    """
    keep_reading(law.reading)
    blind = _Blind(law.reading)
    changed, last = 0, 0
    while rows := _next(last, groups):
        outcomes = [
            (pk, "" if blind.is_blind(reading, of) else law.of(of, json.loads(seen)), was, reading)
            for pk, reading, of, seen, was in rows
        ]
        news = [(pk, outcome) for pk, outcome, was, _ in outcomes if outcome != was]
        _write(news)
        _trust([pk for pk, outcome, _, reading in outcomes if outcome and reading != law.reading.digest], law)
        changed, last = changed + len(news), rows[-1][0]
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


def _next(last: int, groups: Set[str] | None) -> list[tuple[int, str, list[str], str, str]]:
    among = "" if groups is None else "AND groups && %(groups)s::varchar[]"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, reading, groups, seen, outcome FROM compliance_profile WHERE id > %(last)s {among}"  # noqa: S608
            " ORDER BY id LIMIT %(limit)s",
            {"last": last, "limit": CHUNK, "groups": sorted(groups or ())},
        )
        return cursor.fetchall()


def _write(news: list[tuple[int, str]]) -> None:
    if news:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE compliance_profile p SET outcome = n.outcome"
                " FROM unnest(%s::bigint[], %s::text[]) n(id, outcome) WHERE p.id = n.id",
                [[pk for pk, _ in news], [outcome for _, outcome in news]],
            )


def _trust(ids: list[int], law: Outcomes) -> None:
    """A profile that knows enough for the present reading is of that reading from now on."""
    if ids:
        Row.objects.filter(pk__in=ids).update(reading=law.reading.digest)


def drop_unused() -> int:
    """Remove profiles that no subject has any more; return how many. A judgement that loses its profile is read again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM compliance_profile p WHERE NOT EXISTS"
            " (SELECT FROM compliance_judgement j WHERE j.profile = p.id)"
        )
        return cursor.rowcount
