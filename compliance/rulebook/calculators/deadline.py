"""When any period of the rulebook ends, with every day that counted and why.

A rule is named by its id (``eu.privacy.request_period``) or by the id of the law collection that it
came from (``eu.gdpr.request.deadline``). The market says whose holidays count and which national
rule of the same name governs; a rule of one country is its own market. The law is that of the day.

Where only the day of an event is known, hours run from its start for a business and from its end
for a consumer: ambiguous deadlines are rounded down for businesses, up for consumers. `nth_day` and
`due_at` are what a business aims at, `due_on` and `latest_at` what the law allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from compliance.rulebook.book import InForce, Rule, Rulebook
from compliance.rulebook.calculators.facts_in import Reader, main_zone
from compliance.rulebook.calculators.reasoning import Reasoning, is_open, length_of
from compliance.rulebook.loader import TIME_UNITS
from compliance.rulebook.periods import (
    BACKWARDS,
    DAY,
    Calendar,
    Period,
    add_hours,
    count,
    end_of_day,
    end_of_last_hour,
    time_zone,
)
from compliance.rulebook.strict_yaml import load_plain
from compliance.rulebook.types import Answer, Length, Msgid
from compliance.rulebook.words import noop as _
from marketplace.kernel.errors import Invalid

CONSUMERS = ("consumer", "payer", "user")
MOST_DAYS = 400  # a longer list of days is cut to those that did not count
_FACTS = {"rule", "market", "happened_at", "happened_on", "extended", "time_zone", "holidays"}


class UnknownRule(Invalid):
    code: ClassVar[str] = "unknown_rule"
    title: ClassVar[str] = "There is no such deadline in the rulebook."


@dataclass(frozen=True, slots=True)
class Stage:
    """What comes after a deadline; `from_end` counts it from the end of the first."""

    next: str
    from_end: bool


@dataclass(frozen=True, slots=True)
class Event:
    """When the clock was started; `at` is known to the second or not at all."""

    on: date
    at: datetime | None
    zone: ZoneInfo
    zone_name: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The end of a period: a day, or an instant where hours count."""

    nth_day: date | None
    on: date | None
    at: datetime | None
    counted: tuple[dict[str, Any], ...]
    latest_at: datetime | None = None  # where a regulation does not count the hour of the event


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``deadline``. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    named = _named(reader, book)
    market = _market(reader, book, named)
    event = _event(reader, market)
    notes = Reasoning(book.on(event.on), market)
    found = _governing(reader, notes, named, event)
    notes.rest_on(found)
    calendar = reader.calendar(market, book)
    extended = bool(reader.flag("extended"))
    ends = _ends(notes, found, event, calendar, extended=extended)
    return notes.answer(_fields(notes, found, event, ends, calendar))


def _fields(notes: Reasoning, found: InForce, event: Event, ends: Ends, calendar: Calendar) -> dict[str, Any]:
    return {
        "rule": found.id,
        "due_at": ends.at,
        "latest_at": ends.latest_at,
        "due_on": ends.on,
        "nth_day": ends.nth_day,
        "unit": found.rule.unit,
        "counted": list(ends.counted),
        "next_stage": _next_stage(notes, found, event, ends, calendar),
    }


# -- which rule


def is_deadline(rule: Rule) -> bool:
    """Return whether a rule is a length of time that ends some day."""
    return rule.kind == "term" and rule.unit in TIME_UNITS


def _named(reader: Reader, book: Rulebook) -> Rule:
    value = reader.get("rule")
    if not isinstance(value, str) or not value:
        raise reader.wrong("rule", "The rule is needed, by its id such as eu.privacy.request_period.")
    rule = book.rules.get(value)
    if rule is not None:
        if not is_deadline(rule):
            raise UnknownRule("%(rule)s is not a length of time.", field="rule", rule=value)
        return rule
    known = _by_source(book).get(value, ())
    if not known:
        raise UnknownRule("We do not know the rule %(rule)s.", field="rule", rule=value)
    first = known if len(known) == 1 else [rule for rule in known if rule.name in _stages()]
    if len(first) != 1:
        raise UnknownRule(
            "%(rule)s is several deadlines: %(several)s. Name one.",
            field="rule", rule=value, several=", ".join(rule.id for rule in known),
        )  # fmt: skip
    return first[0]


@lru_cache(maxsize=2)
def _by_source(book: Rulebook) -> Mapping[str, tuple[Rule, ...]]:
    """Return the deadlines of every id of the law collection, extensions left out."""
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in book.rules.values():
        if is_deadline(rule) and not rule.name.endswith("_extension"):
            for source in rule.source_ids:
                found[source] = (*found.get(source, ()), rule)
    return found


def _market(reader: Reader, book: Rulebook, rule: Rule) -> str:
    if reader.get("market") is None:
        place = book.jurisdictions[rule.jurisdiction]
        if place.kind not in ("country", "subdivision"):
            raise reader.wrong(
                "market", "%(rule)s is law in several places; the market is needed.", rule=rule.id
            )
        return place.code
    market = reader.market(book)
    if not book.is_under(market, rule.jurisdiction):
        raise reader.wrong("market", "%(rule)s is not law in %(market)s.", rule=rule.id, market=market)
    return market


def _event(reader: Reader, market: str) -> Event:
    name = reader.get("time_zone")
    if name is not None and not isinstance(name, str):
        raise reader.wrong("time_zone", "The time zone is a name such as Europe/Berlin.")
    name = name or main_zone(market)
    zone = time_zone(name)
    on, at = reader.day_or_instant("happened", zone)
    if on is None:
        raise reader.wrong(
            "happened_on", "When it happened is needed, as a date such as 2026-11-23 or as a date-time."
        )
    return Event(on, at, zone, name)


def _governing(reader: Reader, notes: Reasoning, rule: Rule, event: Event) -> InForce:
    found = notes.law.find(rule.name, notes.market)
    if found is None or rule.version_on(event.on) is None or not is_deadline(found.rule):
        day = "happened_on" if event.at is None else "happened_at"
        raise reader.wrong(
            day, "%(rule)s was not in force on %(day)s.", rule=rule.id, day=event.on.isoformat()
        )
    if found.id != rule.id:
        notes.step(
            _("In %(market)s %(national)s governs instead of %(rule)s."),
            market=notes.market, national=found.id, rule=rule.id,
        )  # fmt: skip
    return found


# -- when it ends


def _ends(notes: Reasoning, found: InForce, event: Event, calendar: Calendar, *, extended: bool) -> Ends:
    if is_open(found):
        notes.doubt(_("The law names no fixed end for this."))
        return Ends(None, None, None, ())
    length = found.version.value
    extra = _extension(notes, found) if extended else None
    if extra is not None and extra.unit == found.rule.unit:
        length, extra = length + extra.value, None
    notes.step(
        _("%(title)s: %(length)s (%(rule)s)."),
        title=Msgid(found.rule.title), length=Length(length, found.rule.unit), rule=found.id,
    )  # fmt: skip
    if found.rule.unit == "hours":
        return _hours(notes, found, event, calendar, length)
    counted = count(event.on, length, found.rule.unit, found.rule.counting, calendar)
    days = tuple(_days(counted, found.rule.unit, found.rule.counting, calendar))
    if extra is not None:
        counted = count(counted.last_day, extra.value, extra.unit, found.rule.counting, calendar)
    _say_days(notes, event, counted, found)
    return Ends(counted.nth_day, counted.last_day, None, days)


def _extension(notes: Reasoning, found: InForce) -> Length | None:
    """Return by how much a period can be made longer: by a rule of its own, or by what the rule says."""
    rule = notes.find(f"{found.rule.name.removesuffix('_period')}_extension")
    if rule is not None:
        notes.rest_on(rule)
        notes.step(_("It can be made %(length)s longer."), length=length_of(rule))
        return length_of(rule)
    params = found.version.params
    more = params.get("extended_by", params.get("extension"))
    if more is None and "at_most" in params:
        more = int(params["at_most"]) - found.version.value
    if more is None:
        notes.doubt(_("The rulebook knows no longer time for this; the plain one is counted."))
        return None
    notes.step(_("It can be made %(length)s longer."), length=(length := Length(int(more), found.rule.unit)))
    return length


def _hours(notes: Reasoning, found: InForce, event: Event, calendar: Calendar, length: int) -> Ends:
    started = event.at
    if started is None:
        for_consumer = found.version.params.get("by") in CONSUMERS
        started = datetime.combine(event.on + (DAY if for_consumer else timedelta()), time(), event.zone)
        notes.doubt(_("The hour is not known; hours are counted so that nobody is late who relies on this."))
    due = add_hours(started, length, counting=found.rule.counting, calendar=calendar, zone=event.zone_name)
    notes.step(
        _("Counted by the clock from %(start)s it ends at %(end)s."),
        start=started.astimezone(event.zone).isoformat(), end=due.isoformat(),
    )  # fmt: skip
    clock_only = found.rule.counting != "clock_working"
    days = tuple(_hour_days(started.astimezone(event.zone), due, calendar, clock_only))
    if not notes.law.book.is_under(notes.market, "EU") or event.at is None:
        return Ends(None, None, due, days)
    latest = end_of_last_hour(event.at, length, event.zone_name)
    if latest != due:
        notes.step(
            _("By Regulation 1182/71 the hour in which it happened is not counted: it ends at %(end)s at the latest."),
            end=latest.isoformat(),
        )  # fmt: skip
    return Ends(None, None, due, days, latest)


def _say_days(notes: Reasoning, event: Event, counted: Period, found: InForce) -> None:
    if found.rule.counting == BACKWARDS:
        notes.step(
            _("Counted back from %(day)s, the day is %(end)s; it never moves."),
            day=event.on, end=counted.last_day,
        )  # fmt: skip
        return
    notes.step(
        _("Day 1 is %(first_day)s; counted out, the last day is %(nth_day)s."),
        first_day=counted.first_day,
        nth_day=counted.nth_day,
    )
    if counted.rolled:
        notes.step(
            _("That is not a working day, so the last day moves to %(last_day)s."), last_day=counted.last_day
        )


# -- why each day counted


def _days(counted: Period, unit: str, counting: str, calendar: Calendar) -> Iterator[dict[str, Any]]:
    """Yield each day from the event to the end; of very long periods only those that did not count."""
    step = DAY if counted.last_day >= counted.start else -DAY
    length = abs((counted.last_day - counted.start).days)
    day, number = counted.start, 0
    for _i in range(length + 1):
        why = calendar.why_free(day) if unit == "working_days" or counting == "working" else ""
        if day == counted.start != counted.first_day:
            yield _day(day, None, "the day of the event")
        elif step == DAY and day > counted.nth_day:
            free = calendar.why_free(day)
            yield _day(day, None, f"the end moves on: {free}" if free else "the end moved to this day")
        elif why:
            yield _day(day, None, why)
        else:
            number += 1
            if length <= MOST_DAYS or day == counted.nth_day:
                yield _day(day, number, "counts")
        day += step


def _day(day: date, number: int | None, why: str) -> dict[str, Any]:
    return {"day": day.isoformat(), "counts": number is not None, "number": number, "why": why}


def _hour_days(
    start: datetime, due: datetime, calendar: Calendar, clock_only: bool
) -> Iterator[dict[str, Any]]:
    day = start.date()
    while day <= due.date() and (day - start.date()).days <= MOST_DAYS:
        why = "" if clock_only else calendar.why_free(day)
        yield {"day": day.isoformat(), "counts": not why, "number": None, "why": why or "hours run"}
        day += DAY


# -- what comes then


@cache
def _stages() -> Mapping[str, Stage]:
    entries = load_plain(Path(__file__).parent.parent / "stages.yaml")
    return {name: Stage(entry["next"], entry["from"] == "end") for name, entry in entries.items()}


def _next_stage(
    notes: Reasoning, found: InForce, event: Event, ends: Ends, calendar: Calendar
) -> dict[str, Any] | None:
    """Return the next deadline of the same matter, if it runs to its end or beside it."""
    stage = _stages().get(found.rule.name)
    then = notes.find(stage.next) if stage is not None else None
    if stage is None or then is None or not is_deadline(then.rule) or is_open(then):
        return None
    notes.mention(then)
    end_day = ends.on or (ends.at.astimezone(event.zone).date() if ends.at else None)
    start = end_day if stage.from_end else event.on
    if start is None:
        return None
    said: dict[str, Any] = {
        "rule": then.id,
        "title": then.rule.title,
        "from": "end" if stage.from_end else "event",
    }
    if then.rule.unit == "hours":
        begins = event.at if event.at is not None and not stage.from_end else end_of_day(start, event.zone)
        at = add_hours(
            begins, then.version.value, counting=then.rule.counting, calendar=calendar, zone=event.zone_name
        )
        return said | {"due_at": at.isoformat(), "due_on": None}
    due = notes.count(start, then, calendar).last_day
    return said | {"due_at": None, "due_on": due.isoformat()}
