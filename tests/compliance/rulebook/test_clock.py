"""Clocks: the reference desk's corner cases by our conventions, and what holds for every calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance import rulebook
from compliance.rulebook.clocks import Opening, union, used, used_up_at
from marketplace.kernel.errors import Invalid

OFFICE = {name: [["08:00", "18:00"]] for name in ("mon", "tue", "wed", "thu", "fri")}
DAILY = {name: [["09:00", "18:00"]] for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
ALWAYS = {name: [["00:00", "24:00"]] for name in DAILY}


def clocks(
    weekly: dict[str, Any], created: str, as_of: str, events: Any = (), tz: str = "Europe/Berlin",
    calendar: dict[str, Any] | None = None, **policy: Any,
) -> dict[str, Any]:  # fmt: skip
    facts = {
        "calendar": {"tz": tz, "weekly": weekly} | (calendar or {}),
        "created_at": created, "as_of": as_of, "policy": policy, "events": list(events),
    }  # fmt: skip
    return rulebook.answer("clock", facts).answer["clocks"]


def due(told: dict[str, Any], name: str) -> str:
    return told[name]["due_at"]


def event(at: str, kind: str, **more: str) -> dict[str, str]:
    return {"at": at, "type": kind, **more}


def test_a_plain_day():
    told = clocks(
        OFFICE, "2013-03-21T09:30:00Z", "2013-03-21T09:30:00Z", first_response_min=60, resolution_min=180
    )
    assert (due(told, "first_response"), due(told, "resolution")) == (
        "2013-03-21T11:30:00+01:00", "2013-03-21T13:30:00+01:00",
    )  # fmt: skip


def test_a_late_first_answer_says_by_how_much():
    answered = [event("2013-03-21T14:00:00Z", "agent_message")]
    told = clocks(OFFICE, "2013-03-21T09:30:00Z", "2013-03-22T09:00:00Z", answered, first_response_min=60)
    one = told["first_response"]
    assert (one["state"], one["elapsed"], one["difference"]) == (
        "breached", 270 * 60, -210 * 60,
    )  # fmt: skip


def test_closed_time_before_reopening_is_a_pause():
    happened = [
        event("2013-06-04T07:30:00Z", "state", state="pending"),
        event("2013-06-04T07:45:00Z", "state", state="open"),
        event("2013-06-04T08:00:00Z", "closed"),
        event("2013-06-04T08:30:00Z", "reopened"),
    ]
    told = clocks(
        DAILY,
        "2013-06-04T07:00:00Z",
        "2013-06-04T08:40:00Z",
        happened,
        resolution_min=120,
        pause_states=["pending"],
    )
    assert due(told, "resolution") == "2013-06-04T11:45:00+02:00"


def test_a_deadline_on_the_closing_minute_stays_there():
    told = clocks(DAILY, "2013-06-04T14:00:00Z", "2013-06-04T14:00:00Z", resolution_min=120)
    assert due(told, "resolution") == "2013-06-04T18:00:00+02:00"


def test_a_holiday_does_not_count_and_a_special_day_does():
    told = clocks(
        {name: [["08:00", "20:00"]] for name in DAILY}, "2016-11-01T12:56:21Z", "2016-11-01T13:00:00Z",
        calendar={"holidays": ["2016-11-01"]}, first_response_min=60, resolution_min=1200,
    )  # fmt: skip
    special = clocks(
        OFFICE, "2016-11-01T08:00:00Z", "2016-11-01T08:00:00Z",
        calendar={"holidays": ["2016-11-01"], "date_overrides": {"2016-11-01": [["10:00", "11:00"]]}},
        first_response_min=60,
    )  # fmt: skip
    assert due(told, "first_response") == "2016-11-02T09:00:00+01:00"
    assert due(told, "resolution") == "2016-11-03T16:00:00+01:00"
    assert due(special, "first_response") == "2016-11-01T11:00:00+01:00"


def test_seconds_are_exact_through_a_pause():
    happened = [
        event("2016-11-07T13:26:36Z", "state", state="open"),
        event("2016-11-02T07:00:00Z", "state", state="pending"),
    ]
    told = clocks(
        {name: [["08:00", "20:00"]] for name in OFFICE}, "2016-11-02T07:00:00Z", "2016-11-07T14:00:00Z", happened,
        resolution_min=60, pause_states=["pending"],
    )  # fmt: skip
    assert due(told, "resolution") == "2016-11-07T15:26:36+01:00"


def test_a_pause_that_passes_from_one_waiting_state_to_another_is_one_pause():
    happened = [
        event("2026-11-23T09:00:00Z", "state", state="pending"),
        event("2026-11-23T09:30:00Z", "state", state="on_hold"),
        event("2026-11-23T10:00:00Z", "state", state="open"),
    ]
    told = clocks(
        OFFICE, "2026-11-23T08:00:00Z", "2026-11-23T11:00:00Z", happened,
        resolution_min=600, pause_states=["pending", "on_hold"],
    )["resolution"]  # fmt: skip
    assert (told["elapsed"], told["paused"]) == (2 * 3600, 3600)


def test_a_paused_clock_has_no_deadline_and_keeps_what_it_used():
    happened = [event("2026-11-23T09:00:00Z", "state", state="pending")]
    told = clocks(
        OFFICE,
        "2026-11-23T08:00:00Z",
        "2026-11-23T12:00:00Z",
        happened,
        resolution_min=120,
        pause_states=["pending"],
    )["resolution"]
    assert (told["state"], told["due_at"], told["elapsed"], told["paused"]) == (
        "paused", None, 3600, 3 * 3600,
    )  # fmt: skip


def test_a_second_unanswered_message_does_not_move_the_deadline():
    happened = [
        event("2026-11-23T09:00:00Z", "customer_message"),
        event("2026-11-23T10:00:00Z", "customer_message"),
    ]
    told = clocks(OFFICE, "2026-11-23T08:00:00Z", "2026-11-23T10:30:00Z", happened, next_response_min=120)
    assert due(told, "next_response") == "2026-11-23T12:00:00+01:00"


def test_a_first_response_alone_is_no_agent_s_message():
    happened = [
        event("2026-11-23T09:00:00Z", "customer_message"),
        event("2026-11-23T09:30:00Z", "first_response"),
    ]
    told = clocks(
        OFFICE, "2026-11-23T08:00:00Z", "2026-11-23T10:00:00Z", happened,
        first_response_min=600, next_response_min=60, agent_update_every_min=60,
    )  # fmt: skip
    assert {name: one["state"] for name, one in told.items()} == {
        "first_response": "met", "next_response": "running", "agent_update": "breached",
    }  # fmt: skip


@pytest.mark.parametrize("target", [0, None])
def test_no_target_is_no_clock(target: int | None):
    assert clocks(OFFICE, "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z", first_response_min=target) == {}


def test_the_night_the_clocks_change_has_its_real_length():
    told = clocks(ALWAYS, "2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", resolution_min=24 * 60)
    assert due(told, "resolution") == "2026-10-25T23:00:00+01:00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["09:00", "00:00"]]}}}, "calendar.weekly.mon"),
        ({"calendar": {"tz": "Europe/Berlin", "weekly": {}}}, "calendar.weekly"),
        ({"calendar": {"tz": "Mars/Olympus", "weekly": OFFICE}}, "time_zone"),
        ({"calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "12:00"], ["11:00", "13:00"]]}}}, "calendar.weekly.mon"),
        ({"calendar": {"tz": "Europe/Berlin", "weekly": {"funday": []}}}, "calendar.weekly"),
        ({"created_at": "2026-11-23T10:00:00"}, "created_at"),
        ({"as_of": "2026-11-22T10:00:00Z"}, "as_of"),
        ({"policy": {"first_response_min": -1}}, "policy.first_response_min"),
        ({"policy": {"pause_applies_to": ["lunch"]}}, "policy.pause_applies_to"),
        ({"events": [{"at": "2026-11-23T10:00:00Z", "type": "party"}]}, "events[0].type"),
        ({"events": [{"at": "2026-11-01T10:00:00Z", "type": "closed"}]}, "events[0].at"),
        ({"colour": "red"}, "colour"),
        ({"calendar": {"tz": 5, "weekly": OFFICE}}, "calendar.tz"),
        ({"calendar": {"tz": "", "weekly": OFFICE}}, "calendar.tz"),
    ],
)  # fmt: skip
def test_facts_that_make_no_sense_are_named(change: dict[str, Any], field: str):
    facts = {
        "calendar": {"tz": "Europe/Berlin", "weekly": OFFICE}, "created_at": "2026-11-23T10:00:00Z",
        "as_of": "2026-11-23T11:00:00Z", "policy": {"first_response_min": 60}, "events": [],
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rulebook.answer("clock", facts | change)
    assert refused.value.field == field


# -- what holds for every calendar

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
windows = st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True).map(
    lambda cut: tuple(zip(sorted(cut)[::2], sorted(cut)[1::2], strict=False))
)
openings = st.builds(
    Opening, zone=st.sampled_from(ZONES).map(ZoneInfo),
    weekly=st.dictionaries(st.integers(0, 6), windows, min_size=1, max_size=7),
)  # fmt: skip
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))
lengths = st.integers(1, 400).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=150, deadline=None)
@given(openings, instants, lengths)
def test_a_deadline_is_the_earliest_instant_at_which_the_time_is_used_up(
    opening: Opening, start: datetime, length: timedelta
):
    end = used_up_at(opening, start, length, ())
    assert end is not None
    assert used(opening, start, end, ()) == length
    assert used(opening, start, end - timedelta(seconds=1), ()) < length


@settings(max_examples=100, deadline=None)
@given(
    openings, instants, lengths, st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 900)), max_size=4)
)
def test_pauses_never_bring_a_deadline_forward_and_count_once(
    opening: Opening, start: datetime, length: timedelta, cuts: list[tuple[int, int]]
):
    minute = timedelta(minutes=1)
    pauses = [(start + begins * minute, start + (begins + wide) * minute) for begins, wide in cuts]
    plain = used_up_at(opening, start, length, ())
    once, twice = (used_up_at(opening, start, length, union(some)) for some in (pauses, pauses * 2))
    assert plain is not None
    assert once is not None
    assert once == twice >= plain


@settings(max_examples=100, deadline=None)
@given(openings, instants, lengths, st.integers(0, 5000))
def test_who_starts_later_is_never_due_earlier(opening: Opening, start: datetime, length: timedelta, by: int):
    first = used_up_at(opening, start, length, ())
    second = used_up_at(opening, start + timedelta(minutes=by), length, ())
    assert first is not None
    assert second is not None
    assert first <= second
