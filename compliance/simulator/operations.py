"""Running a simulation in chunks, and queueing the notices it calls for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from compliance.checks.models import Finding
from compliance.checks.registry import KINDS, id_of, subject_of
from compliance.edition import queries as edition
from compliance.events import LawNoticeDue
from compliance.rulebook import duties
from compliance.rulebook.book import Rulebook
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Severity
from compliance.simulator.models import Effect, LawNotice, SalesShare, Simulation
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound

CHUNK = 200
HORIZON = timedelta(days=3650)
REMINDERS = (30, 7)  # days before a duty begins to bind
KIND = "listing"


@transaction.atomic
def start_simulation(
    *, on: date, user_id: int | None, now: datetime, drafts: Mapping[str, str] | None = None
) -> Simulation:
    """Open a simulation of the law of a day, with drafts of rule files (rule id → text) if given.

    Raises BookRefused for drafts that are no rule files, Invalid for a day in the past.
    """
    today = now.date()
    if not today <= on <= today + HORIZON:
        raise Invalid("Choose a day from today on, at most ten years ahead.", field="on")
    drafts = dict(drafts or {})
    before, after = (edition.book_in_use(), today), (edition.book_with(drafts), on)
    rules = duties.rules_between(before, after, selling_markets())
    groups = duties.groups_between(before, after, selling_markets())
    return Simulation.objects.create(
        on=on, compared_with=today, drafts=drafts, rulebook_version=after[0].version, rules=sorted(rules),
        groups=sorted(groups), total=_count(groups), started_by_id=user_id, started_at=now,
    )  # fmt: skip


def run_simulation(*, simulation_id: int, now: datetime, chunks: int | None = None) -> Simulation:
    """Take a simulation further, to its end unless `chunks` says otherwise. Safe to repeat after a crash."""
    simulation = Simulation.objects.get(pk=simulation_id)
    while simulation.state == Simulation.State.RUNNING and (chunks is None or chunks > 0):
        simulation = _run_chunk(simulation_id, now)
        chunks = None if chunks is None else chunks - 1
    return simulation


@transaction.atomic
def cancel_simulation(*, simulation_id: int, now: datetime) -> Simulation:
    """Stop a simulation; what it found so far stays."""
    simulation = _locked(simulation_id)
    if simulation.state == Simulation.State.RUNNING:
        simulation.state, simulation.finished_at = Simulation.State.CANCELLED, now
        simulation.save(update_fields=["state", "finished_at"])
    return simulation


def _locked(simulation_id: int) -> Simulation:
    found = Simulation.objects.select_for_update().filter(pk=simulation_id).first()
    if found is None:
        raise NotFound(field="simulation")
    return found


@transaction.atomic
def _run_chunk(simulation_id: int, now: datetime) -> Simulation:
    simulation = _locked(simulation_id)
    if simulation.state != Simulation.State.RUNNING:
        return simulation
    ids = list(KINDS[KIND].all_ids(simulation.cursor, CHUNK, frozenset(simulation.groups)))
    if ids and simulation.groups:
        effects = _effects(simulation, ids)
        Effect.objects.bulk_create(effects)
        simulation.cursor = ids[-1]
        simulation.looked_at += len(ids)
        simulation.broken += sum(bool(effect.lost) for effect in effects)
    else:
        simulation.state, simulation.finished_at = Simulation.State.DONE, now
    simulation.save()
    return simulation


def _effects(simulation: Simulation, ids: Sequence[str]) -> list[Effect]:
    before = (edition.book_in_use(), simulation.compared_with)
    after = (edition.book_with(simulation.drafts), simulation.on)
    kind = KINDS[KIND]
    facts = (kind.peek_many or kind.facts_of_many)(ids)
    found = [_effect(simulation, one, record, before, after) for one, record in sorted(facts.items())]
    effects = [effect for effect in found if effect is not None]
    sales = _sales_of([effect.subject for effect in effects])
    for effect in effects:
        effect.sales_minor = sum(sales.get((effect.subject, market), 0) for market in effect.lost)
    return effects


def _effect(
    simulation: Simulation,
    one: str,
    facts: Mapping[str, Any],
    before: tuple[Rulebook, date],
    after: tuple[Rulebook, date],
) -> Effect | None:
    now = duties.judge(facts, before[0], on=before[1])
    then = duties.judge(facts, after[0], on=after[1])
    lost = [market for market in now.markets if _sells(now, market) and not _sells(then, market)]
    gained = [market for market in now.markets if not _sells(now, market) and _sells(then, market)]
    if not lost and not gained:
        return None
    rules = {
        finding.rule
        for market in lost
        for finding in then.markets[market].findings
        if finding.severity is Severity.BLOCK
    }
    return Effect(
        simulation=simulation,
        subject=subject_of(KIND, one),
        owner=(facts.get("merchant") or {}).get("public_id") or "",
        lost=lost,
        gained=gained,
        rules=sorted(rules),
    )


def _sells(judged: duties.Judged, market: str) -> bool:
    return str(judged.markets[market].verdict) != "blocked"


def _sales_of(subjects: Sequence[str]) -> dict[tuple[str, str], int]:
    rows = SalesShare.objects.filter(subject__in=subjects)
    return {
        (subject, market): minor
        for subject, market, minor in rows.values_list("subject", "market", "sales_minor")
    }


def _count(groups: frozenset[str]) -> int:
    """Return how many subjects a simulation will look at."""
    total, last, kind = 0, "", KINDS[KIND]
    while groups and (ids := list(kind.all_ids(last, 10_000, groups))):
        total, last = total + len(ids), ids[-1]
    return total


# -- notices


@transaction.atomic
def queue_notices(*, simulation_id: int, now: datetime) -> int:
    """Queue a notice to every merchant who loses a market, once per merchant and change; return how many are new."""
    simulation = _locked(simulation_id)
    book = edition.book_with(simulation.drafts)
    wanted: dict[tuple[str, str, date], LawNotice] = {}
    for effect in simulation.effects.exclude(owner="").order_by("pk"):
        for rule in set(effect.rules) & set(simulation.rules):
            since = _begins(book, rule, simulation)
            key = (effect.owner, rule, since)
            notice = wanted.setdefault(
                key, LawNotice(owner=effect.owner, rule=rule, since=since, subjects=0, queued_at=now)
            )
            notice.subjects += 1
            notice.markets = sorted({*notice.markets, *effect.lost})
    return _queue(list(wanted.values()))


@transaction.atomic
def queue_announced(*, now: datetime) -> int:
    """Queue a notice of every duty that judgements announce for the coming months; return how many are new."""
    rows = Finding.objects.open().filter(due_on__gt=now.date()).order_by("pk")
    wanted: dict[tuple[str, str, date], LawNotice] = {}
    for owner, rule, since, markets in (
        rows.exclude(owner="").values_list("owner", "rule", "due_on", "markets").iterator()
    ):
        notice = wanted.setdefault(
            (owner, rule, since), LawNotice(owner=owner, rule=rule, since=since, subjects=0, queued_at=now)
        )
        notice.subjects += 1
        notice.markets = sorted({*notice.markets, *markets})
    return _queue(list(wanted.values()))


def _queue(notices: list[LawNotice]) -> int:
    known = LawNotice.objects.count()
    LawNotice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=500)
    return LawNotice.objects.count() - known


def _begins(book: Rulebook, rule: str, simulation: Simulation) -> date:
    versions = book.rules[rule].versions
    coming = [v.since for v in versions if simulation.compared_with < v.since <= simulation.on]
    return coming[0] if coming else simulation.on


@transaction.atomic
def send_notices(*, now: datetime, limit: int = 200) -> int:
    """Send what is queued and the reminders that are due, through the outbox; return how many letters that is."""
    today = now.date()
    due = Q(state=LawNotice.State.QUEUED)
    for days in REMINDERS:
        due |= Q(state=LawNotice.State.SENT, since__gt=today, since__lte=today + timedelta(days=days)) & ~Q(
            reminders__contains=[days]
        )
    rows = list(
        LawNotice.objects.select_for_update(skip_locked=True)
        .filter(due, since__gt=today)
        .order_by("pk")[:limit]
    )
    for notice in rows:
        _send(notice, today, now)
    return len(rows)


def _send(notice: LawNotice, today: date, now: datetime) -> None:
    """Mark a notice as sent, with every reminder that it makes needless."""
    days_left = (notice.since - today).days
    notice.reminders = sorted({*notice.reminders, *(days for days in REMINDERS if days_left <= days)})
    is_reminder = notice.state == LawNotice.State.SENT
    notice.state, notice.sent_at = LawNotice.State.SENT, notice.sent_at or now
    notice.save(update_fields=["reminders", "state", "sent_at"])
    outbox.publish(LawNoticeDue(notice_id=notice.pk, owner=notice.owner, is_reminder=is_reminder))


# -- sales at risk


@transaction.atomic
def record_sales(*, sales: Mapping[tuple[str, str], int], now: datetime) -> None:
    """Replace what is known of sales: (public id of the listing, market) → EUR cents of the last 90 days."""
    SalesShare.objects.exclude(counted_at=now).delete()
    rows = [
        SalesShare(subject=subject_of(KIND, one), market=market, sales_minor=minor, counted_at=now)
        for (one, market), minor in sorted(sales.items())
    ]
    SalesShare.objects.bulk_create(rows, batch_size=2000)


def ids_of(effects: Sequence[Effect]) -> list[str]:
    """Return the public ids of the subjects of effects."""
    return [id_of(effect.subject) for effect in effects]
