"""The open calculator: may this listing be sold to this market on this day?"""

from __future__ import annotations

import json

import pytest

from compliance import rulebook
from compliance.rulebook.calculators import clearance
from marketplace.kernel.errors import Invalid
from tests.compliance.samples import honey, scarf


def ask(**facts: object) -> dict:
    return clearance.answer({"on": "2026-11-23", **facts}, rulebook.default()).as_json()


def test_honey_without_allergens_is_blocked_with_rule_reason_and_fix() -> None:
    answer = ask(market="DE", listing=honey(disclosures__allergens=None))
    assert answer["answer"]["verdict"] == "blocked"
    worst = answer["answer"]["findings"][0]
    assert (worst["rule"], worst["severity"], worst["what"]) == (
        "eu.listing.food.allergens",
        "block",
        "“Allergens” is missing.",
    )
    assert worst["fix"].startswith("Fill in “Allergens”.")
    assert answer["rulings"][0]["rule"] == "eu.listing.food.allergens"


def test_a_notice_from_unverified_law_says_that_it_is_not_certain() -> None:
    answer = ask(market="DE", listing=honey())["answer"]
    assert (answer["verdict"], answer["certain"]) == ("notice", False)


def test_one_unverified_law_among_others_is_enough_to_be_uncertain() -> None:
    found = [
        ask(market=market, listing=honey(disclosures__allergens=None))["answer"] for market in ("DE", "JP")
    ]
    sources = [{finding["confidence"] for finding in one["findings"]} for one in found]
    assert [one["certain"] for one in found] == [False, True]
    assert sources == [{"secondary", "knowledge"}, {"secondary"}]


def test_the_record_may_stand_beside_the_market() -> None:
    assert ask(market="FR", channel="online", **scarf()) == ask(
        market="FR", listing=scarf(), channel="online"
    )


def test_a_subdivision_has_its_own_law() -> None:
    contains = scarf(disclosures__pfas="contains")
    assert ask(market="US-CA", listing=contains)["answer"]["verdict"] == "blocked"
    assert ask(market="US", listing=contains)["answer"]["verdict"] == "notice"


def test_the_law_of_the_day_is_applied() -> None:
    without = honey(disclosures__honey_origins=None)
    early, late = (
        clearance.answer({"market": "AT", "on": day, "listing": without}, rulebook.default()).answer
        for day in ("2026-06-13", "2026-06-14")
    )
    due = {(f["rule"], f["severity"], f["due_on"]) for f in early["findings"]}
    assert ("eu.listing.food.honey_origin", "info", "2026-06-14") in due
    assert ("eu.listing.food.honey_origin", "high", None) in {
        (f["rule"], f["severity"], f["due_on"]) for f in late["findings"]
    }


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"market": "XX", "listing": honey()}, "market"),
        ({"listing": honey()}, "market"),
        ({"market": "DE", "on": "soon", "listing": honey()}, "on"),
        ({"market": "DE", "listing": honey(), "colour": 1}, "colour"),
        ({"market": "DE", "listing": {"category": "food.honey", "taste": 1}}, "taste"),
        ({"market": "DE", "listing": "honey"}, "listing"),
        ({"market": "DE", "on": "9999-12-31", "listing": {"category": "food.honey"}}, "on"),
    ],
)
def test_bad_facts_are_refused_by_name(facts: dict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(**facts)
    assert refused.value.field == field


def test_the_answer_is_json() -> None:
    assert json.loads(json.dumps(ask(market="JP", listing=scarf())))
