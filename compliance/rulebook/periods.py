"""Counting periods: days, working days, hours, months and years, in every regime the law uses.

The regimes are named by the rules (`counting:`); none is a default. Sources: Regulation (EEC,
Euratom) No 1182/71 Arts. 2 and 3 for ``eu``; the day-count table of the law collection for the
others. The hours in which somebody is there (opening windows, pauses) are in clocks.py. A free day is a weekend day or public holiday of the place where the act is done; a
make-up working day (China) is not free although it is a Saturday or Sunday.

Nothing here reads a clock, and nothing depends on the time zone of the server.
"""

from __future__ import annotations

import calendar as months_of
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marketplace.kernel.errors import Invalid

DAY = timedelta(days=1)
SUNDAY, SATURDAY = 6, 5
ROLLING = frozenset({"eu", "excluded_roll", "excluded_roll_sunday"})
BACKWARDS = "eu_backwards"
_FARTHEST = 400  # no calendar has so many free days in a row; stops a nonsense calendar


class UnknownTimeZone(Invalid):
    code: ClassVar[str] = "unknown_time_zone"
    title: ClassVar[str] = "We do not know this time zone."


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are free in one place. Either a built-in country or the holidays that were given."""

    code: str  # "DE", "US-CA"; "" for a calendar that was given whole
    given: frozenset[date] | None = None
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})

    def why_free(self, day: date) -> str:
        """Return why `day` is not a working day (its holiday or weekday name), or ""."""
        if self.given is not None:
            if day in self.given:
                return "public holiday"
            return _WEEKDAYS[day.weekday()] if day.weekday() in self.weekend else ""
        year = _year(self.code, day.year)
        if day in year.make_up:
            return ""
        if day in year.holidays:
            return year.holidays[day]
        return _WEEKDAYS[day.weekday()] if day.weekday() in year.weekend else ""

    def is_working(self, day: date) -> bool:
        return not self.why_free(day)

    def is_holiday(self, day: date) -> bool:
        """Return whether `day` is free for another reason than being a weekend day."""
        if self.given is not None:
            return day in self.given
        return day in _year(self.code, day.year).holidays


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that did not count, or over which the end rolled, and why."""

    day: date
    why: str


@dataclass(frozen=True, slots=True)
class Period:
    """A counted period in whole days: `nth_day` by counting alone, `last_day` by law."""

    start: date  # the day of the event
    first_day: date  # the first day that counts
    nth_day: date
    last_day: date
    skipped: tuple[Skipped, ...] = ()

    @property
    def rolled(self) -> bool:
        return self.last_day != self.nth_day


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class _Year:
    holidays: dict[date, str]
    make_up: frozenset[date]
    weekend: frozenset[int]


@cache
def _year(code: str, year: int) -> _Year:
    import holidays  # a large package; loaded only when a period meets a calendar

    country, _, subdivision = code.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US")
    except NotImplementedError:
        if subdivision:  # a subdivision without holidays of its own keeps its country's
            return _year(country, year)
        raise Invalid(f"We have no holidays of {code}.", field="market") from None
    make_up = frozenset(day for day in found.weekend_workdays if day.year == year)
    return _Year(dict(found), make_up, frozenset(found.weekend))


def weekend_of(code: str) -> frozenset[int]:
    """Return the days of the week, Monday is 0, that are free in a country."""
    return _year(code, 2026).weekend


def given_calendar(days: Iterable[date], weekend: Iterable[int] = (SATURDAY, SUNDAY)) -> Calendar:
    """Return a calendar of exactly these holidays and this weekend."""
    return Calendar("", frozenset(days), frozenset(weekend))


def count(start: date, length: int, unit: str, counting: str, calendar: Calendar) -> Period:
    """Count a period of `length` units from the day of the event.

    :param unit: calendar_days, working_days, weeks, months or years (hours: see `add_hours`).
    :param counting: a regime of the rules, see the module's text; ``eu_backwards`` counts back.
    """
    if counting == BACKWARDS:
        return _count_back(start, length, unit, calendar)
    if unit == "working_days" or counting == "working":
        return _count_working(start, length, calendar)
    first = start if counting == "included" else start + DAY
    nth = _nth_day(start, length, unit, counting)
    last = nth
    skipped: tuple[Skipped, ...] = ()
    if counting in ROLLING:
        last, skipped = _roll(nth, calendar, counting)
    if counting == "eu" and (nth - start).days >= 2:
        last = _with_two_working_days(first, last, calendar)
    return Period(start, first, nth, last, skipped)


def add_months(day: date, months: int) -> date:
    """Return the same date `months` later, or the last day of that month if it has no such date."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, months_of.monthrange(year, month + 1)[1]))


def add_hours(
    instant: datetime,
    hours: int,
    *,
    counting: str = "clock",
    calendar: Calendar | None = None,
    zone: str = "UTC",
) -> datetime:
    """Return the instant at which `hours` are used up, in `zone`.

    ``clock`` runs through nights, weekends and holidays, and across changes of the clocks by
    elapsed time. ``clock_working`` skips free days of `calendar` whole.
    """
    place = time_zone(zone)
    if counting == "clock" or calendar is None:
        return (instant.astimezone(UTC) + timedelta(hours=hours)).astimezone(place)
    return _working_hours(instant.astimezone(place), timedelta(hours=hours), calendar, place)


def end_of_last_hour(instant: datetime, hours: int, zone: str = "UTC") -> datetime:
    """Return the end of a period of hours by Reg. 1182/71 Art. 3(1) and (2)(a): the hour of the event is not counted.

    A duty of one's own aims at `add_hours`, which is never later.
    """
    place = time_zone(zone)
    local = instant.astimezone(place)
    begun = local.replace(minute=0, second=0, microsecond=0)
    wait = timedelta() if begun == local else timedelta(hours=1)
    return (begun.astimezone(UTC) + wait + timedelta(hours=hours)).astimezone(place)


def time_zone(name: str) -> ZoneInfo:
    """Return an IANA zone. Raises UnknownTimeZone."""
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(f"We do not know the time zone {name!r}.", field="time_zone") from None


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last second of `day` in `zone`; a period ends when it is over."""
    last = datetime.combine(day, time(23, 59, 59), zone).replace(fold=1)
    return last.astimezone(UTC).astimezone(zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date that an instant falls on where the consumer is."""
    return instant.astimezone(zone).date()


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _nth_day(start: date, length: int, unit: str, counting: str) -> date:
    if unit in ("months", "years"):
        end = add_months(start, length * (12 if unit == "years" else 1))
        return end - DAY if counting == "included" and length else end
    days = length * (7 if unit == "weeks" else 1)
    return start + timedelta(days=max(days - 1, 0) if counting == "included" else days)


def _roll(day: date, calendar: Calendar, counting: str) -> tuple[date, tuple[Skipped, ...]]:
    skipped: list[Skipped] = []
    while (why := _why_rolls(day, calendar, counting)) and len(skipped) < _FARTHEST:
        skipped.append(Skipped(day, why))
        day += DAY
    return day, tuple(skipped)


def _why_rolls(day: date, calendar: Calendar, counting: str) -> str:
    if counting == "excluded_roll_sunday" and day.weekday() == SATURDAY and not calendar.is_holiday(day):
        return ""
    return calendar.why_free(day)


def _with_two_working_days(first: date, last: date, calendar: Calendar) -> date:
    """Reg. 1182/71 Art. 3(5): a period of two days or more includes at least two working days."""
    working = 0
    day = first
    while day <= last and working < 2:
        working += calendar.is_working(day)
        day += DAY
    while working < 2 and (last - first).days < _FARTHEST:
        last += DAY
        working += calendar.is_working(last)
    return last


def _count_working(start: date, length: int, calendar: Calendar) -> Period:
    skipped: list[Skipped] = []
    day, left, first = start, length, start
    while left > 0 and len(skipped) < _FARTHEST:
        day += DAY
        why = calendar.why_free(day)
        if why:
            skipped.append(Skipped(day, why))
            continue
        first = day if first == start else first
        left -= 1
    return Period(start, first, day, day, tuple(skipped))


def _count_back(start: date, length: int, unit: str, calendar: Calendar) -> Period:
    """Counted back from a day or event; never rolls (Reg. 1182/71 Art. 3(4), second sentence)."""
    if unit == "working_days":
        day, left = start, length
        for _ in range(_FARTHEST):
            if left == 0:
                break
            day -= DAY
            left -= calendar.is_working(day)
        return Period(start, start - DAY, day, day)
    if unit in ("months", "years"):
        day = add_months(start, -length * (12 if unit == "years" else 1))
    else:
        day = start - timedelta(days=length * (7 if unit == "weeks" else 1))
    return Period(start, start - DAY, day, day)


def _working_hours(local: datetime, left: timedelta, calendar: Calendar, place: ZoneInfo) -> datetime:
    for _ in range(_FARTHEST):
        midnight = datetime.combine(local.date() + DAY, time(), place)
        room = midnight.astimezone(UTC) - local.astimezone(UTC)
        if calendar.is_working(local.date()):
            if left <= room:
                return (local.astimezone(UTC) + left).astimezone(place)
            left -= room
        local = midnight
    return local
