"""Reading simulations: what a day or a draft would change, for whom, at which cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Func, QuerySet, Sum

from compliance import rulebook
from compliance.checks.models import Finding
from compliance.rulebook.book import Rule, Version
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Status
from compliance.simulator.models import Effect, LawNotice, Simulation
from marketplace.kernel.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """How many subjects a rule, market or merchant loses, and what they sold there in 90 days (EUR cents)."""

    key: str
    subjects: int
    sales_minor: int


@dataclass(frozen=True, slots=True)
class Change:
    """One change of law ahead."""

    on: date
    rule: Rule
    version: Version
    markets: tuple[str, ...]
    is_new: bool
    announced: int  # listings that do not meet it yet

    @property
    def where(self) -> str:
        """The markets, or the union that all of them are: where a union's law rules in every member."""
        return self.rule.jurisdiction if len(self.markets) > 3 else ", ".join(self.markets)

    @property
    def is_adopted(self) -> bool:
        return self.version.status is Status.IN_FORCE


def find_simulation(public_id: str) -> Simulation:
    """Return a simulation. Raises NotFound."""
    found = Simulation.objects.filter(public_id=public_id).select_related("started_by").first()
    if found is None:
        raise NotFound(field="simulation")
    return found


def latest_simulations(limit: int = 30) -> list[Simulation]:
    return list(Simulation.objects.select_related("started_by").order_by("-pk")[:limit])


def by_rule(simulation: Simulation) -> list[Tally]:
    """Return what each rule breaks, the most expensive first."""
    return _tally(simulation, Func(F("rules"), function="unnest"))


def by_market(simulation: Simulation) -> list[Tally]:
    """Return what each market loses."""
    return _tally(simulation, Func(F("lost"), function="unnest"))


def by_owner(simulation: Simulation) -> list[Tally]:
    """Return what each merchant loses, by public id."""
    return _tally(simulation, F("owner"))


def _tally(simulation: Simulation, key: object) -> list[Tally]:
    rows = (
        simulation.effects.exclude(lost=[])
        .annotate(key=key)  # type: ignore[arg-type] -- an expression
        .values("key")
        .annotate(subjects=Count("pk"), sales=Sum("sales_minor"))
        .order_by("-sales", "-subjects", "key")
    )
    return [Tally(row["key"], row["subjects"], row["sales"]) for row in rows[:200]]


def effects_after(simulation: Simulation, last: int = 0) -> tuple[list[Effect], int]:
    """Return a page of effects and the cursor of the next one (0: there is none)."""
    rows = list(simulation.effects.filter(pk__gt=last).order_by("pk")[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else 0


def every_effect(simulation: Simulation) -> Iterable[Effect]:
    """Return all effects, a few at a time."""
    rows: QuerySet[Effect] = simulation.effects.order_by("pk")
    return rows.iterator(chunk_size=500)


def changes_ahead(*, start: date, end: date, market: str = "") -> list[Change]:
    """Return the changes of law between two days, for all markets we sell to or for one, by day."""
    book = rulebook.default()
    places: dict[tuple[date, str], tuple[Rule, Version, list[str]]] = {}
    for one in (market,) if market else selling_markets():
        for since, rule, version in book.changes_between(start, end, one):
            places.setdefault((since, rule.id), (rule, version, []))[2].append(one)
    announced = dict(
        Finding.objects.open()
        .filter(due_on__gt=start)
        .values_list("rule")
        .annotate(n=Count("pk"))
        .values_list("rule", "n")
    )
    return [
        Change(
            on=since, rule=rule, version=version, markets=tuple(where),
            is_new=rule.version_on(start) is None, announced=announced.get(rule.id, 0),
        )
        for (since, _), (rule, version, where) in sorted(places.items(), key=lambda item: item[0])
    ]  # fmt: skip


def notices_of(rules: Iterable[str]) -> QuerySet[LawNotice]:
    """Return the notices queued or sent about rules, the newest first."""
    return LawNotice.objects.filter(rule__in=list(rules)).order_by("-pk")


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with what its letter says. `title` is an English msgid."""

    owner: str
    title: str
    sources: tuple[str, ...]
    since: date
    subjects: int
    markets: tuple[str, ...]


def find_notice(notice_id: int) -> NoticeView:
    """Return a notice. Raises NotFound."""
    row = LawNotice.objects.filter(pk=notice_id).first()
    if row is None:
        raise NotFound(field="notice")
    rule = rulebook.default().rules.get(row.rule)
    version = next((v for v in rule.versions if v.since == row.since), rule.versions[-1]) if rule else None
    cites = version.cites if version else ()
    return NoticeView(
        owner=row.owner,
        title=rule.title if rule else row.rule,
        sources=tuple(f"{cite.act}, {cite.at}" for cite in cites),
        since=row.since,
        subjects=row.subjects,
        markets=tuple(row.markets),
    )
