"""Limiting what a subject may show: it is sold on, but neither recommended nor promoted, with reasons and an end.

The step follows from a finding that has stood open for the days that the ladder gives (rulebook/ladder.yaml). It is
taken by a judgement or a sweep, and lifted by the judgement that finds the cause gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from compliance import rulebook
from compliance.checks.findings import cites_of
from compliance.checks.models import Finding, Judgement
from compliance.enforcement.measures import complaint_months, reason_of
from compliance.enforcement.models import Measure
from compliance.events import LimitsChanged, MeasuresTaken
from compliance.rulebook.ladder import Step, ladder
from compliance.rulebook.periods import add_months
from marketplace.kernel import outbox


def limited(subjects: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the markets in which subjects are limited now; those limited nowhere are left out. One query."""
    rows = Measure.objects.filter(subject__in=list(subjects), step=Measure.Step.LIMIT, lifted_at=None)
    found: dict[str, set[str]] = {}
    for subject, markets in rows.values_list("subject", "still_in"):
        found.setdefault(subject, set()).update(markets)
    return {subject: tuple(sorted(markets)) for subject, markets in found.items()}


@transaction.atomic
def settle(*, subjects: Iterable[str], now: datetime) -> tuple[int, int]:
    """Take the limits that are due against subjects, give back what has lost its cause; return (taken, lifted).

    The caller holds the locks of their judgements. Merchants as a whole are not its business. Three queries where
    nothing changes.
    """
    wanted = sorted({one for one in subjects if not one.startswith(("merchant:", "platform:"))})
    causes = _causes(wanted, now)
    before = limited(wanted)
    lifted = [row for row in _open(wanted) if _give_back(row, causes.get(row.subject, []), now)]
    taken = _take(causes, limited(wanted) if lifted else before, now)
    after = limited(wanted) if lifted or taken else before
    changed = sorted(one for one in before.keys() | after.keys() if before.get(one) != after.get(one))
    if changed:
        outbox.publish(LimitsChanged(subjects=tuple(changed)))
    return len(taken), sum(row.lifted_at is not None for row in lifted)


def _open(subjects: Collection[str]) -> Iterable[Measure]:
    rows = Measure.objects.select_for_update().filter(subject__in=subjects, step=Measure.Step.LIMIT)
    return list(rows.filter(lifted_at=None).order_by("pk"))


def _give_back(row: Measure, causes: Collection[Finding], now: datetime) -> bool:
    """Leave a limit only where one of its own causes is left; it ends where none is. Return whether it shrank."""
    said = {(fact["rule"], fact["field"]) for fact in row.facts}
    held = {market for one in causes if (one.rule, one.field) in said for market in one.markets}
    left = [market for market in row.still_in if market in held]
    if left == row.still_in:
        return False
    row.still_in, row.lifted_at = left, None if left else now
    row.save(update_fields=["still_in", "lifted_at"])
    return True


def _causes(subjects: Collection[str], now: datetime) -> dict[str, list[Finding]]:
    """Return the findings whose time is over, by subject."""
    steps = ladder()
    rows = Finding.objects.open().filter(_due(now), subject__in=subjects)
    found: dict[str, list[Finding]] = {}
    for row in rows.order_by("subject", "rule", "field"):
        rung = steps.rung(row.rule, row.severity, row.confidence)
        if rung.step is Step.LIMIT and row.first_seen_at + rung.after <= now:
            found.setdefault(row.subject, []).append(row)
    return found


def _take(
    causes: Mapping[str, list[Finding]], standing: Mapping[str, Collection[str]], now: datetime
) -> list[Measure]:
    """Take a limit where a cause stands, the subject is sold, and no limit holds yet."""
    sold = {row.subject: row.sellable_in for row in Judgement.objects.filter(subject__in=list(causes))}
    taken = [
        measure
        for subject, found in sorted(causes.items())
        if (measure := _measure(found, set(sold.get(subject, ())) - set(standing.get(subject, ())), now))
    ]
    Measure.objects.bulk_create(taken, batch_size=500)
    owners: dict[str, list[int]] = {}
    for measure in taken:
        owners.setdefault(measure.owner, []).append(measure.pk)
    for owner, ids in sorted(owners.items()):
        outbox.publish(MeasuresTaken(owner=owner, measures=tuple(ids)))
    return taken


def _measure(causes: list[Finding], free: set[str], now: datetime) -> Measure | None:
    """Return the limit that follows from causes in the markets that are free of one, None if it hits none."""
    counting = [one for one in causes if free.intersection(one.markets)]
    markets = sorted(free.intersection(market for one in counting for market in one.markets))
    if not markets:
        return None
    book = rulebook.default()
    return Measure(
        step=Measure.Step.LIMIT,
        subject=counting[0].subject,
        owner=counting[0].owner,
        category=counting[0].category,
        taken_in=markets,
        still_in=markets,
        rules=sorted({one.rule for one in counting}),
        facts=[reason_of(one, cites_of(one.rule, now.date(), book)) for one in counting],
        rulebook_version=book.version,
        taken_at=now,
        appeal_until=add_months(now.date(), complaint_months(book, now.date(), markets)),
    )


def standing_open(
    *, kind: str, after: str, most: int, now: datetime, since: datetime | None = None
) -> list[str]:
    """Return subjects of a kind of which something that can limit them has stood open long enough, in their order.

    With `since`, only those whose time ended after that instant. `settle` looks at each finding's own steps.
    """
    rows = Finding.objects.open().filter(_due(now, since), subject__startswith=f"{kind}:", subject__gt=after)
    return list(rows.order_by("subject").values_list("subject", flat=True).distinct()[:most])


def _due(now: datetime, since: datetime | None = None) -> Q:
    """Return the condition on findings that can limit, and whose time was over by now, and not by `since`."""
    steps = ladder()
    times = [
        (Q(severity=str(one)), rung) for one, rung in steps.severities.items() if rung.step is Step.LIMIT
    ]
    times += [(Q(rule=one), rung) for one, rung in steps.rules.items() if rung.step is Step.LIMIT]
    ended = Q(pk__in=[])
    for of, rung in times:
        from_then = Q() if since is None else Q(first_seen_at__gt=since - rung.after)
        ended |= of & Q(first_seen_at__lte=now - rung.after) & from_then
    return ended & Q(due_on=None) & ~Q(confidence="knowledge")


def due_from(finding: Finding) -> datetime | None:
    """Return the instant from which a limit follows from an open finding, None if none ever does."""
    rung = ladder().rung(finding.rule, finding.severity, finding.confidence)
    return finding.first_seen_at + rung.after if rung.step is Step.LIMIT and finding.due_on is None else None
