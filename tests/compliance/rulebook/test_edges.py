"""Edges of calculators that a small mistake would move: worked from the citations, one story each."""

from __future__ import annotations

from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook.calculators.facts_in import EARLIEST, LATEST
from marketplace.kernel.errors import Invalid


def told(ask: str, **facts: Any) -> dict[str, Any]:
    return rulebook.answer(ask, facts).answer


def test_on_the_last_day_a_delivery_is_due_and_on_the_next_it_is_late() -> None:
    """Directive 2011/83/EU Art. 18(1): the trader delivers not later than the day."""
    facts = {"market": "FR", "concluded_on": "2026-11-02", "promised_on": "2026-11-12"}
    days = ("2026-11-11", "2026-11-12", "2026-11-13")
    assert [told("delivery", **facts, today=day)["status"] for day in days] == ["due", "due", "late"]


def test_a_first_delay_without_a_day_is_not_agreed_to_by_silence() -> None:
    """16 CFR 435.2(b)(1): an open delay calls the order off thirty days after the day it was to be shipped."""
    found = told(
        "delivery", market="US", concluded_on="2026-11-02", ship_promise_on="2026-11-20",
        notices=[{"sent_on": "2026-11-18"}], today="2026-11-30",
    )  # fmt: skip
    assert (found["ship_by"], found["deemed_cancelled_on"]) == ("2026-11-20", "2026-12-20")


def test_a_window_that_ends_as_it_begins_is_refused() -> None:
    facts = {
        "calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "08:00"]]}}, "policy": {}, "events": [],
        "created_at": "2026-11-23T09:00:00+01:00", "as_of": "2026-11-23T10:00:00+01:00",
    }  # fmt: skip
    with pytest.raises(Invalid):
        rulebook.answer("clock", facts)


def test_the_days_of_a_deadline_run_from_the_event_to_the_end_and_say_why() -> None:
    """GDPR Art. 12(3), Regulation 1182/71 Art. 3(1): the day of the event does not count; 28 February 2026 is a Saturday."""
    days = told("deadline", rule="eu.privacy.request_period", market="FR", happened_on="2026-01-31")[
        "counted"
    ]
    assert [days[0], days[1], days[-1]] == [
        {"day": "2026-01-31", "counts": False, "number": None, "why": "the day of the event"},
        {"day": "2026-02-01", "counts": True, "number": 1, "why": "counts"},
        {"day": "2026-03-02", "counts": False, "number": None, "why": "the end moved to this day"},
    ]
    assert [one["number"] for one in days if one["counts"]] == list(range(1, 29))


@pytest.mark.parametrize("day", [EARLIEST, LATEST])
def test_the_first_and_the_last_day_that_can_be_asked_about_can_be_asked_about(day: Any) -> None:
    assert told("delivery", market="FR", concluded_on=day.isoformat(), promised_on=day.isoformat())[
        "deliver_by"
    ]


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"pause_states": 5}, "policy.pause_states"),
        ({"pause_states": "waiting"}, "policy.pause_states"),
        ({"pause_states": [["waiting"]]}, "policy.pause_states"),
        ({"pause_applies_to": [{}]}, "policy.pause_applies_to"),
        ({"pause_applies_to": ["lunch"]}, "policy.pause_applies_to"),
    ],
)
def test_what_pauses_a_clock_is_a_list_of_names(policy: dict[str, Any], field: str) -> None:
    facts = {
        "calendar": {"tz": "Europe/Berlin", "weekly": {"mon": [["08:00", "18:00"]]}}, "policy": policy,
        "created_at": "2026-11-23T09:00:00+01:00", "as_of": "2026-11-23T10:00:00+01:00",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rulebook.answer("clock", facts)
    assert refused.value.field == field


@pytest.mark.parametrize("currency", [[], {}, None, "", "EURO", 978])
def test_what_is_no_currency_is_refused_by_its_name(currency: Any) -> None:
    facts = {
        "market": "DE", "ship_from": "CN", "on": "2026-11-23", "currency": currency,
        "lines": [{"hs": "610910", "origin": "CN", "value": "12.00"}],
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        rulebook.answer("landed_price", facts)
    assert refused.value.field == "currency"
