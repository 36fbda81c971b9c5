"""Reading measures and appeals, and putting statements of reasons into words and into the public form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext

from compliance import rulebook
from compliance.checks.queries import language_name, market_name
from compliance.checks.registry import Described, describe
from compliance.enforcement.models import Appeal, Measure
from compliance.enforcement.statements import Stated, as_submission
from compliance.rulebook import duties

PAGE = 50
AT_ONCE = 100  # statements the public database takes at a time


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a measure in the reader's language."""

    rule: str
    what: str
    fix: str
    cites: tuple[Mapping[str, str], ...]


def measures(*, owners: Collection[str] | None = None, state: str = "", last: int = 0) -> list[Measure]:
    """Return a page of measures, the newest first, one more than `PAGE` if there is another.

    `state`: "open", "lifted", "appealed" (waiting for a decision), "" for all. `last` is the last pk seen.
    """
    rows = Measure.objects.prefetch_related(Prefetch("appeals", Appeal.objects.order_by("pk")))
    if owners is not None:
        rows = rows.filter(owner__in=list(owners))
    if state == "open":
        rows = rows.filter(lifted_at=None)
    elif state == "lifted":
        rows = rows.exclude(lifted_at=None)
    elif state == "appealed":
        rows = rows.filter(appeals__state=Appeal.State.OPEN)
    if last:
        rows = rows.filter(pk__lt=last)
    return list(rows.order_by("-pk")[: PAGE + 1])


def find_measure(public_id: str, *, owners: Collection[str] | None = None) -> Measure | None:
    """Return a measure, None if there is none (of these merchants)."""
    rows = Measure.objects.filter(public_id=public_id)
    rows = rows if owners is None else rows.filter(owner__in=list(owners))
    return rows.prefetch_related(
        Prefetch("appeals", Appeal.objects.select_related("filed_by", "decided_by").order_by("pk"))
    ).first()


def stopped_since(subject: str, market: str, *, right: str) -> datetime | None:
    """Return since when a subject is not sold in a market because of law about a right; None if it is not. One query."""
    rows = Measure.objects.filter(
        subject=subject, step=Measure.Step.BLOCK, lifted_at=None, still_in__contains=[market]
    )
    known = rulebook.default().rules
    for taken_at, rules in rows.order_by("taken_at", "pk").values_list("taken_at", "rules"):
        if any(known[rule].right == right for rule in rules if rule in known):
            return taken_at
    return None


def waiting_appeals() -> QuerySet[Appeal]:
    """Return the appeals that wait for a decision, the most urgent first."""
    return Appeal.objects.filter(state=Appeal.State.OPEN).select_related("measure").order_by("due_on", "pk")


def reasons_of(measure: Measure) -> list[Reason]:
    """Return the reasons of a measure as they were, in the active language."""
    return [
        Reason(
            rule=fact["rule"],
            what=_say(fact["what"], fact["params"]),
            fix=_say(fact["fix"], fact["params"]),
            cites=tuple(fact["cites"]),
        )
        for fact in measure.facts
    ]


def _say(text: str, params: Mapping[str, Any]) -> str:
    return duties.sentence(text, params, gettext, language_name, market_name)


def submissions(rows: Sequence[Measure]) -> list[dict[str, Any]]:
    """Return statements for the public database, at most `AT_ONCE`; those outside the Area are left out."""
    known = describe(row.subject for row in rows)
    found = (as_submission(_stated(row, known.get(row.subject))) for row in rows)
    return [body for body in found if body is not None][:AT_ONCE]


def _stated(measure: Measure, who: Described | None) -> Stated:
    reasons = reasons_of(measure)
    grounds = dict.fromkeys(f"{cite['act']}, {cite['at']}" for one in reasons for cite in one.cites)
    taken_on = measure.taken_at.date()
    return Stated(
        puid=measure.public_id,
        markets=tuple(measure.taken_in),
        rules=tuple(measure.rules),
        grounds=tuple(grounds),
        explanation=" ".join(one.what for one in reasons),
        gtin=who.gtin if who else "",
        language=who.language if who else "en",
        content_on=(who.shown_since if who else None) or taken_on,
        taken_on=taken_on,
        ended_on=measure.lifted_at.date() if measure.lifted_at else None,
        is_trader=who.is_trader if who else True,
        is_suspension=measure.is_suspension,
        is_limit=measure.is_limit,
    )
