"""Consents are asked for where the law would change by them, and nowhere else; what a listing says decides."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.rulebook.exemptions import Consent, consents_needed, facts_confirmed, facts_of_listing

ON = date(2026, 11, 23)


def asked(market: str, **facts: object) -> list[tuple[str, str]]:
    return [(one.kind, one.ground) for one in consents_needed(facts, market=market, on=ON)]


@pytest.mark.parametrize(
    ("market", "facts"),
    [
        ("DE", {}),
        ("DE", {"made_to_specification": True}),  # excluded anyway
        ("DE", {"sealed_hygiene": True}),  # the seal alone takes nothing away before it is broken
        ("CN", {}),
    ],
)
def test_nobody_confirms_what_is_so_anyway(market: str, facts: dict[str, object]):
    assert asked(market, **facts) == []


def test_china_asks_for_a_confirmation_of_the_single_purchase():
    assert asked("CN", sealed_hygiene=True) == [("exclusion", "cn.withdrawal.exception.sealed_hygiene")]


def test_downloads_need_consent_and_acknowledgement_apart_in_the_union():
    ground = "eu.withdrawal.exception.digital_started"
    told = asked("DE", contract_type="digital_content", digital_started=True)
    assert told == [("express_consent", ground), ("acknowledged_loss", ground)]


def test_a_fact_counts_only_in_the_categories_it_is_for():
    said = {"sealed_hygiene": True, "made_to_specification": True, "perishable": "yes"}
    assert facts_of_listing("cos.skin_care", [], said) == {
        "made_to_specification": True,
        "sealed_hygiene": True,
    }
    assert facts_of_listing("el.lamp", [], said) == {"made_to_specification": True}
    assert facts_of_listing("no.such", [], said) == {}


def test_what_is_confirmed_becomes_facts_and_unknown_kinds_say_nothing():
    assert facts_confirmed(["exclusion", "nonsense"]) == {"exclusion_confirmed_per_line": True}


def test_answers_are_values():
    assert Consent("exclusion", "x") == Consent("exclusion", "x")
