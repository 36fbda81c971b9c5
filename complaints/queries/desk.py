"""The desk's lists and what stands beside a ticket: a fixed number of queries whatever the number of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from complaints.domain.states import LIVE, LIVE_CLOCKS, NEW, OPEN, WAITING
from complaints.models import Agent, Clock, SavedView, Ticket
from complaints.queries.decisions import with_something_to_agree
from complaints.queries.fitting import URGENT, branches, fitting, search_config

PAGE = 50
QUEUES = ("mine", "free", "late", "danger", "waiting", "agree", "unpaid", "all", "closed", "every")
NEWEST = ("closed", "every")  # shown by age, not by urgency
FILTERS = (
    "q",
    "topic",
    "market",
    "language",
    "state",
    "agent",
    "merchant",
    "priority",
    "email",
    "order",
    "tag",
    "channel",
    "month",
    "days",
    "missed",
    "reopened",
    "rated",
)
NOBODY = "none"  # of a seller or an agent: those that have none


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and where the next begins."""

    rows: list[Ticket]
    after: str


def queue(name: str, agent: Agent, *, now: datetime) -> QuerySet[Ticket]:
    """Return the tickets of one of the desk's queues, unordered."""
    live = Ticket.objects.filter(state__in=LIVE)
    if name == "mine":
        return live.filter(agent=agent)
    if name == "free":
        awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
        return fitting(agent, live.filter(awake, agent=None, state__in=(NEW, OPEN)))
    if name == "late":
        return live.filter(is_breached=True)
    if name == "danger":
        return live.filter(priority=1)
    if name == "waiting":
        return live.filter(state__in=WAITING)
    if name == "agree":
        return with_something_to_agree(live)
    if name == "unpaid":
        return Ticket.objects.filter(settlements__state="failed").distinct()
    if name == "closed":
        return Ticket.objects.filter(state="closed")
    if name == "every":
        return Ticket.objects.all()
    return live


def filtered(
    rows: QuerySet[Ticket], chosen: Mapping[str, str], *, language: str, now: datetime
) -> QuerySet[Ticket]:
    """Return tickets narrowed by the filters of a list's address; unknown values find nothing."""
    plain = {
        "topic": "topic", "market": "market", "language": "language", "state": "state", "merchant": "merchant",
        "order": "order", "email": "email__iexact", "channel": "channel", "agent": "agent__user__public_id",
    }  # fmt: skip
    for name, field in plain.items():
        if chosen.get(name) == NOBODY and name in ("merchant", "agent"):
            rows = rows.filter(agent=None) if name == "agent" else rows.filter(merchant="")
        elif chosen.get(name):
            rows = rows.filter(**{field: chosen[name]})
    rows = _of_a_report(rows, chosen)
    if chosen.get("priority", "").isdecimal():
        rows = rows.filter(priority=int(chosen["priority"][:4]))
    if month := month_of(chosen.get("month", "")):
        rows = rows.filter(received_at__gte=month[0], received_at__lt=month[1])
    if chosen.get("days", "").isdecimal():
        rows = rows.filter(received_at__gte=now - timedelta(days=min(int(chosen["days"][:6]), 36_500)))
    if chosen.get("tag"):
        rows = rows.filter(tags__contains=[chosen["tag"]])
    if words := chosen.get("q", "").strip():
        wanted = SearchQuery(words, config="simple", search_type="websearch")
        for config in {search_config(language), *(("english",) if language != "en" else ())}:
            wanted |= SearchQuery(words, config=config, search_type="websearch")
        rows = rows.filter(searchable=wanted)
    return rows


def _of_a_report(rows: QuerySet[Ticket], chosen: Mapping[str, str]) -> QuerySet[Ticket]:
    """Return those that a figure of a report counts: a clock of this kind was missed, opened again, rated."""
    if chosen.get("missed"):
        missed = Clock.objects.filter(ticket=OuterRef("pk"), kind=chosen["missed"], state="breached")
        rows = rows.filter(Exists(missed))
    if chosen.get("reopened"):
        rows = rows.filter(reopened__gt=0)
    if chosen.get("rated"):
        rows = rows.filter(rating__score__isnull=False)
    return rows


def month_of(text: str) -> tuple[datetime, datetime] | None:
    """Return the first instants of a month ("2026-11") and of the next; None for anything else."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        return first, (first + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError):  # the last month that there is has none after it
        return None


def page_of(rows: QuerySet[Ticket], *, after: str = "", newest: bool = False) -> Page:
    """Return the page after a row (its public id), the most urgent first, or the newest first."""
    last = Ticket.objects.filter(public_id=after).first() if after else None
    if newest:
        ordered = rows.order_by("-received_at", "id")
        if last is not None:
            ordered = ordered.filter(
                Q(received_at__lt=last.received_at) | Q(received_at=last.received_at, pk__gt=last.pk)
            )
    else:
        ordered = rows.order_by(*URGENT)
        if last is not None:
            ordered = ordered.filter(_behind(last))
    found = list(ordered.select_related("agent__user")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].public_id if len(found) > PAGE else "")


def _behind(last: Ticket) -> Q:
    """Return what comes after a row in the order of urgency."""
    rest = Q(priority__gt=last.priority) | Q(priority=last.priority, pk__gt=last.pk)
    if last.due_at is None:
        same = Q(due_at=None) & rest
    else:
        same = Q(due_at__gt=last.due_at) | Q(due_at=None) | (Q(due_at=last.due_at) & rest)
    later = Q(is_breached=last.is_breached) & same
    return later | Q(is_breached=False) if last.is_breached else later


COUNTED = ("mine", "free", "late", "danger", "waiting", "all")
MOST_COUNTED = 1_000  # beyond it nobody reads the number, and counting on would cost more than the page


def counts(agent: Agent, *, now: datetime) -> dict[str, int]:
    """Return how many tickets each queue holds, up to `MOST_COUNTED` + 1 ("more than"), in one statement.

    Each count stops there, so that it reads so many entries of its index and no more, however many tickets there are.
    """
    parts, params = [], []
    for name in COUNTED:
        rows = (
            _free_keys(agent, now) if name == "free" else queue(name, agent, now=now).order_by().values("pk")
        )
        statement, given = rows[: MOST_COUNTED + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({statement}) AS in_{name})")  # noqa: S608 -- the ORM's own statement
        params += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return dict(zip(COUNTED, cursor.fetchone(), strict=True))


def _free_keys(agent: Agent, now: datetime) -> QuerySet[Ticket]:
    """Return the keys of what is free and fits, each once, in no order; no more than are counted."""
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    free = Ticket.objects.filter(awake, agent=None, state__in=(NEW, OPEN))
    first, *others = (one.values("pk")[: MOST_COUNTED + 1] for one in branches(agent, free))
    return first.union(*others)


def history_of(row: Ticket, *, limit: int = 6) -> dict[str, Any]:
    """Return other complaints of this person and about this seller, newest first."""
    others = Ticket.objects.exclude(pk=row.pk).order_by("-received_at")
    who = Q(email__iexact=row.email) if row.email else Q(user=row.user_id)
    person = others.filter(who) if row.email or row.user_id else others.none()
    seller = others.filter(merchant=row.merchant) if row.merchant else others.none()
    return {"person": list(person[:limit]), "seller": list(seller[:limit])}


def alike(row: Ticket, *, limit: int = 3) -> list[Ticket]:
    """Return live complaints that may be the same: of this person about the same order, or about the same thing."""
    same = Q(email__iexact=row.email, order=row.order) if row.email and row.order else Q(pk=None)
    if row.about:
        same |= Q(about=row.about, email__iexact=row.email)
    return list(
        Ticket.objects.filter(same, state__in=LIVE).exclude(pk=row.pk).order_by("-received_at")[:limit]
    )


def views_of(agent: Agent) -> list[SavedView]:
    """Return the lists that an agent kept, then those that colleagues keep for all."""
    rows = SavedView.objects.filter(Q(agent=agent) | Q(is_shared=True)).select_related("agent__user")
    return sorted(rows.order_by("name", "pk"), key=lambda one: one.agent_id != agent.pk)


def agents() -> list[Agent]:
    """Return all agents, those who are there first."""
    return list(Agent.objects.select_related("user").order_by("presence", "user__name", "pk"))


@dataclass(frozen=True, slots=True)
class Health:
    """How the desk stands: open, late and free tickets, their ages, what runs out ahead, each agent's load."""

    live: int
    late: int
    free: int
    lag_seconds: float  # of the sweep: how long the oldest step has been due
    ages: list[dict[str, Any]]
    ahead: list[dict[str, Any]]
    agents: list[tuple[Agent, dict[str, int]]]
    topics: list[tuple[str, int]]


_AGES = (("< 1 d", 1), ("1–3 d", 3), ("3–7 d", 7), ("7–14 d", 14), ("> 14 d", 10_000))
_AHEAD = (("1 h", 1), ("4 h", 4), ("8 h", 8), ("24 h", 24), ("72 h", 72))


def health(*, now: datetime) -> Health:
    """Return how the desk stands, in five queries."""
    live = Ticket.objects.filter(state__in=LIVE)
    spans = {}
    begin = now + timedelta(days=1)
    for n, (_label, days) in enumerate(_AGES):
        end = now - timedelta(days=days)
        spans[f"age{n}"] = Count("pk", filter=Q(received_at__gt=end, received_at__lte=begin))
        begin = end
    for n, (_label, hours) in enumerate(_AHEAD):
        spans[f"ahead{n}"] = Count("pk", filter=Q(due_at__gt=now, due_at__lte=now + timedelta(hours=hours)))
    told = live.aggregate(
        live=Count("pk"), late=Count("pk", filter=Q(is_breached=True)),
        free=Count("pk", filter=Q(agent=None, state__in=(NEW, OPEN))), **spans,
    )  # fmt: skip
    loads = {
        row["agent"]: row
        for row in live.exclude(agent=None)
        .values("agent")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(is_breached=True)))
    }
    oldest = Clock.objects.filter(
        state__in=LIVE_CLOCKS, is_quarantined=False, next_action_at__lte=now
    ).aggregate(at=Min("next_action_at"))["at"]
    return Health(
        live=told["live"],
        late=told["late"],
        free=told["free"],
        lag_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        ages=[{"label": label, "count": told[f"age{n}"]} for n, (label, _days) in enumerate(_AGES)],
        ahead=[{"label": label, "count": told[f"ahead{n}"]} for n, (label, _hours) in enumerate(_AHEAD)],
        agents=[(one, loads.get(one.pk, {"open": 0, "late": 0})) for one in agents()],
        topics=list(
            live.values_list("topic").annotate(n=Count("pk")).order_by("-n").values_list("topic", "n")[:8]
        ),
    )
