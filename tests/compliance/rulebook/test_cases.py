"""Every worked case of the rulebook is answered as it says."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from compliance.rulebook import answer, default
from compliance.rulebook.worked_cases import WorkedCase, differences, load_cases

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.ask}: {case.name}")
def test_a_worked_case_is_answered_as_it_says(case: WorkedCase) -> None:
    assert [str(found) for found in differences(case, default())] == []


def test_every_question_has_worked_cases() -> None:
    counted = Counter(case.ask for case in CASES)
    asks = (
        "withdrawal",
        "withdrawal_declaration",
        "return_deadline",
        "return_cost",
        "refund_deadline",
        "delivery",
        "duties",
    )
    assert {ask: counted[ask] >= 3 for ask in (*asks, "guarantee")} == dict.fromkeys(
        (*asks, "guarantee"), True
    )


BEFORE = [
    (case, day[1])
    for case in CASES
    if case.ask == "clearance" and (day := re.search(r"the day before (\d{4}-\d\d-\d\d) nobody", case.name))
]


def test_what_nobody_asks_for_the_day_before_is_asked_for_on_the_day() -> None:
    """Else nobody asks for another reason, and the case shows nothing of the day."""
    silent = []
    for case, day in BEFORE:
        found = answer("clearance", {**case.facts, "on": day}).answer["findings"]
        today = {finding["rule"] for finding in found if finding["due_on"] is None}
        silent += [case.name for rule in case.expect["finds_not"] if rule not in today]
    assert (silent, len(BEFORE) > 100) == ([], True)
