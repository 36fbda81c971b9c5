"""Deadlines: what comes next, by how much they can be made longer, and how many days are told one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook.calculators.deadline import MOST_DAYS, _days
from compliance.rulebook.periods import count, given_calendar
from marketplace.kernel.errors import Invalid


def ask(rule: str, market: str, happened_on: str, **more: Any) -> Any:
    facts = {"rule": rule, "market": market, "happened_on": happened_on}
    return rulebook.answer("deadline", facts | more)


def test_what_runs_from_the_end_of_a_deadline_is_counted_from_its_last_day():
    told = ask("us.trader.details_within", "US", "2026-11-23").answer
    assert (told["due_on"], told["next_stage"]["due_on"]) == ("2026-12-03", "2026-12-13")


@pytest.mark.parametrize(("extended", "due_on"), [(False, "2026-05-31"), (True, "2026-08-29")])
def test_a_deadline_is_made_longer_up_to_what_its_rule_says_at_most(extended: bool, due_on: str):
    told = ask("eu.complaint.dispute_body_decides", "DE", "2026-03-02", extended=extended).answer
    assert told["nth_day"] == due_on


def test_where_no_longer_time_is_known_the_plain_one_is_counted():
    plain, longer = (ask("us.trader.details_within", "US", "2026-11-23", extended=it) for it in (False, True))
    assert (longer.answer["due_on"], longer.answer["certain"]) == (plain.answer["due_on"], False)


@pytest.mark.parametrize(("length", "told"), [(MOST_DAYS, MOST_DAYS + 1), (MOST_DAYS + 1, 2)])
def test_the_days_of_very_long_periods_are_not_told_one_by_one(length: int, told: int):
    calendar = given_calendar((), frozenset())
    counted = count(date(2026, 1, 1), length, "calendar_days", "plain", calendar)
    assert len(list(_days(counted, "calendar_days", "plain", calendar))) == told


@pytest.mark.parametrize(
    ("day", "is_taken"),
    [("2200-01-01", True), ("2200-01-02", False), ("1971-07-01", True), ("1971-06-30", False)],
)
def test_days_are_taken_within_a_range(day: str, is_taken: bool):
    facts = {"market": "DE", "declared_on": day}
    try:
        found = rulebook.answer("refund_deadline", facts).answer is not None
    except Invalid as refused:
        found = refused.field != "declared_on"
    assert found is is_taken


@pytest.mark.parametrize("rule", [None, "", 5])
def test_without_a_rule_one_is_asked_for(rule: Any):
    with pytest.raises(Invalid, match="The rule is needed"):
        ask(rule, "DE", "2026-11-23")
