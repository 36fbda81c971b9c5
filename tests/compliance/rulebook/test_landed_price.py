"""The landed price: worked cases, the sums that must always hold, and what is refused."""

from __future__ import annotations

import copy
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rulebook import default
from compliance.rulebook.calculators.landed_price import answer
from compliance.rulebook.lookups import table
from compliance.rulebook.strict_yaml import load_plain
from marketplace.kernel.errors import Invalid

CASES = load_plain(Path(__file__).with_name("landed_price_cases.yaml"))
PARTS = ("goods", "shipping", "duty", "tax", "fees")
SHIRT = {"hs": "610910", "origin": "CN", "value": "50.00", "quantity": 5, "category": "tex.clothing"}
FACTS = {
    "market": "DE",
    "ship_from": "CN",
    "on": "2026-07-15",
    "currency": "EUR",
    "importer_scheme": "IOSS",
    "shipping": "5.00",
    "lines": [SHIRT],
}


def price(facts: dict[str, Any]) -> dict[str, Any]:
    return answer(facts, default()).answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["shows"])
def test_worked_case(case: dict[str, Any]) -> None:
    found = price(case["facts"])
    assert {name: found[name] for name in case["expect"]} == case["expect"]


# Sums that always hold

MARKETS = sorted({*default().markets(), "US-OR", "BR-SP"})
HS6 = sorted({row["hs6"] for row in table("hs6")})
CATEGORIES = sorted({row["code"] for row in table("vat_categories") if row["kind"] == "category"})
cents = st.integers(min_value=1, max_value=500_000).map(lambda n: f"{Decimal(n) / 100:.2f}")
lines = st.fixed_dictionaries(
    {
        "hs": st.sampled_from(HS6),
        "origin": st.sampled_from(["CN", "DE", "US", "GB"]),
        "value": cents,
        "quantity": st.integers(1, 20),
        "category": st.sampled_from(CATEGORIES),
    }
)
consignments = st.fixed_dictionaries(
    {
        "market": st.sampled_from(MARKETS),
        "ship_from": st.sampled_from(["CN", "DE", "US", "GB", "CH", "JP"]),
        "on": st.dates(date(2024, 1, 1), date(2028, 12, 31)).map(date.isoformat),
        "currency": st.sampled_from(["EUR", "USD", "GBP", "JPY", "CHF"]),
        "importer_scheme": st.sampled_from(["IOSS", "OSS", "none", "marketplace"]),
        "lines": st.lists(lines, min_size=1, max_size=4),
        "shipping": cents,
        "insurance": st.sampled_from(["0", "1.50"]),
        "prices_include_tax": st.booleans(),
    }
)


@settings(max_examples=250, deadline=None)
@given(consignments)
def test_the_parts_and_the_lines_add_up_to_the_total(facts: dict[str, Any]) -> None:
    found = price(facts)
    total = Decimal(found["total"])
    by_line = {part: sum(Decimal(line[part]) for line in found["per_line"]) for part in (*PARTS, "total")}
    assert (sum(Decimal(found[part]) for part in PARTS), by_line) == (
        total,
        {part: Decimal(found[part]) for part in (*PARTS, "total")},
    )


@settings(max_examples=150, deadline=None)
@given(consignments, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_decides_nothing(facts: dict[str, Any], random: Any) -> None:
    shuffled = copy.deepcopy(facts)
    random.shuffle(shuffled["lines"])
    ours, theirs = price(facts), price(shuffled)
    assert [ours[name] for name in (*PARTS, "total", "state", "certain", "who_collects")] == [
        theirs[name] for name in (*PARTS, "total", "state", "certain", "who_collects")
    ]


@settings(max_examples=150, deadline=None)
@given(consignments.map(lambda facts: {**facts, "lines": facts["lines"][:1]}), st.integers(1, 20_000))
def test_more_goods_on_the_same_side_of_the_threshold_never_cost_less(
    facts: dict[str, Any], more: int
) -> None:
    dearer = copy.deepcopy(facts)
    dearer["lines"][0]["value"] = str(Decimal(facts["lines"][0]["value"]) + Decimal(more) / 100)
    low, high = price(facts), price(dearer)
    sides = [(one["threshold_applied"] or {}).get("within") for one in (low, high)]
    kept = sides[0] == sides[1] and low["fee_lines"] == high["fee_lines"] and low["state"] == high["state"]
    steps = facts["market"] in ("JP", "BR-SP", "CN")  # several limits one after the other
    assert not kept or steps or Decimal(low["total"]) <= Decimal(high["total"])


def test_every_member_state_charges_its_own_rate_and_the_flat_duty() -> None:
    members = [
        row["market"] for row in table("customs_territories") if row["territory"] == "EU" and not row["until"]
    ]
    found = {market: price({**FACTS, "market": market}) for market in members if market != "MC"}
    assert (
        len(found),
        {one["duty"] for one in found.values()},
        {one["who_collects"] for one in found.values()},
    ) == (
        27,
        {"3.00"},
        {"platform_at_checkout"},
    )


def test_near_a_threshold_both_results_are_given() -> None:
    line = {**SHIRT, "value": "162.00"}
    found = price({**FACTS, "currency": "USD", "lines": [line], "rates": {"EUR/USD": "1.08"}})
    assert (
        found["threshold_applied"],
        found["duty"],
        found["if_other_side"]["duty"],
        found["certain"],
    ) == (
        {
            "name": "checkout_limit",
            "limit": "150",
            "currency": "EUR",
            "value": "150",
            "within": True,
            "near": True,
        },
        "3.24",
        "20.04",
        False,
    )


def test_every_number_stands_in_a_ruling_with_a_citation() -> None:
    found = answer(FACTS, default())
    assert {ruling.rule for ruling in found.rulings} >= {
        "eu.import.checkout_limit",
        "eu.import.flat_duty",
        "table.vat.DE.standard",
    }
    assert all(ruling.cites and ruling.cites[0].act for ruling in found.rulings)


def test_the_explanation_is_one_sentence_a_step() -> None:
    assert answer(FACTS, default()).explain == (
        "The goods come from CN and are imported into DE.",
        "The tax is charged when you pay, not at the border.",
        "A flat customs duty of EUR 3 is due for each customs code; here 1.",
        "Customs duty: 3.00 EUR.",
        "Tax at 19 %: 11.02 EUR.",
        "We collect this when you pay; nothing more is due on delivery.",
        "In all 69.02 EUR.",
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"market": "Germany"}, "market"),
        ({"market": "ZZ"}, "market"),
        ({"ship_from": None}, "ship_from"),
        ({"on": "23.11.2026"}, "on"),
        ({"currency": "EURO"}, "currency"),
        ({"importer_scheme": "ioss"}, "importer_scheme"),
        ({"lines": []}, "lines"),
        ({"lines": [{**SHIRT, "weight": 3}]}, "lines[0].weight"),
        ({"lines": [{**SHIRT, "value": "-1"}]}, "lines[0].value"),
        ({"lines": [{**SHIRT, "value": 1.5}]}, "lines[0].value"),
        ({"lines": [{**SHIRT, "value": "NaN"}]}, "lines[0].value"),
        ({"lines": [{**SHIRT, "quantity": 0}]}, "lines[0].quantity"),
        ({"lines": [{**SHIRT, "hs": "shirt"}]}, "lines[0].hs"),
        ({"lines": [{**SHIRT, "origin": "China"}]}, "lines[0].origin"),
        ({"shipping": "free"}, "shipping"),
        ({"rates": {"EURUSD": "1.08"}}, "rates"),
        ({"rates": {"EUR/USD": "0"}}, "rates.EUR/USD"),
        ({"prices_include_tax": "yes"}, "prices_include_tax"),
    ],
)
def test_what_is_not_right_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        price({**FACTS, **change})
    assert refused.value.field == field


def test_a_line_is_priced_in_well_under_a_millisecond() -> None:
    book, days = default(), [date(2026, 7, 1) + timedelta(days=n) for n in range(3)]
    questions = [{**FACTS, "on": day.isoformat()} for day in days]
    best = min(_seconds(questions, book) for _ in range(5)) / len(questions)
    assert best < 0.0003


def _seconds(questions: list[dict[str, Any]], book: Any) -> float:
    started = time.perf_counter()
    for facts in questions:
        answer(facts, book)
    return time.perf_counter() - started
