"""Where the rulebook has no rule, the answer says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.silence import silent_on
from tests.compliance.samples import in_all

TODAY = date(2026, 11, 28)
SHIRT: dict[str, Any] = {
    "on": "2026-11-28", "category": "tex.clothing", "texts": [{"place": "title", "language": "en", "text": "Climate neutral shirt"}],
    "disclosures": {"material": in_all("Cotton"), "substances": ["Nickel"]},
}  # fmt: skip


def test_norway_and_switzerland_have_no_rule_on_claims_and_no_list_of_substances() -> None:
    found = {
        market: silent_on(rulebook.default(), market, TODAY)
        for market in ("NO", "CH", "DE", "FR", "GB", "US", "JP")
    }
    assert found == {
        "NO": ("claims", "substances"),
        "CH": ("claims", "substances"),
        "DE": (),
        "FR": (),
        "GB": (),
        "US": (),
        "JP": ("claims",),
    }


def test_before_the_first_rule_there_was_none() -> None:
    assert silent_on(rulebook.default(), "DE", date(1971, 7, 1)) == ("claims", "substances")


@pytest.mark.parametrize("market", selling_markets())
def test_an_answer_without_a_finding_on_claims_is_a_finding_or_says_that_there_is_no_rule(
    market: str,
) -> None:
    answer = rulebook.answer("clearance", {"market": market, **SHIRT})
    told = answer.answer["not_in_rulebook"]
    assert told == list(silent_on(rulebook.default(), market, TODAY))
    assert [str(doubt) for doubt in answer.doubts] == [
        line for line in answer.explain if line.startswith("The rulebook has no")
    ]
    assert len(answer.doubts) == len(told)


def test_the_sentence_names_the_market() -> None:
    [claims, _] = rulebook.answer("clearance", {"market": "NO", **SHIRT}).doubts
    assert str(claims) == "The rulebook has no rule on what an offer may claim in NO."
