"""One pure function that works out every clock of a ticket and says why: no database, no present time.

Service promises are the rulebook's `clock` over the policy's calendar; legal deadlines are its `deadline`. Both run
side by side and the nearest shows. The plan is a function of the set of events, so it does not depend on the order in
which they came to be known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from complaints.domain.states import WAITING_MERCHANT
from compliance import rulebook
from compliance.rulebook.calculators.clock import read_opening
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.clocks import Opening, used_up_at

MERCHANT = "merchant_answer"
LAW_ACKNOWLEDGE, LAW_DECIDE = "law:acknowledgement", "law:decision"
LEGAL = {LAW_ACKNOWLEDGE: "complaint.acknowledgement", LAW_DECIDE: "complaint.decision"}
_CALENDAR = {"tz", "weekly", "holidays", "date_overrides"}
_FOR_CLOCKS = (
    "customer_message",
    "agent_message",
    "first_response",
    "state",
    "closed",
    "decided",
    "reopened",
)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to a ticket, as the clocks see it."""

    at: datetime
    kind: str
    state: str = ""


@dataclass(frozen=True, slots=True, eq=False)  # each is itself alone, so that its calendar is read once
class Promise:
    """A policy's content: targets in open minutes, which states pause which clocks, and the ladder."""

    calendar: Mapping[str, Any]
    targets: Mapping[str, int | None]
    pauses: Mapping[str, Any]
    ladder: tuple[Mapping[str, Any], ...]
    merchant_answer_min: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """One clock: when it began, when it is due, how it stands, and the reasons."""

    kind: str
    generation: int
    state: str
    started_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    told: dict[str, Any] = field(default_factory=dict)
    is_law: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder with the instant at which it is taken."""

    level: int
    at: datetime
    do: str
    to: str


def plan(
    promise: Promise, events: Iterable[Happened], *, received_at: datetime, market: str, as_of: datetime
) -> tuple[Planned, ...]:
    """Return every clock of a ticket as it stands at `as_of`, the nearest deadline first."""
    happened = sorted(set(events), key=lambda one: (one.at, one.kind, one.state))
    happened = [one for one in happened if received_at <= one.at <= as_of]
    found = [
        *_promised(promise, happened, received_at, as_of),
        *_asked_of_merchant(promise, happened, as_of),
        *_by_law(happened, received_at, market, as_of),
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at or datetime.max.replace(tzinfo=UTC), one.kind)))


def steps_of(promise: Promise, clock: Planned) -> tuple[Step, ...]:
    """Return the ladder's steps for one clock in order; before and after its end are counted in open minutes."""
    if clock.due_at is None or clock.state in ("met", "cancelled", "paused"):
        return ()
    opening = _opening(promise)
    rungs = [
        rung
        for rung in promise.ladder
        if rung["clock"] == clock.kind or (clock.is_law and rung["clock"] == "law")
    ]
    found = []
    for rung in rungs:
        at = shifted(opening, clock.due_at, int(rung["at_min"]), not_before=clock.started_at)
        found.append((at, rung["do"], _whereto(rung)))
    return tuple(Step(level, *one) for level, one in enumerate(sorted(found)))


def _whereto(rung: Mapping[str, Any]) -> str:
    """Return whom a step tells ("supervisors"), or what it offers ("goodwill:5": of what the order cost, in hundredths)."""
    if "remedy" in rung:
        return f"{rung['remedy']}:{rung['percent']}" if rung.get("percent") else str(rung["remedy"])
    return str(rung.get("to", ""))


def shifted(opening: Opening, at: datetime, minutes: int, *, not_before: datetime) -> datetime:
    """Return the instant so many open minutes after (or, negative, before) another; never before `not_before`."""
    if minutes == 0:
        return at
    if minutes > 0:
        return used_up_at(opening, at, timedelta(minutes=minutes), ()) or at
    return max(_back(opening, at, timedelta(minutes=-minutes)), not_before)


def _back(opening: Opening, at: datetime, left: timedelta) -> datetime:
    begin = at - timedelta(days=1)
    while at - begin < timedelta(days=60):
        spans = _spans_between(opening, begin, at)
        if sum((ends - begins for begins, ends in spans), timedelta()) >= left:
            for begins, ends in reversed(spans):
                if ends - begins >= left:
                    return ends - left
                left -= ends - begins
        begin -= timedelta(days=3)
    return at


def _spans_between(opening: Opening, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    found = []
    for begins, ends in opening.spans_from(begin):
        if begins >= end:
            break
        found.append((begins, min(ends, end)))
    return found


@lru_cache(maxsize=256)
def _opening(promise: Promise) -> Opening:
    return opening_of(promise.calendar)


def opening_of(calendar: Mapping[str, Any]) -> Opening:
    """Return a calendar's windows. Raises Invalid naming what is wrong with them."""
    return read_opening(Reader(calendar, _CALENDAR, "calendar."))


def _promised(
    promise: Promise, happened: list[Happened], received_at: datetime, as_of: datetime
) -> Iterable[Planned]:
    facts = {
        "calendar": dict(promise.calendar),
        "created_at": received_at.isoformat(),
        "policy": {
            **promise.targets,
            "pause_states": list(promise.pauses.get("states", ())),
            "pause_applies_to": list(promise.pauses.get("applies_to", ())),
        },
        "events": [_as_fact(one) for one in happened if one.kind in _FOR_CLOCKS],
        "as_of": as_of.isoformat(),
    }
    for kind, told in rulebook.answer("clock", facts).answer["clocks"].items():
        yield Planned(
            kind=kind,
            generation=_generation(kind, happened, told),
            state=told["state"],
            started_at=_instant(told["started_at"]),
            due_at=_instant(told["due_at"]),
            done_at=_instant(told["done_at"]),
            told={name: told[name] for name in ("elapsed", "paused", "target", "difference", "windows")},
        )


def _as_fact(one: Happened) -> dict[str, str]:
    # A decision that was told ends the promise to resolve; putting the file away afterwards is our own affair.
    fact = {"at": one.at.isoformat(), "type": "closed" if one.kind == "decided" else one.kind}
    return {**fact, "state": one.state} if one.kind == "state" else fact


def _generation(kind: str, happened: list[Happened], told: Mapping[str, Any]) -> int:
    """Return which of its kind this clock is: an exchange or an update each has one of its own."""
    started = _instant(told["started_at"])
    if kind == "next_response":
        starts, asked = 0, False
        for one in happened:
            if one.kind == "customer_message" and not asked:
                asked, starts = True, starts + 1
                if one.at == started:
                    return starts
            elif one.kind == "agent_message":
                asked = False
        return max(starts, 1)
    if kind == "agent_update":
        return 1 + sum(1 for one in happened if one.kind == "agent_message" and started and one.at <= started)
    return 1


def _asked_of_merchant(promise: Promise, happened: list[Happened], as_of: datetime) -> Iterable[Planned]:
    """Yield one clock per question to the seller: from asking until the seller answers or we go on without."""
    if not promise.merchant_answer_min:
        return
    opening, target = _opening(promise), timedelta(minutes=promise.merchant_answer_min)
    asked: datetime | None = None
    generation = 0
    spans: list[tuple[int, datetime, datetime | None]] = []
    for one in happened:
        if one.kind == "state" and one.state == WAITING_MERCHANT and asked is None:
            asked, generation = one.at, generation + 1
        elif asked and (
            one.kind in ("merchant_message", "closed")
            or (one.kind == "state" and one.state != WAITING_MERCHANT)
        ):
            spans.append((generation, asked, one.at))
            asked = None
    if asked:
        spans.append((generation, asked, None))
    for number, start, done in spans:
        due = used_up_at(opening, start, target, ())
        late = due is not None and (done or as_of) > due
        state = "breached" if late else "met" if done else "running"
        yield Planned(MERCHANT, number, state, start, due, done, {"target": int(target.total_seconds())})


def _by_law(
    happened: list[Happened], received_at: datetime, market: str, as_of: datetime
) -> Iterable[Planned]:
    law = rulebook.default().on(received_at.date())
    ends = {
        LAW_ACKNOWLEDGE: ("acknowledged", "agent_message", "first_response"),
        LAW_DECIDE: ("decided", "closed"),
    }
    for kind, name in LEGAL.items():
        found = law.find(name, market)
        if found is None:
            continue
        answer = rulebook.answer(
            "deadline", {"rule": found.rule.id, "market": market, "happened_at": received_at.isoformat()}
        )
        due = _legal_end(answer.answer, received_at)
        done = next((one.at for one in happened if one.kind in ends[kind]), None)
        late = due is not None and (done or as_of) > due
        yield Planned(
            kind, 1, "breached" if late else "met" if done else "running", received_at, due, done,
            {"rule": found.rule.id, "rulings": [one.as_json() for one in answer.rulings], "steps": list(answer.explain)},
            is_law=True,
        )  # fmt: skip


def _legal_end(told: Mapping[str, Any], received_at: datetime) -> datetime | None:
    if told.get("due_at"):
        return _instant(told["due_at"])
    if not told.get("due_on"):
        return None
    day = datetime.fromisoformat(told["due_on"]).replace(tzinfo=received_at.tzinfo)
    return day + timedelta(days=1) - timedelta(seconds=1)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
