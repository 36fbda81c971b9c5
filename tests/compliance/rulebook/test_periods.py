"""Counting periods: worked days of every regime, and properties that hold for any day."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance.rulebook import periods
from compliance.rulebook.periods import Calendar, UnknownTimeZone, count, given_calendar

ROOT = Path(__file__).resolve().parents[3]
DE, CN, US, GB, SA = Calendar("DE"), Calendar("CN"), Calendar("US"), Calendar("GB-ENG"), Calendar("SA")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
REGIMES = st.sampled_from(["eu", "excluded_roll", "excluded_roll_sunday", "excluded", "included"])
UNITS = st.sampled_from(["calendar_days", "weeks", "months", "years"])
CALENDARS = st.sampled_from([DE, CN, US, GB, SA])
ZONES = st.sampled_from(
    ["Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"]
)


@pytest.mark.parametrize(
    ("start", "length", "unit", "counting", "calendar", "nth", "last"),
    [
        ("2026-11-23", 14, "calendar_days", "eu", DE, "2026-12-07", "2026-12-07"),
        ("2026-12-11", 14, "calendar_days", "eu", DE, "2026-12-25", "2026-12-28"),  # Christmas, weekend
        ("2026-12-11", 14, "calendar_days", "excluded", GB, "2026-12-25", "2026-12-25"),  # never rolls
        ("2026-12-11", 8, "calendar_days", "included", Calendar("JP"), "2026-12-18", "2026-12-18"),
        ("2026-09-28", 7, "calendar_days", "excluded_roll", CN, "2026-10-05", "2026-10-08"),  # National Day
        (
            "2026-10-03",
            7,
            "calendar_days",
            "excluded_roll",
            CN,
            "2026-10-10",
            "2026-10-10",
        ),  # make-up Saturday
        (
            "2026-11-07",
            14,
            "calendar_days",
            "excluded_roll_sunday",
            DE,
            "2026-11-21",
            "2026-11-21",
        ),  # Saturday
        ("2026-11-08", 14, "calendar_days", "excluded_roll_sunday", DE, "2026-11-22", "2026-11-23"),  # Sunday
        ("2026-11-20", 7, "working_days", "working", US, "2026-12-02", "2026-12-02"),  # Thanksgiving
        ("2026-01-31", 1, "months", "excluded", DE, "2026-02-28", "2026-02-28"),
        ("2024-02-29", 1, "years", "excluded", DE, "2025-02-28", "2025-02-28"),
        ("2026-02-28", 12, "months", "eu", DE, "2027-02-28", "2027-03-01"),  # a Sunday
        (
            "2026-04-01",
            2,
            "calendar_days",
            "eu",
            DE,
            "2026-04-03",
            "2026-04-07",
        ),  # Good Friday to Easter Monday
        ("2026-12-24", 3, "calendar_days", "eu", DE, "2026-12-27", "2026-12-29"),  # two working days at least
        ("2026-11-23", 14, "calendar_days", "eu_backwards", DE, "2026-11-09", "2026-11-09"),
        ("2026-12-28", 3, "calendar_days", "eu_backwards", DE, "2026-12-25", "2026-12-25"),  # a holiday stays
        ("2026-12-28", 2, "working_days", "eu_backwards", DE, "2026-12-23", "2026-12-23"),
        ("2026-03-31", 1, "months", "eu_backwards", DE, "2026-02-28", "2026-02-28"),
    ],
)
def test_worked_periods(
    start: str, length: int, unit: str, counting: str, calendar: Calendar, nth: str, last: str
) -> None:
    counted = count(date.fromisoformat(start), length, unit, counting, calendar)
    assert (counted.nth_day.isoformat(), counted.last_day.isoformat()) == (nth, last)


def test_a_make_up_saturday_in_china_is_a_working_day() -> None:
    saturday, holiday = date(2026, 10, 10), date(2026, 10, 5)
    assert (CN.is_working(saturday), CN.is_working(holiday)) == (True, False)


def test_the_weekend_of_saudi_arabia_is_friday_and_saturday() -> None:
    assert [SA.is_working(date(2026, 11, day)) for day in (19, 20, 21, 22)] == [True, False, False, True]


def test_given_holidays_replace_the_built_in_ones() -> None:
    calendar = given_calendar([date(2026, 12, 7)])
    christmas = count(date(2026, 12, 11), 14, "calendar_days", "eu", calendar)
    monday = count(date(2026, 11, 23), 14, "calendar_days", "eu", calendar)
    assert (christmas.last_day, monday.last_day) == (date(2026, 12, 25), date(2026, 12, 8))


def test_the_reasons_for_rolling_are_kept() -> None:
    counted = count(date(2026, 12, 11), 14, "calendar_days", "eu", DE)
    assert [(skipped.day.day, skipped.why) for skipped in counted.skipped] == [
        (25, "Christmas Day"),
        (26, "Second Day of Christmas"),
        (27, "Sunday"),
    ]


def test_a_subdivision_without_its_own_holidays_uses_its_country() -> None:
    assert Calendar("FR-ZZZ").why_free(date(2026, 7, 14)) == "National Day"


def test_hours_by_the_clock_cross_a_change_of_the_clocks() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert periods.add_hours(start, 24, zone="Europe/Berlin").isoformat() == "2026-10-25T11:00:00+01:00"


def test_working_hours_skip_the_weekend_whole() -> None:
    friday = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("America/New_York"))
    due = periods.add_hours(friday, 24, counting="clock_working", calendar=US, zone="America/New_York")
    assert due.isoformat() == "2026-11-23T15:00:00-05:00"


def test_the_end_of_a_day_is_where_the_consumer_is() -> None:
    day = date(2026, 12, 8)
    ends = [
        periods.end_of_day(day, periods.time_zone(zone)).isoformat()
        for zone in ("Europe/Berlin", "Asia/Tokyo")
    ]
    assert ends == ["2026-12-08T23:59:59+01:00", "2026-12-08T23:59:59+09:00"]


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", "", "\x00"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        periods.time_zone(name)


@given(start=DAYS, length=st.integers(0, 400), unit=UNITS, counting=REGIMES, calendar=CALENDARS)
def test_the_last_day_is_never_before_the_nth(
    start: date, length: int, unit: str, counting: str, calendar: Calendar
) -> None:
    assume(unit != "years" or length < 20)
    counted = count(start, length, unit, counting, calendar)
    assert start <= counted.nth_day <= counted.last_day


@given(start=DAYS, length=st.integers(0, 60), unit=UNITS, counting=REGIMES, calendar=CALENDARS)
def test_a_later_start_never_ends_earlier(
    start: date, length: int, unit: str, counting: str, calendar: Calendar
) -> None:
    assume(unit != "years" or length < 20)
    first = count(start, length, unit, counting, calendar)
    second = count(start + timedelta(days=1), length, unit, counting, calendar)
    assert first.last_day <= second.last_day


@given(start=DAYS, length=st.integers(0, 60), counting=REGIMES, calendar=CALENDARS)
def test_a_longer_period_never_ends_earlier(
    start: date, length: int, counting: str, calendar: Calendar
) -> None:
    shorter = count(start, length, "calendar_days", counting, calendar)
    longer = count(start, length + 1, "calendar_days", counting, calendar)
    assert shorter.last_day <= longer.last_day


@given(start=DAYS, length=st.integers(1, 60), calendar=CALENDARS)
def test_a_rolled_end_is_a_working_day_and_nothing_between_is(
    start: date, length: int, calendar: Calendar
) -> None:
    counted = count(start, length, "calendar_days", "excluded_roll", calendar)
    between = [counted.nth_day + timedelta(days=i) for i in range((counted.last_day - counted.nth_day).days)]
    assert calendar.is_working(counted.last_day)
    assert not any(calendar.is_working(day) for day in between)


@given(start=DAYS, length=st.integers(2, 60))
def test_a_union_period_has_two_working_days(start: date, length: int) -> None:
    counted = count(start, length, "calendar_days", "eu", DE)
    inside = [counted.first_day + timedelta(days=i) for i in range((counted.last_day - start).days)]
    assert sum(DE.is_working(day) for day in inside) >= 2


@given(start=DAYS, length=st.integers(1, 40), calendar=CALENDARS)
def test_working_days_are_counted_exactly(start: date, length: int, calendar: Calendar) -> None:
    counted = count(start, length, "working_days", "working", calendar)
    inside = [start + timedelta(days=i + 1) for i in range((counted.last_day - start).days)]
    assert sum(calendar.is_working(day) for day in inside) == length
    assert calendar.is_working(counted.last_day)


@given(start=DAYS, length=st.integers(0, 400))
def test_counting_the_first_day_in_ends_one_day_earlier(start: date, length: int) -> None:
    assume(length > 0)
    excluded = count(start, length, "calendar_days", "excluded", DE)
    included = count(start, length, "calendar_days", "included", DE)
    assert excluded.last_day - included.last_day == timedelta(days=1)


@given(end=DAYS, length=st.integers(0, 60))
def test_counting_back_never_rolls(end: date, length: int) -> None:
    counted = count(end, length, "calendar_days", "eu_backwards", DE)
    assert counted.last_day == end - timedelta(days=length)


@given(day=DAYS, months=st.integers(0, 240))
def test_months_end_on_the_same_date_or_the_last_of_the_month(day: date, months: int) -> None:
    found = periods.add_months(day, months)
    is_last = (found + timedelta(days=1)).day == 1
    assert found.day == day.day or (found.day < day.day and is_last)


@given(day=DAYS, zone=ZONES)
def test_the_last_second_of_a_day_is_in_that_day_and_the_next_is_not(day: date, zone: str) -> None:
    place = periods.time_zone(zone)
    end = periods.end_of_day(day, place)
    after = (end.astimezone(UTC) + timedelta(seconds=1)).astimezone(place)
    assert (periods.local_day(end, place), periods.local_day(after, place)) == (day, day + timedelta(days=1))


@given(
    instant=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(0, 200),
    zone=ZONES,
)
def test_hours_by_the_clock_are_elapsed_time_in_every_zone(instant: datetime, hours: int, zone: str) -> None:
    assert periods.add_hours(instant, hours, zone=zone) - instant == timedelta(hours=hours)


@given(
    instant=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(0, 120),
    minutes=st.integers(0, 3000),
    calendar=CALENDARS,
    zone=ZONES,
)
def test_working_hours_never_end_earlier_for_who_starts_later(
    instant: datetime, hours: int, minutes: int, calendar: Calendar, zone: str
) -> None:
    def ends(start: datetime) -> datetime:
        return periods.add_hours(start, hours, counting="clock_working", calendar=calendar, zone=zone)

    assert ends(instant) <= ends(instant + timedelta(minutes=minutes))
    assert ends(instant) >= periods.add_hours(instant, hours, zone=zone)


@given(end=DAYS, length=st.integers(1, 40), calendar=CALENDARS)
def test_working_days_counted_back_are_as_many_and_end_on_one(
    end: date, length: int, calendar: Calendar
) -> None:
    day = count(end, length, "working_days", "eu_backwards", calendar).last_day
    inside = [day + timedelta(days=i) for i in range((end - day).days)]
    assert sum(calendar.is_working(one) for one in inside) == length
    assert calendar.is_working(day)


@given(first=DAYS, by=st.integers(0, 40), length=st.integers(0, 60), unit=UNITS)
def test_counting_back_from_a_later_day_never_ends_earlier(
    first: date, by: int, length: int, unit: str
) -> None:
    assume(unit != "years" or length < 20)
    one = count(first, length, unit, "eu_backwards", DE).last_day
    two = count(first + timedelta(days=by), length, unit, "eu_backwards", DE).last_day
    assert one <= two
    assert one <= first


@given(
    instant=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(0, 200),
    zone=ZONES,
)
def test_the_legal_end_of_hours_is_at_most_an_hour_after_the_aim(
    instant: datetime, hours: int, zone: str
) -> None:
    aim, latest = periods.add_hours(instant, hours, zone=zone), periods.end_of_last_hour(instant, hours, zone)
    assert timedelta() <= latest - aim < timedelta(hours=1)
    assert (latest.minute, latest.second) == (0, 0)


WORKED = r"""
import json
from compliance.rulebook import answer
asked = [
    ("withdrawal", {"market": "DE", "concluded_on": "2026-03-20", "deliveries": [{"received_at": "2026-03-28T23:30:00Z"}]}),
    ("withdrawal", {"market": "CN", "concluded_on": "2026-09-20", "deliveries": [{"received_at": "2026-09-26T17:00:00Z"}]}),
    ("deadline", {"rule": "eu.privacy.breach_notice", "market": "DE", "happened_at": "2026-10-23T22:15:00Z"}),
    ("deadline", {"rule": "us.safety.accident_report", "happened_at": "2026-03-06T23:15:00Z"}),
    ("clock", {"calendar": {"tz": "America/New_York", "weekly": {"sat": [["20:00", "24:00"]], "sun": [["00:00", "08:00"]]}},
               "created_at": "2026-11-01T00:30:00Z", "as_of": "2026-11-01T00:30:00Z", "policy": {"resolution_min": 500}}),
    ("prior_price", {"market": "ES", "reduction_from": "2026-11-23", "new_price": "5", "history": [
        {"from": "2026-10-01T00:00:00+02:00", "until": "2026-10-25T00:30:00Z", "price": "7"},
        {"from": "2026-10-25T00:30:00Z", "price": "8"}]}),
]
print(json.dumps([answer(ask, facts).answer for ask, facts in asked], sort_keys=True))
"""


def _worked(**environment: str) -> str:
    """Answer in a process of its own, whose zone or time-zone data is another."""
    done = subprocess.run(
        [sys.executable, "-c", WORKED], cwd=ROOT, env={**os.environ, **environment}, check=True,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout


def test_answers_do_not_depend_on_the_zone_of_the_server_or_on_where_zone_data_comes_from() -> None:
    here = _worked(TZ="UTC")
    others = [{"TZ": "Pacific/Kiritimati"}, {"TZ": "America/St_Johns"}, {"TZ": "UTC", "PYTHONTZPATH": ""}]
    assert [_worked(**environment) for environment in others] == [here] * 3


@pytest.mark.parametrize(
    ("length", "unit", "day"),
    [
        (14, "calendar_days", "2026-11-09"), (2, "weeks", "2026-11-09"), (3, "months", "2026-08-23"),
        (13, "months", "2025-10-23"), (2, "years", "2024-11-23"), (3, "working_days", "2026-11-18"),
    ],
)  # fmt: skip
def test_a_period_is_counted_back_in_every_unit(length: int, unit: str, day: str):
    assert count(date(2026, 11, 23), length, unit, periods.BACKWARDS, DE).last_day.isoformat() == day


def test_working_hours_that_end_at_midnight_end_with_the_day_and_not_after_the_weekend():
    start = datetime(2026, 11, 20, tzinfo=ZoneInfo("Europe/Berlin"))  # a Friday
    due = periods.add_hours(start, 24, counting="clock_working", calendar=DE, zone="Europe/Berlin")
    assert due.isoformat() == "2026-11-21T00:00:00+01:00"


def test_weeks_are_counted_in_sevens():
    assert count(date(2026, 11, 23), 2, "weeks", "excluded", DE).nth_day == date(2026, 12, 7)
