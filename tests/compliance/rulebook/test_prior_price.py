"""The prior price: worked cases of the law of twelve countries, and what always holds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rulebook import default
from compliance.rulebook.calculators.prior_price import answer
from compliance.rulebook.strict_yaml import load_plain
from marketplace.kernel.errors import Invalid

CASES = load_plain(Path(__file__).with_name("prior_price_cases.yaml"))
START = date(2026, 11, 23)
FACTS = {
    "market": "DE",
    "reduction_from": START.isoformat(),
    "new_price": "70.00",
    "history": [{"from": "2026-01-01", "price": "100.00"}],
}


def judge(facts: dict[str, Any]) -> dict[str, Any]:
    return answer(facts, default()).answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["shows"])
def test_worked_case(case: dict[str, Any]) -> None:
    found = judge(case["facts"])
    assert {name: found[name] for name in case["expect"]} == case["expect"]


prices = st.integers(100, 20_000).map(lambda n: Decimal(n) / 100)


def history(changes: list[tuple[int, Decimal]]) -> list[dict[str, str]]:
    """Prices that follow each other without a gap; the number is days before the reduction."""
    days = sorted(dict(changes).items(), reverse=True)
    starts = [START - timedelta(days=before) for before, _ in days]
    ends = [*starts[1:], None]
    return [
        {"from": start.isoformat(), "price": str(price)} | ({"until": end.isoformat()} if end else {})
        for start, end, (_, price) in zip(starts, ends, days, strict=True)
    ]


changes = st.lists(st.tuples(st.integers(1, 90), prices), max_size=8, unique_by=lambda row: row[0]).map(
    lambda rows: [(120, Decimal("50.00")), *rows]
)


@given(changes, prices)
def test_the_prior_price_is_the_lowest_of_the_days_before(
    rows: list[tuple[int, Decimal]], new: Decimal
) -> None:
    found = judge({**FACTS, "history": history(rows), "new_price": str(new)})
    by_day = dict(rows)
    in_force = [by_day[min(d for d in by_day if d >= day)] for day in range(1, 31)]
    assert Decimal(found["prior_price"]) == min(in_force)


@given(changes, prices)
def test_a_percentage_is_never_rounded_up(rows: list[tuple[int, Decimal]], new: Decimal) -> None:
    found = judge({**FACTS, "history": history(rows), "new_price": str(new)})
    prior = Decimal(found["prior_price"])
    exact = max(Decimal(0), (prior - new) * 100 / prior)
    assert (
        found["largest_percent_to_show"]
        <= Decimal(found["true_percent"])
        <= exact
        < Decimal(found["true_percent"]) + Decimal("0.01")
    )


@given(changes, prices)
def test_the_largest_percentage_to_show_is_lawful_and_the_next_one_is_not(
    rows: list[tuple[int, Decimal]], new: Decimal
) -> None:
    facts = {**FACTS, "history": history(rows), "new_price": str(new)}
    largest = judge(facts)["largest_percent_to_show"]
    verdicts = [judge({**facts, "announced_percent": str(largest + n)})["lawful"] for n in (0, 1)]
    assert verdicts == [judge(facts)["lawful"], False]


@given(changes, st.integers(31, 119))
def test_nothing_before_the_window_matters(rows: list[tuple[int, Decimal]], before: int) -> None:
    inside = [row for row in rows if row[0] <= 30] + [(30, Decimal("60.00"))]
    with_more = history([*inside, (120, Decimal("50.00")), (before, Decimal("1.00"))])
    plain = history([*inside, (120, Decimal("50.00"))])
    assert judge({**FACTS, "history": with_more}) == judge({**FACTS, "history": plain})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": "1"}, "price"),
        ({"market": ""}, "market"),
        ({"market": "ZZ"}, "market"),
        ({"reduction_from": None}, "reduction_from"),
        ({"reduction_from": "soon"}, "reduction_from"),
        ({"new_price": "-1"}, "new_price"),
        ({"history": None}, "history"),
        ({"history": [{"from": "2026-01-01"}]}, "history[0].price"),
        ({"history": [{"from": "2026-01-01", "price": "1", "was": 2}]}, "history[0].was"),
        ({"history": [{"from": "2026-01-01", "until": "2025-01-01", "price": "1"}]}, "history[0].until"),
        ({"history": [{"from": "2026-01-01", "price": "1", "kind": "x"}]}, "history[0].kind"),
        ({"progressive": "yes"}, "progressive"),
    ],
)
def test_what_is_not_right_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        judge({**FACTS, **change})
    assert refused.value.field == field
