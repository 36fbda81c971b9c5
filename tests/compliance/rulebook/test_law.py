"""Which rule governs a market on a day: chains, override by name, dates, conditions."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from compliance.rulebook import answer, default
from compliance.rulebook.book import NoRuleInForce, UnknownJurisdiction
from compliance.rulebook.types import Confidence, Length

TODAY = date(2026, 11, 23)
EU_STATES = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]


def _chain(market: str) -> list[str]:
    return [place.code for place in default().chain(market)]


def test_every_member_state_is_under_union_law() -> None:
    law = default().on(TODAY)
    found = {state: law.find("withdrawal.period", state).version.value for state in EU_STATES}  # type: ignore[union-attr]
    assert found == dict.fromkeys(EU_STATES, 14)


@pytest.mark.parametrize(
    ("market", "chain"),
    [
        ("DE", ["DE", "EU", "WORLD"]),
        ("US-CA", ["US-CA", "US", "WORLD"]),
        ("US-TX", ["US", "WORLD"]),
        ("NO", ["NO", "EEA", "WORLD"]),
        ("GB", ["GB", "WORLD"]),
        ("CH", ["CH", "WORLD"]),
        ("CN", ["CN", "WORLD"]),
        ("JP", ["JP", "WORLD"]),
        ("AU", ["AU", "WORLD"]),
    ],
)
def test_law_is_looked_up_along_the_chain(market: str, chain: list[str]) -> None:
    assert _chain(market) == chain


def test_an_unknown_market_is_refused_by_name() -> None:
    with pytest.raises(UnknownJurisdiction) as caught:
        default().chain("XX")
    assert caught.value.field == "market"


def test_national_law_overrides_the_union_by_name() -> None:
    law = default().on(TODAY)
    found = {market: law.find("guarantee.period", market) for market in ("FR", "SE", "NL")}
    assert {market: (rule.id, rule.version.value) for market, rule in found.items() if rule} == {
        "FR": ("eu.guarantee.period", 2),
        "SE": ("se.guarantee.period", 3),
        "NL": ("nl.guarantee.period", "open"),
    }


def test_the_law_of_the_day_is_used() -> None:
    book = default()
    before, after = book.on(date(2026, 6, 18)), book.on(date(2026, 6, 19))
    assert before.ruling("withdrawal.function", "DE") is None
    assert after["eu.withdrawal.function"].version_from == date(2026, 6, 19)
    with pytest.raises(NoRuleInForce) as caught:
        before["eu.withdrawal.function"]
    assert caught.value.data == {"rule": "eu.withdrawal.function", "day": "2026-06-18"}


def test_a_national_rule_that_has_ended_gives_way_to_the_union() -> None:
    book = default()
    days = (date(2026, 7, 30), date(2026, 7, 31))
    found = [book.on(day).find("guarantee.repair_extension", "FR") for day in days]
    assert [(rule.id, rule.version.value) for rule in found if rule] == [
        ("fr.guarantee.repair_extension", 6),
        ("eu.guarantee.repair_extension", 12),
    ]


def test_before_any_law_there_is_none() -> None:
    assert default().on(date(2010, 1, 1)).ruling("withdrawal.period", "DE") is None


def test_a_family_lists_the_nearest_rule_of_each_name() -> None:
    names = [found.rule.name for found in default().on(TODAY).family("withdrawal.exception", "DE")]
    assert len(names) == 13
    assert names == sorted(set(names))


def test_changes_ahead_are_told_with_their_day() -> None:
    changes = default().changes_between(date(2026, 6, 1), date(2026, 9, 30), "DE")
    days = {rule.id: day for day, rule, _ in changes}
    wanted = ("eu.withdrawal.function", "eu.guarantee.repair_extension", "eu.checkout.guarantee_notice")
    assert [days[rule] for rule in wanted] == [date(2026, 6, 19), date(2026, 7, 31), date(2026, 9, 27)]


def test_a_ruling_carries_its_citation_as_json() -> None:
    ruling = default().on(TODAY)["eu.withdrawal.period"]
    assert ruling.confidence is Confidence.SECONDARY
    assert ruling.as_json() == {
        "rule": "eu.withdrawal.period",
        "value": 14,
        "version_from": "2014-06-13",
        "cites": [
            {
                "act": "Directive 2011/83/EU",
                "at": "Art. 9(1)",
                "url": "http://data.europa.eu/eli/dir/2011/83/oj",
            }
        ],
        "confidence": "secondary",
        "status": "in_force",
        "title": "Time a consumer has to withdraw from a distance contract",
        "jurisdiction": "EU",
    }


def test_every_binding_version_has_a_citation() -> None:
    bare = [
        rule.id
        for rule in default().rules.values()
        for version in rule.versions
        if not version.cites or not all(cite.act for cite in version.cites)
    ]
    assert bare == []


def test_what_a_checkout_must_show_depends_on_the_day_and_the_market() -> None:
    book = default()
    before, after = (book.on(date(2026, 9, day)).notices("DE", "checkout") for day in (26, 27))
    new = {found.id for found in after} - {found.id for found in before}
    assert {"eu.checkout.guarantee_notice", "eu.checkout.durability_label"} <= new
    assert [found.id for found in book.on(TODAY).notices("JP", "checkout")] == ["jp.checkout.final_screen"]


def test_every_step_of_the_reasoning_can_be_said_again_from_its_msgid() -> None:
    facts = {"market": "DE", "concluded_on": "2026-12-01", "deliveries": [{"received_on": "2026-12-11"}]}
    found = answer("withdrawal", facts)
    assert [str(step) for step in found.steps] == list(found.explain)
    assert found.steps[0].params == {"length": Length(14, "calendar_days"), "rule": "eu.withdrawal.period"}


def test_a_subdivision_without_law_of_its_own_is_covered_by_its_country() -> None:
    covered = {market: default().covers(market) for market in ("US", "US-TX", "DE-BY", "TX", "XX-US")}
    assert covered == {"US": True, "US-TX": True, "DE-BY": True, "TX": False, "XX-US": False}
    assert [place.code for place in default().chain("US-TX")] == ["US", "WORLD"]


def test_places_that_people_live_in_have_a_calendar_and_unions_have_none() -> None:
    places = default().jurisdictions
    assert [places[code].calendar for code in ("DE", "US-CA", "EU", "WORLD")] == ["DE", "US-CA", "", ""]


def test_a_version_ends_where_the_next_begins_unless_the_next_is_only_planned() -> None:
    every = [rule for rule in default().rules.values() if len(rule.versions) > 1]
    ends = {
        rule.id: [
            (one.until, two.since)
            for one, two in itertools.pairwise(rule.versions)
            if one.binds and two.binds
        ]
        for rule in every
    }
    assert len(ends) > 5
    assert {
        rule: pairs for rule, pairs in ends.items() if any(end is None or end > since for end, since in pairs)
    } == {}


def test_markets_are_where_people_live() -> None:
    kinds = {default().jurisdictions[market].kind for market in default().markets()}
    assert (kinds, "DE" in default().markets(), "EU" in default().markets()) == (
        {"country", "subdivision"},
        True,
        False,
    )


def test_a_change_belongs_to_its_own_day_and_to_no_other() -> None:
    """Directive (EU) 2023/2673 brings the withdrawal function on 19 June 2026."""
    days = (date(2026, 6, 18), date(2026, 6, 19), date(2026, 6, 20))
    found = [
        {day for day, _, _ in default().changes_between(start, end, "DE")}
        for start, end in itertools.pairwise(days)
    ]
    assert found == [{days[1]}, set()]
