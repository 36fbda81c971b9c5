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


MANUAL = next(iter(default().rules["world.import.needs_manual_hs"].versions[0].value)) + "00"
RATES = {"EUR/JPY": "160", "EUR/USD": "1.1", "EUR/BRL": "6", "EUR/CHF": "0.95", "EUR/MXN": "20"}
BARE = {**FACTS, "importer_scheme": "none", "rates": RATES}


def bring(market: str, value: str, hs: str = "610910", origin: str = "CN", **more: Any) -> dict[str, Any]:
    """Return what one thing from China costs, brought by whoever carries it."""
    line = {**SHIRT, "value": value, "quantity": 1, "hs": hs, "origin": origin}
    return price({**BARE, "market": market, "lines": [line], **more})


STATE = ("duty", "tax", "fees", "state", "unknown")


@pytest.mark.parametrize(
    ("shows", "found", "expect"),
    [
        ("relieved goods of a known code are certain", {"market": "JP", "value": "10.00", "hs": "950300"},
         ("0.00", "0.00", "0.00", "guaranteed", [])),
        ("without a code the relief is not known", {"market": "JP", "value": "10.00", "hs": ""},
         ("0.00", "0.00", "0.00", "partial", ["duty"])),
        ("knitted clothes have no simplified rate", {"market": "JP", "value": "200.00"},
         ("8.75", "11.88", "1.25", "estimated", [])),
        ("without a code the simplified rate is taken up to its limit", {"market": "JP", "value": "200.00", "hs": ""},
         ("5.63", "10.63", "1.25", "estimated", [])),
        ("and above it no duty is known", {"market": "JP", "value": "3000.00", "hs": ""},
         ("0.00", "179.38", "1.25", "partial", ["duty"])),
        ("what the law charges at the border is estimated, however certain", {"market": "CH", "value": "300.00"},
         ("0.00", "26.79", "25.84", "estimated", [])),
        ("the post asks for at most so much", {"market": "CH", "value": "5000.00"},
         ("0.00", "411.37", "73.68", "estimated", [])),
        ("tax of exactly five francs is not levied", {"market": "CH", "value": "56.73", "currency": "CHF"},
         ("0.00", "0.00", "0.00", "guaranteed", [])),
        ("tax of more than five francs is", {"market": "CH", "value": "57.73", "currency": "CHF"},
         ("0.00", "6.50", "17.73", "estimated", [])),
        ("one rate stands for duty and tax", {"market": "MX", "value": "60.00"},
         ("21.78", "0.00", "0.00", "partial", ["carrier_fee"])),
        ("above its limit the simplified rate stands for nothing", {"market": "MX", "value": "2600.00"},
         ("911.75", "562.68", "0.00", "partial", ["carrier_fee"])),
        ("additional duties go by the origin", {"market": "US", "value": "50.00", "origin": "DE", "ship_from": "DE"},
         ("13.25", "0.00", "16.09", "partial", ["tax"])),
        ("of China more", {"market": "US", "value": "50.00"}, ("17.00", "0.00", "16.09", "partial", ["tax"])),
        ("low rate of Brazil with the carriage in it",
         {"market": "BR-SP", "value": "40.00", "shipping": "20.00", "importer_scheme": "marketplace"},
         ("17.82", "15.94", "0.00", "estimated", [])),
        ("too dear for the parcels of Brazil", {"market": "BR-SP", "value": "3500.00", "importer_scheme": "marketplace"},
         ("1226.75", "0.00", "0.00", "partial", ["tax"])),
        ("a watch pays at most so much an item", {"market": "DE", "value": "300.00", "hs": "910211"},
         ("0.80", "58.10", "7.50", "estimated", [])),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_what_is_charged_where(shows: str, found: dict[str, Any], expect: tuple[Any, ...]) -> None:
    told = bring(**found)
    assert tuple(told[name] for name in STATE) == expect


def test_what_the_brazilian_limit_is_held_against() -> None:
    near = {"shipping": "20.00", "importer_scheme": "marketplace"}
    assert bring("BR-SP", "40.00", **near)["threshold_applied"]["value"] == "66"


def test_who_collects_what_may_differ_by_part() -> None:
    at_border, at_checkout = "carrier_at_border", "platform_at_checkout"
    assert bring("US", "50.00")["collectors"] == {"duty": at_border, "tax": at_checkout, "fees": at_border}
    assert set(bring("JP", "10.00", hs="950300")["collectors"].values()) == {"nobody"}


@pytest.mark.parametrize(
    ("scheme", "market", "importer", "collects"),
    [
        ("marketplace", "DE", "platform", "platform_at_checkout"),
        ("IOSS", "DE", "buyer", "platform_at_checkout"),
        ("none", "DE", "buyer", "carrier_at_border"),
        ("none", "GB", "buyer", "seller_at_checkout"),
        ("marketplace", "GB", "platform", "platform_at_checkout"),
        ("none", "JP", "buyer", "carrier_at_border"),
    ],
)
def test_who_imports_and_who_collects(scheme: str, market: str, importer: str, collects: str) -> None:
    told = bring(market, "100.00", importer_scheme=scheme, rates={**RATES, "EUR/GBP": "0.85"})
    assert (told["importer_of_record"], told["who_collects"]) == (importer, collects)


TAKEN = "Without the country of origin the country of dispatch is taken for it."
SMALL_SELLER = "A seller with a turnover up to AUD 75000 charges no tax."
TEN_DIGITS = "The additional duty depends on the ten-digit customs code; the highest is used."
DUMPING = "Anti-dumping duty by producer may be due on these goods."
UNKNOWN_RULES = "The import rules of {} are not known."


@pytest.mark.parametrize(
    ("found", "reason", "is_said"),
    [
        ({"market": "US", "origin": ""}, TAKEN, True),
        ({"market": "US"}, TAKEN, False),
        ({"market": "US", "hs": "650500"}, TEN_DIGITS, True),
        ({"market": "US"}, TEN_DIGITS, False),
        ({"market": "AU"}, SMALL_SELLER, True),
        ({"market": "AU", "importer_scheme": "marketplace"}, SMALL_SELLER, False),
        ({"market": "DE", "hs": MANUAL, "value": "300.00"}, DUMPING, True),
        ({"market": "DE", "hs": MANUAL, "value": "300.00", "origin": "GB"}, DUMPING, False),
        ({"market": "DE", "value": "300.00"}, DUMPING, False),
        ({"market": "DE"}, UNKNOWN_RULES.format("DE"), False),
        ({"market": "JP"}, UNKNOWN_RULES.format("JP"), False),
    ],
)
def test_what_is_doubted_and_what_is_not(found: dict[str, Any], reason: str, is_said: bool) -> None:
    told = bring(**{"value": "50.00", "rates": {**RATES, "EUR/AUD": "1.7"}, **found})
    assert (reason in told["reasons"]) is is_said


def test_prices_with_tax_are_opened_only_where_the_tax_is_charged_at_the_border() -> None:
    opened = "The prices are taken without tax where the tax is collected at the border."
    line = {**SHIRT, "value": "300.00", "quantity": 1}
    said = [
        opened
        in answer(
            {**BARE, "lines": [line], "prices_include_tax": it, "importer_scheme": scheme}, default()
        ).explain
        for it, scheme in ((True, "none"), (False, "none"))
    ]
    line["value"] = "50.00"
    said.append(opened in answer({**FACTS, "lines": [line], "prices_include_tax": True}, default()).explain)
    assert said == [True, False, False]


def test_one_simplified_rate_says_that_it_stands_for_both() -> None:
    line = {**SHIRT, "value": "60.00", "quantity": 1}
    told = answer({**BARE, "market": "MX", "lines": [line]}, default())
    assert "One simplified rate stands for duty and tax together." in told.explain


def test_far_from_a_threshold_there_is_no_other_result() -> None:
    assert "if_other_side" not in bring("DE", "300.00")


def test_a_line_without_a_quantity_is_one_thing_and_a_million_the_most() -> None:
    watch = {"hs": "910211", "origin": "CN", "value": "300.00", "category": "tex.clothing"}
    duties = [
        price({**BARE, "lines": [watch | more]})["duty"] for more in ({}, {"quantity": 1}, {"quantity": 3})
    ]
    assert duties == ["0.80", "0.80", "2.40"]
    assert price({**BARE, "lines": [watch | {"quantity": 1_000_000}]})["goods"] == "300.00"


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
        ({"lines": [{**SHIRT, "quantity": 1_000_001}]}, "lines[0].quantity"),
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
