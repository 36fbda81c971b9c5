"""Load the demo's desk through the same operations as everywhere; a second time changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from complaints import operations
from complaints.domain.suggestion_states import SHOWN
from complaints.models import Agent, Suggestion, Ticket
from complaints.operations import suggestions
from complaints.operations.macros import load_macros
from complaints.operations.tickets import Complaint
from compliance.rulebook.strict_yaml import load_plain
from marketplace.accounts.models import User
from marketplace.accounts.place import time_zone_of

FILE = Path(__file__).with_name("desk.yaml")


def load(*, now: datetime) -> dict[str, int]:
    """Make agents, prepared replies, complaints and suggestions; return how many complaints there are."""
    content = load_plain(FILE)
    operations.load_promises(now=now)
    load_macros()
    agents = {email: _agent(email, said) for email, said in content["agents"].items()}
    for said in content["tickets"]:
        _ticket(said, agents, now)
    for said in content["suggestions"]:
        _suggestion(said, agents["supervisor@demo.example"], now)
    return {"tickets": Ticket.objects.count(), "agents": len(agents)}


def _agent(email: str, said: dict[str, Any]) -> Agent:
    agent, _is_new = Agent.objects.update_or_create(
        user=User.objects.get(email=email),
        defaults={
            "languages": said["languages"], "topics": said["topics"], "capacity": said["capacity"],
            "is_supervisor": said.get("supervisor", False),
        },
    )  # fmt: skip
    return agent


def _ticket(said: dict[str, Any], agents: dict[str, Agent], now: datetime) -> None:
    at = now - timedelta(hours=said["hours"])
    names = ("subject", "body", "market", "language", "topic", "remedy", "email", "name")
    complaint = Complaint(**{name: said[name] for name in names}, time_zone=time_zone_of(said["market"]))
    before = Ticket.objects.count()
    row = operations.open_complaint(complaint=complaint, now=at, key=f"demo:{said['key']}")
    if Ticket.objects.count() > before and "then" in said:
        _go_on(row.public_id, said, agents[said["by"]], at)


def _go_on(ticket: str, said: dict[str, Any], agent: Agent, at: datetime) -> None:
    soon, later = at + timedelta(hours=1), at + timedelta(hours=3)
    actor = f"agent:{agent.user.public_id}"
    operations.claim(ticket=ticket, agent_id=agent.pk, take_over=False, now=soon)
    if said["then"] == "decide":
        verdict = operations.Verdict(
            outcome="upheld", reason=said["words"], cause="payment_provider", remedy=said["gives"]
        )
        operations.decide(ticket=ticket, verdict=verdict, user_id=agent.user_id, now=later)
        return
    to_merchant = said["then"] == "ask_merchant"
    operations.say(ticket=ticket, kind="agent", body=said["words"], now=soon, author_id=agent.user_id,
                   author_name=agent.user.name, to_merchant=to_merchant, actor=actor)  # fmt: skip
    if said["then"] == "close":
        operations.take_step(ticket=ticket, action="close", actor=actor, now=later)
    else:
        whom = "merchant" if to_merchant else "customer"
        operations.wait(ticket=ticket, whom=whom, actor=actor, now=soon, reason=said["words"])


def _suggestion(said: dict[str, Any], chief: Agent, now: datetime) -> None:
    user = User.objects.get(email=said["by"])
    made = suggestions.suggest(
        user_id=user.pk,
        title=said["title"],
        body=said["body"],
        language="en",
        key=f"demo:{said['key']}",
        now=now,
    )
    if made.state == "new":
        suggestions.answer(
            suggestion=made.public_id,
            action=said["action"],
            words=said.get("answer", ""),
            user_id=chief.user_id,
            now=now,
        )
        if Suggestion.objects.get(pk=made.pk).state == SHOWN:
            suggestions.vote(suggestion=made.public_id, user_id=chief.user_id, wanted=True, now=now)
