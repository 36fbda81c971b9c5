"""Every worked case of the rulebook is answered as it says."""

from __future__ import annotations

from collections import Counter

import pytest

from compliance.rulebook import answer
from compliance.rulebook.worked_cases import WorkedCase, load_cases
from marketplace.kernel.errors import Invalid

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.ask}: {case.name}")
def test_a_worked_case_is_answered_as_it_says(case: WorkedCase) -> None:
    if "error" in case.expect:
        with pytest.raises(Invalid) as caught:
            answer(case.ask, dict(case.facts))
        assert {"error": caught.value.field} == case.expect
        return
    found = answer(case.ask, dict(case.facts)).answer
    assert {name: found.get(name, "missing") for name in case.expect} == case.expect


def test_every_question_has_worked_cases() -> None:
    counted = Counter(case.ask for case in CASES)
    asks = (
        "withdrawal",
        "withdrawal_declaration",
        "return_deadline",
        "return_cost",
        "refund_deadline",
        "delivery",
    )
    assert {ask: counted[ask] >= 3 for ask in (*asks, "guarantee")} == dict.fromkeys(
        (*asks, "guarantee"), True
    )
