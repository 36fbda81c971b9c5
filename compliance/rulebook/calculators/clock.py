"""``clock``: when an answer or a decision is due by a service promise, and how much of the time is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.clocks import (
    Opening,
    Span,
    open_time,
    spans_counted,
    union,
    used,
    used_up_at,
)
from compliance.rulebook.periods import time_zone
from compliance.rulebook.types import Answer, Step
from compliance.rulebook.words import noop as _

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, NEXT, UPDATE, RESOLUTION = "first_response", "next_response", "agent_update", "resolution"
TARGETS = {
    FIRST: "first_response_min",
    NEXT: "next_response_min",
    UPDATE: "agent_update_every_min",
    RESOLUTION: "resolution_min",
}
TYPES = ("customer_message", "agent_message", "first_response", "state", "closed", "reopened")
_FACTS = {"calendar", "created_at", "policy", "events", "as_of"}
_CALENDAR = {"tz", "weekly", "holidays", "date_overrides"}
_POLICY = {*TARGETS.values(), "pause_applies_to", "pause_states"}
_EVENT = {"at", "type", "state"}
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a ticket."""

    at: datetime
    type: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One clock to be worked out: from when, until when if its end came, and for how long at most."""

    name: str
    started_at: datetime
    done_at: datetime | None
    target: timedelta
    pauses: tuple[Span, ...]
    is_paused: bool


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``clock``. Raises Invalid naming the field. Durations are whole seconds of open time."""
    reader = Reader(facts, _FACTS)
    created_at = _needed(reader, "created_at")
    as_of = _as_of(reader, created_at)
    if as_of < created_at:
        raise reader.wrong("as_of", "as_of lies before created_at.")
    opening = read_opening(_object(reader, "calendar", _CALENDAR))
    policy = _object(reader, "policy", _POLICY)
    events = _events(reader, created_at, as_of)
    runs = _runs(policy, events, created_at, as_of)
    clocks = {run.name: _worked_out(run, opening, as_of) for run in runs}
    steps = tuple(_step(run, clocks[run.name]) for run in runs)
    said = {"clocks": clocks, "certain": True, "uncertain_because": []}
    return Answer(said, (), tuple(map(str, steps)), steps, ())


def _as_of(reader: Reader, created_at: datetime) -> datetime:
    """Return the instant asked about; without one, the last thing that happened."""
    if reader.get("as_of") is not None:
        return _needed(reader, "as_of")
    return max([created_at, *(_needed(item, "at") for item in reader.items("events", _EVENT))])


def _needed(reader: Reader, name: str) -> datetime:
    found = reader.instant(name)
    if found is None:
        raise reader.wrong(
            name, "%(name)s is needed, as a date-time such as 2026-11-23T10:00:00Z.", name=name
        )
    return found.astimezone(UTC)


def _object(reader: Reader, name: str, known: Iterable[str]) -> Reader:
    value = reader.get(name)
    if not isinstance(value, Mapping):
        raise reader.wrong(name, "%(name)s is needed, as an object.", name=name)
    return Reader(value, known, f"{name}.")


# -- the calendar


def read_opening(reader: Reader) -> Opening:
    """Return an opening calendar. Raises Invalid for one that never opens or whose windows make no sense."""
    zone = reader.get("tz")
    if not isinstance(zone, str) or not zone:
        raise reader.wrong("tz", "The time zone is a name such as Europe/Berlin.")
    weekly = reader.get("weekly") or {}
    if not isinstance(weekly, Mapping) or set(weekly) - set(WEEKDAYS):
        raise reader.wrong("weekly", f"weekly names windows by day: {', '.join(WEEKDAYS)}.")
    days = {WEEKDAYS.index(name): _windows(reader, f"weekly.{name}", value) for name, value in weekly.items()}
    overrides = reader.get("date_overrides") or {}
    if not isinstance(overrides, Mapping):
        raise reader.wrong("date_overrides", "date_overrides names windows by date.")
    special = {
        _date(reader, "date_overrides", day): _windows(reader, f"date_overrides.{day}", value)
        for day, value in overrides.items()
    }
    if not any(days.values()) and not any(special.values()):
        raise reader.wrong("weekly", "This calendar never opens.")
    holidays = reader.get("holidays") or []
    if not isinstance(holidays, list | tuple):
        raise reader.wrong("holidays", "holidays is a list of dates.")
    closed = frozenset(_date(reader, "holidays", day) for day in holidays)
    return Opening(time_zone(zone), days, closed, special)


def _date(reader: Reader, name: str, value: Any) -> date:
    return Reader({name: value}, (name,), reader.path).needed_day(name)


def _windows(reader: Reader, name: str, value: Any) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list | tuple):
        raise reader.wrong(name, f'{name} is a list of windows such as ["08:00", "18:00"].')
    found: list[tuple[int, int]] = []
    for window in value:
        if not isinstance(window, list | tuple) or len(window) != 2:
            raise reader.wrong(name, f'{name}: a window is a pair such as ["08:00", "18:00"].')
        begins, ends = (_minutes(reader, name, text) for text in window)
        if begins >= ends:
            raise reader.wrong(name, f"{name}: a window ends after it begins; the end of a day is 24:00.")
        if found and begins < found[-1][1]:
            raise reader.wrong(name, f"{name}: the windows overlap or are out of order.")
        found.append((begins, ends))
    return tuple(found)


def _minutes(reader: Reader, name: str, text: Any) -> int:
    hours, _colon, minutes = str(text).partition(":")
    if not (len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()):
        raise reader.wrong(name, f"{name}: a time is written like 08:00, not {text!r}.")
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > _DAY_MINUTES:
        raise reader.wrong(name, f"{name}: there is no time {text}.")
    return total


# -- what happened


def _events(reader: Reader, created_at: datetime, as_of: datetime) -> list[Event]:
    """Return what happened up to `as_of`, by when it happened, whatever the order it came in."""
    found = []
    for item in reader.items("events", _EVENT):
        kind = item.choice("type", TYPES, "")
        if not kind:
            raise item.wrong("type", f"type is one of {', '.join(TYPES)}.")
        at = _needed(item, "at")
        if at < created_at:
            raise item.wrong("at", "An event lies before created_at.")
        state = item.get("state")
        if kind == "state" and (not isinstance(state, str) or not state):
            raise item.wrong("state", "The new state is needed.")
        if at <= as_of:
            found.append(Event(at, kind, state or ""))
    return sorted(found, key=lambda event: event.at)


def _runs(policy: Reader, events: list[Event], created_at: datetime, as_of: datetime) -> list[Run]:
    targets = {name: policy.whole(field) for name, field in TARGETS.items()}
    applies = policy.get("pause_applies_to")
    if applies is not None and (not _is_names(applies) or set(applies) - set(TARGETS)):
        raise policy.wrong("pause_applies_to", f"pause_applies_to names clocks: {', '.join(TARGETS)}.")
    paused_by = policy.get("pause_states") or ()
    if not _is_names(paused_by):
        raise policy.wrong("pause_states", "pause_states is a list of states.")
    waits, is_waiting = _spans_in(events, frozenset(paused_by), as_of)
    closed, is_closed = _closed(events, as_of)
    runs = []
    for name, minutes in targets.items():
        begun = _begins_and_ends(name, events, created_at, is_closed) if minutes else None
        if begun is None:
            continue
        pausing = applies is None or name in applies
        pauses = union([*closed, *(waits if pausing else ())])
        paused_now = pausing and is_waiting
        runs.append(
            Run(name, *begun, timedelta(minutes=minutes or 0), tuple(pauses), paused_now and begun[1] is None)
        )
    return runs


def _is_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


def _spans_in(events: list[Event], states: frozenset[str], as_of: datetime) -> tuple[list[Span], bool]:
    """Return the spans spent in some states, an open one up to `as_of`, and whether it is open."""
    spans: list[Span] = []
    since: datetime | None = None
    for event in events:
        if event.type != "state":
            continue
        if since is None and event.state in states:
            since = event.at
        elif since is not None and event.state not in states:
            spans.append((since, event.at))
            since = None
    return ([*spans, (since, as_of)], True) if since is not None else (spans, False)


def _closed(events: list[Event], as_of: datetime) -> tuple[list[Span], datetime | None]:
    """Return the spans between closing and reopening, and when it was closed for good (so far)."""
    spans: list[Span] = []
    since: datetime | None = None
    for event in events:
        if event.type == "closed" and since is None:
            since = event.at
        elif event.type == "reopened" and since is not None:
            spans.append((since, event.at))
            since = None
    return spans, since


def _begins_and_ends(
    name: str, events: list[Event], created_at: datetime, closed_at: datetime | None
) -> tuple[datetime, datetime | None] | None:
    """Return when a clock began and when its end came; None if it does not run at all."""
    if name == RESOLUTION:
        return created_at, closed_at
    if name == FIRST:
        answers = (event.at for event in events if event.type in ("agent_message", "first_response"))
        return created_at, next(answers, closed_at)
    if name == NEXT:
        return _exchange(events, closed_at)
    last = max((event.at for event in events if event.type == "agent_message"), default=created_at)
    return last, closed_at


def _exchange(events: list[Event], closed_at: datetime | None) -> tuple[datetime, datetime | None] | None:
    """Return the latest exchange: its oldest unanswered message, and the answer if it came."""
    asked: datetime | None = None
    latest: tuple[datetime, datetime | None] | None = None
    for event in events:
        if event.type == "customer_message" and asked is None:
            asked, latest = event.at, (event.at, None)
        elif event.type == "agent_message" and asked is not None:
            asked, latest = None, (asked, event.at)
    if latest is not None and latest[1] is None and closed_at is not None and closed_at >= latest[0]:
        return latest[0], closed_at
    return latest


# -- one clock


def _worked_out(run: Run, opening: Opening, as_of: datetime) -> dict[str, Any]:
    until = run.done_at or as_of
    elapsed = used(opening, run.started_at, until, run.pauses)
    due = used_up_at(opening, run.started_at, run.target, run.pauses)
    is_late = due is not None and due < until
    paused_now = run.is_paused and not is_late
    state = "breached" if is_late else "met" if run.done_at else "paused" if paused_now else "running"
    counted = spans_counted(opening, run.started_at, min(due, until) if due else until, run.pauses)
    return {
        "state": state,
        "started_at": _said(run.started_at, opening),
        "due_at": None if paused_now or due is None else _said(due, opening),
        "done_at": _said(run.done_at, opening) if run.done_at else None,
        "elapsed": _seconds(elapsed),
        "paused": _seconds(open_time(opening, run.started_at, until) - elapsed),
        "target": _seconds(run.target),
        "difference": _seconds(run.target - elapsed),
        "windows": [[_said(begins, opening), _said(ends, opening)] for begins, ends in counted],
    }


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _said(instant: datetime, opening: Opening) -> str:
    return instant.astimezone(opening.zone).isoformat()


_SENTENCES = {
    "met": _("%(clock)s: done in time; it was due at %(due)s."),
    "breached": _("%(clock)s: too late; it was due at %(due)s."),
    "paused": _("%(clock)s: paused; the time left runs on when the pause ends."),
    "running": _("%(clock)s: due at %(due)s, counting only the hours in which somebody is there."),
}


def _step(run: Run, told: Mapping[str, Any]) -> Step:
    return Step(_SENTENCES[told["state"]], {"clock": run.name, "due": told["due_at"] or "–"})
