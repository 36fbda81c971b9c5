"""Every worked case of the rulebook is answered as it says."""

from __future__ import annotations

from collections import Counter

import pytest

from compliance.rulebook import default
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
