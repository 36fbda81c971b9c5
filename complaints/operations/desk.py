"""Who works on what: the next ticket, taking over, handing on, being away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from complaints.domain import topics
from complaints.domain.errors import Incomplete, NothingNext, NotYours
from complaints.domain.states import LIVE, NEW, OPEN, WAITING_CUSTOMER, WAITING_MERCHANT, WAITING_OUTSIDE
from complaints.models import Agent, Presence, Ticket
from complaints.operations import notices
from complaints.operations.tickets import lock_ticket, move, record
from complaints.queries.fitting import URGENT, fits, fitting, most_urgent
from compliance.rulebook.words import noop as _
from marketplace.kernel.errors import NotAllowed, NotFound

RESTING = (WAITING_CUSTOMER, WAITING_MERCHANT, WAITING_OUTSIDE)
CANDIDATES = 20  # of each language, that Next looks at first
NEVER = datetime.min.replace(tzinfo=UTC)
SEEN = timedelta(seconds=60)  # how long a look at a ticket counts without another sign


def agent_of(user: Any) -> Agent:
    """Return the agent that a user is, made when they first come to the desk with the role for it."""
    found, _is_new = Agent.objects.get_or_create(user=user, defaults={"languages": [user.language or "en"]})
    return found


@transaction.atomic
def next_ticket(*, agent_id: int, now: datetime) -> Ticket:
    """Hand out the most urgent fitting ticket that nobody has: breached first, then by deadline, priority and age.

    Two agents never get the same: rows that a colleague is being given are passed over.

    :raises NothingNext: if none is waiting, or the agent has as many as they can take.
    """
    agent = Agent.objects.select_for_update(no_key=True).get(pk=agent_id)
    if _load(agent) >= agent.capacity:
        raise NothingNext(capacity=agent.capacity)
    free = Ticket.objects.filter(agent=None, state__in=(NEW, OPEN)).filter(
        Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    )
    likely = set(most_urgent(agent, free, most=CANDIDATES).values_list("pk", flat=True))
    row = _first_free(fitting(agent, free.filter(pk__in=likely)))
    if row is None and len(likely) >= CANDIDATES:  # colleagues are being given all of them this moment
        row = _first_free(fitting(agent, free))
    if row is None:
        raise NothingNext
    give(row, agent, actor=actor_of(agent), now=now)
    agent.last_given_at = now
    agent.save(update_fields=["last_given_at"])
    return row


def _first_free(rows: QuerySet[Ticket]) -> Ticket | None:
    locked = rows.select_for_update(skip_locked=True, of=("self",)).select_related("policy__calendar")
    return locked.order_by(*URGENT).first()


def _load(agent: Agent) -> int:
    return agent.tickets.filter(state__in=(NEW, OPEN)).count()


def give(row: Ticket, agent: Agent | None, *, actor: str, now: datetime) -> None:
    """Give a locked ticket to an agent, or to nobody."""
    before, row.agent = row.agent_id, agent
    if agent is not None and row.state == NEW:
        move(row, "take", actor=actor, at=now, now=now)
    to = agent.user.public_id if agent else ""
    record(row, "assigned", actor=actor, at=now, now=now, to=to, before=before)
    row.version += 1
    row.save(update_fields=["agent", "state", "version"])


@transaction.atomic
def assign(*, ticket: str, agent_id: int | None, by: Agent, now: datetime) -> Ticket:
    """Give a ticket to a colleague, to oneself (taking over), or back to the queue."""
    row = lock_ticket(ticket)
    agent = Agent.objects.select_related("user").filter(pk=agent_id).first() if agent_id else None
    if agent_id and agent is None:
        raise NotFound(field="agent")
    give(row, agent, actor=actor_of(by), now=now)
    if agent is not None and agent.pk != by.pk:
        notices.note(agents=[agent], ticket=row, kind="given", key=f"given:{row.pk}:{row.version}", now=now)
    return row


@transaction.atomic
def claim(*, ticket: str, agent_id: int, take_over: bool, now: datetime) -> Ticket:
    """Take a ticket for oneself with the first keystroke; one that a colleague has only by saying so.

    :raises NotYours: if a colleague has it.
    """
    row = lock_ticket(ticket)
    if row.agent_id == agent_id:
        return row
    if row.agent_id is not None and not take_over:
        raise NotYours(agent=str(row.agent))
    agent = Agent.objects.select_related("user").get(pk=agent_id)
    give(row, agent, actor=actor_of(agent), now=now)
    return row


@transaction.atomic
def spread(*, now: datetime, most: int = 200) -> int:
    """Hand free tickets, the most urgent first, to the agents who are there: by skill, then load, then in turn."""
    given = 0
    agents = list(_available().select_for_update(of=("self",), no_key=True))
    loads = _loads(agents)
    spoken = {language for one in agents for language in (*one.languages, "en")}
    free = Ticket.objects.filter(agent=None, state__in=(NEW, OPEN), language__in=spoken).order_by(*URGENT)
    for row in free.select_for_update(skip_locked=True, of=("self",)).select_related("policy")[:most]:
        best = _first_in_turn(row, agents, loads)
        if best is None:
            continue
        give(row, best, actor="clock", now=now)
        notices.note(agents=[best], ticket=row, kind="given", key=f"given:{row.pk}:{row.version}", now=now)
        loads[best.pk], best.last_given_at = loads.get(best.pk, 0) + 1, now + timedelta(microseconds=given)
        best.save(update_fields=["last_given_at"])
        given += 1
    return given


def least_busy(row: Ticket, *, but: int | None = None) -> Agent | None:
    """Return who of those that are there and can should have a ticket, other than `but`; None if nobody can."""
    agents = list(_available().exclude(pk=but))
    return _first_in_turn(row, agents, _loads(agents))


def _available() -> QuerySet[Agent]:
    there = Agent.objects.filter(presence=Agent.Presence.AVAILABLE, user__is_active=True)
    return there.select_related("user").order_by("pk")


def _loads(agents: Sequence[Agent]) -> dict[int, int]:
    rows = Ticket.objects.filter(agent__in=agents, state__in=(NEW, OPEN)).values_list("agent")
    return dict(rows.annotate(n=Count("pk")).values_list("agent", "n"))


def _first_in_turn(row: Ticket, agents: Sequence[Agent], loads: Mapping[int, int]) -> Agent | None:
    able = [one for one in agents if fits(one, row) and loads.get(one.pk, 0) < one.capacity]
    return min(able, key=lambda one: (loads.get(one.pk, 0), one.last_given_at or NEVER, one.pk), default=None)


@transaction.atomic
def set_presence(*, agent_id: int, presence: str, now: datetime) -> Agent:
    """Say that an agent is there or away; what they had not begun goes back to the queue when they leave."""
    locked = Agent.objects.select_for_update(
        of=("self",), no_key=True
    )  # who gives it something need not wait
    agent = locked.select_related("user").get(pk=agent_id)
    agent.presence = presence
    agent.save(update_fields=["presence"])
    if presence == Agent.Presence.AWAY:
        mine = agent.tickets.select_for_update(of=("self",)).filter(state__in=LIVE, last_speaker="customer")
        for row in mine.exclude(state__in=RESTING).order_by("pk"):
            give(row, None, actor=actor_of(agent), now=now)
    return agent


@dataclass(frozen=True, slots=True)
class Skills:
    """What an agent can do and how much at once; no topics or markets mean all of them."""

    languages: Sequence[str]
    topics: Sequence[str]
    markets: Sequence[str]
    capacity: int
    is_supervisor: bool


MOST_CAPACITY = 500


@transaction.atomic
def change_agent(*, agent_id: int, skills: Skills, by: Agent) -> Agent:
    """Write down what an agent can do and how much at once.

    :raises NotAllowed: for anybody but a supervisor or an operator; :raises Incomplete: naming the field.
    """
    if not may_lead(by):
        raise NotAllowed(_("Only supervisors do this."), field="agent")
    if not skills.languages:
        raise Incomplete(_("Choose at least one language."), field="languages")
    if set(skills.topics) - set(topics.TOPICS):
        raise Incomplete(_("This is not one of the choices."), field="topics")
    if not 0 <= skills.capacity <= MOST_CAPACITY:
        raise Incomplete(_("This is not one of the choices."), field="capacity")
    agent = Agent.objects.select_for_update(no_key=True).filter(pk=agent_id).first()
    if agent is None:
        raise NotFound(field="agent")
    agent.languages, agent.topics, agent.markets = list(skills.languages), list(skills.topics), list(skills.markets)  # fmt: skip
    agent.capacity, agent.is_supervisor = skills.capacity, skills.is_supervisor
    agent.save(update_fields=["languages", "topics", "markets", "capacity", "is_supervisor"])
    return agent


def may_lead(agent: Agent) -> bool:
    """Tell whether somebody leads the desk: a supervisor, or an operator of the marketplace."""
    return agent.is_supervisor or agent.user.is_superuser


def hand_over(*, agent_id: int, by: Agent, now: datetime) -> dict[str, int]:
    """Give what an agent has open to colleagues who are there and can, the rest back to the queue; return how many.

    Each in a transaction of its own; what is answered or taken meanwhile is left as it is.

    :raises NotAllowed: for anybody but a supervisor or an operator.
    """
    if not may_lead(by):
        raise NotAllowed(_("Only supervisors do this."), field="agent")
    mine = Ticket.objects.filter(agent=agent_id, state__in=(NEW, OPEN)).order_by(*URGENT)
    done = {"given": 0, "free": 0}
    for number in list(mine.values_list("public_id", flat=True)):
        if what := _hand_one_over(number, agent_id, by, now):
            done[what] += 1
    return done


@transaction.atomic
def _hand_one_over(ticket: str, agent_id: int, by: Agent, now: datetime) -> str:
    row = lock_ticket(ticket)
    if row.agent_id != agent_id or row.state not in (NEW, OPEN):
        return ""
    other = least_busy(row, but=agent_id)
    give(row, other, actor=actor_of(by), now=now)
    if other is None:
        return "free"
    notices.note(agents=[other], ticket=row, kind="given", key=f"given:{row.pk}:{row.version}", now=now)
    return "given"


def look_at(*, ticket_id: int, agent_id: int, is_writing: bool, now: datetime) -> list[Presence]:
    """Note that an agent looks at a ticket; return the colleagues who do at the moment."""
    Presence.objects.update_or_create(
        ticket_id=ticket_id, agent_id=agent_id, defaults={"is_writing": is_writing, "seen_at": now}
    )
    others = Presence.objects.filter(ticket_id=ticket_id, seen_at__gt=now - SEEN).exclude(agent_id=agent_id)
    return list(others.select_related("agent__user").order_by("pk"))


def actor_of(agent: Agent) -> str:
    """Return how the history names an agent."""
    return f"agent:{agent.user.public_id}"
