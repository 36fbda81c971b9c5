"""Faulty goods: what stands still during a repair, and how long a promise may be."""

from __future__ import annotations

from typing import Any

import pytest

from compliance import rulebook
from marketplace.kernel.errors import Invalid

FACTS = {"market": "GB", "delivered_on": "2026-01-10"}


def ask(**more: Any) -> dict[str, Any]:
    return rulebook.answer("guarantee", FACTS | more).answer


@pytest.mark.parametrize(
    ("repairs", "until"),
    [
        ([], "2026-02-09"),
        ([("2026-01-15", "2026-01-25")], "2026-02-19"),
        ([("2026-02-09", "2026-02-12")], "2026-02-19"),  # the last day; seven days are left after it
        ([("2026-03-15", "2026-03-25")], "2026-02-09"),  # too late to stop anything
        ([("2026-01-15", None)], "2026-02-09"),  # not back yet
    ],
)
def test_the_time_to_reject_stands_still_during_a_repair_that_began_in_time(
    repairs: list[tuple[str, str | None]], until: str
):
    given = [{"chosen_on": start} | ({"returned_on": end} if end else {}) for start, end in repairs]
    assert ask(repairs=given)["reject_until"] == until


@pytest.mark.parametrize("name", ["voluntary_months", "agreed_period_months"])
def test_a_promise_of_more_than_fifty_years_is_a_slip(name: str):
    assert ask(**{name: 600})["liable_until"]
    with pytest.raises(Invalid) as refused:
        ask(**{name: 601})
    assert refused.value.field == name
