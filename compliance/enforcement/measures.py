"""Taking and lifting measures as judgements change; called inside the transaction of the judgement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from compliance.checks.models import Finding
from compliance.enforcement.models import Exemption, Measure
from compliance.events import MeasuresTaken
from compliance.rulebook import types
from compliance.rulebook.book import Rulebook
from compliance.rulebook.periods import add_months
from compliance.rulebook.types import Cite, Severity
from marketplace.kernel import outbox

FALLBACK_MONTHS = 6  # where no market of the measure has a term of its own we give what the Union's law gives


@dataclass(frozen=True, slots=True)
class Turn:
    """A subject whose judgement changed: where it could be sold before and can be sold now, and what stops it."""

    subject: str
    owner: str
    category: str
    before: Collection[str]
    after: Collection[str]
    stopping: Mapping[str, Sequence[types.Finding]]  # by market that is blocked now


def record(turns: Iterable[Turn], *, book: Rulebook, now: datetime) -> list[Measure]:
    """Take a measure for every subject that lost markets, lift what has lost its cause; return those taken.

    What was never shown somewhere is not taken away from there: no measure, only findings.
    """
    turns = list(turns)
    _lift(turns, now)
    taken = [measure for turn in turns if (measure := _measure(turn, book, now)) is not None]
    Measure.objects.bulk_create(taken, batch_size=500)
    owners: dict[str, list[int]] = {}
    for measure in taken:
        owners.setdefault(measure.owner, []).append(measure.pk)
    for owner, ids in sorted(owners.items()):
        outbox.publish(MeasuresTaken(owner=owner, measures=tuple(ids)))
    return taken


def _measure(turn: Turn, book: Rulebook, now: datetime) -> Measure | None:
    lost = sorted(set(turn.before) - set(turn.after))
    if not lost:
        return None
    findings = _stopping(turn, lost)
    return Measure(
        subject=turn.subject,
        owner=turn.owner,
        category=turn.category,
        taken_in=lost,
        still_in=lost,
        rules=sorted({finding.rule for finding in findings}),
        facts=[reason_of(finding, finding.cites) for finding in findings],
        rulebook_version=book.version,
        taken_at=now,
        appeal_until=add_months(now.date(), complaint_months(book, now.date(), lost)),
    )


def _stopping(turn: Turn, lost: Iterable[str]) -> list[types.Finding]:
    found: dict[tuple[str, str], types.Finding] = {}
    for market in lost:
        for finding in turn.stopping.get(market, ()):
            if finding.severity is Severity.BLOCK:
                found.setdefault((finding.rule, finding.field), finding)
    return [found[key] for key in sorted(found)]


def reason_of(finding: types.Finding | Finding, cites: Iterable[Cite]) -> dict[str, Any]:
    """Return one reason as a statement keeps it, of a finding just made or of one kept in its row."""
    return {
        "rule": finding.rule,
        "field": finding.field,
        "what": finding.what,
        "fix": finding.fix,
        "params": dict(finding.params),
        "cites": [{"act": cite.act, "at": cite.at, "url": cite.url} for cite in cites],
    }


def complaint_months(book: Rulebook, today: date, markets: Iterable[str]) -> int:
    """Return the longest time that the law of one of these markets gives to complain."""
    rulings = [book.on(today).ruling("marketplace.complaint_window", market) for market in markets]
    return max((int(ruling.value) for ruling in rulings if ruling is not None), default=FALLBACK_MONTHS)


def _lift(turns: Iterable[Turn], now: datetime) -> None:
    """Give back what judgements give back; a measure that is left nowhere ends."""
    after = {turn.subject: set(turn.after) for turn in turns}
    rows = Measure.objects.select_for_update().filter(subject__in=list(after), lifted_at=None)
    rows = rows.filter(step=Measure.Step.BLOCK).order_by("pk")
    for measure in rows:
        left = [market for market in measure.still_in if market not in after[measure.subject]]
        if left != measure.still_in:
            measure.still_in = left
            measure.lifted_at = None if left else now
            measure.save(update_fields=["still_in", "lifted_at"])


def exempt_from(subjects: Collection[str]) -> dict[str, frozenset[tuple[str, str]]]:
    """Return the (rule, field) pairs that do not count against subjects. One query."""
    rows = Exemption.objects.filter(subject__in=list(subjects), ended_at=None)
    found: dict[str, set[tuple[str, str]]] = {}
    for subject, rule, field in rows.values_list("subject", "rule", "field"):
        found.setdefault(subject, set()).add((rule, field))
    return {subject: frozenset(pairs) for subject, pairs in found.items()}
