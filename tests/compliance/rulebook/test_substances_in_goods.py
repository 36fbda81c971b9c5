"""Toys, textiles, jewellery, chemicals: what a test report names, judged by the table of restricted substances."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook import duties, fields
from compliance.rulebook.substances import restrictions
from compliance.rulebook.types import Confidence, Finding
from tests.compliance.samples import listing

TODAY = date(2026, 11, 28)


def goods(category: str, *items: str, **more: Any) -> dict[str, Any]:
    return listing(category, {"substances": list(items), **more})


def found(record: dict[str, Any], on: date = TODAY) -> list[Finding]:
    judged = duties.judge(record, rulebook.default(), on=on)
    return [one for one in judged.findings if ".substances.articles_" in one.rule]


def said(record: dict[str, Any], market: str, on: date = TODAY) -> list[tuple[str, str, str]]:
    return sorted(
        (one.rule.rpartition(".articles_")[2], str(one.severity), one.params["substance"])
        for one in found(record, on)
        if one.market == market
    )


def test_goods_of_which_nothing_is_said_are_judged_by_nothing() -> None:
    assert (found(listing("toy.general", {})), found(goods("toy.general", "cotton", "Water 80 %"))) == (
        [],
        [],
    )


def test_lead_in_a_childs_toy_above_a_limit_warns_and_says_which_limit_of_which_act() -> None:
    toy = goods("toy.general", "Lead 95 ppm")
    paint, minnesota = [one for one in found(toy) if one.market == "US" and "limit" in one.rule]
    assert (paint.severity, paint.confidence, paint.params["limit"]) == (
        "high",
        Confidence.KNOWLEDGE,
        "90 ppm",
    )
    assert duties.say(paint)[0].startswith(
        "“Lead 95 ppm”: 0.0095 % is above a limit for such goods: 90 ppm (paint, toys"
    )
    assert (minnesota.severity, minnesota.params["substance"]) == ("medium", "MN: lead / cadmium")


@pytest.mark.parametrize(
    ("share", "limits"),
    [("90 ppm", 0), ("90.1 ppm", 1), ("0.009 %", 0), ("100 mg/kg", 1), ("100.1 mg/kg", 2), ("<200 ppm", 0)],
)
def test_a_share_on_the_limit_keeps_it_and_a_little_more_does_not(share: str, limits: int) -> None:
    rows = said(goods("toy.general", f"Lead {share}"), "US")
    assert [row[:2] for row in rows].count(("limit", "high")) == limits


def test_what_migrates_is_no_share_of_what_is_inside() -> None:
    """Directive 2009/48/EC Annex II Part III point 13: three figures for what comes out; a toy may be of aluminium."""
    rows = said(goods("toy.general", "Aluminium 90 %"), "EU")
    assert rows == [("restricted", "info", "Aluminium")]


def test_a_limit_of_toys_is_none_of_textiles() -> None:
    toy, shirt = goods("toy.under3", "Benzene 5.5 mg/kg"), goods("tex.clothing", "Benzene 5.5 mg/kg")
    assert [row[2] for row in said(toy, "EU")] == ["Benzene in toys"]
    assert [row[2] for row in said(shirt, "EU")] == ["Benzene in textiles"]


@pytest.mark.parametrize("written", ["nickel", "Nickel (7440-02-0)", "7440-02-0", "NICKEL*"])
def test_a_substance_is_found_by_name_and_by_number_even_where_a_row_calls_it_otherwise(written: str) -> None:
    names = [row[2] for row in said(goods("jew.fashion", written), "EU")]
    assert [name for name in names if name.startswith("Nickel release")] == [
        "Nickel release (piercing post assemblies)",
        "Nickel release (prolonged skin contact)",
    ]


def test_a_pollutant_banned_from_everything_stops_the_sale_of_anything() -> None:
    """Regulation (EU) 2019/1021 Annex I: 5 mg/kg of pentachlorophenol as an unintentional trace, read in a source."""
    rows = [said(goods("gen.other", f"Pentachlorophenol {share} mg/kg"), "EU") for share in ("5", "5.1")]
    assert rows == [[], [("limit", "block", "Pentachlorophenol")]]


def test_california_asks_for_a_warning_unless_there_is_one() -> None:
    plain = goods("gen.other", "Lead")
    warned = goods("gen.other", "Lead", p65_warning="long_form", p65_chemicals=["Lead"])
    warnings = [[row for row in said(one, "US-CA") if row[0] == "warning"] for one in (plain, warned)]
    assert warnings == [[("warning", "info", "Lead (MADL)")], []]


def test_no_row_that_only_warns_or_has_conditions_can_stop_a_sale() -> None:
    """Every substance of the table at a hundred per cent in every kind of goods: what blocks is plain and was read."""
    rows = {(row.name, row.cite.act, row.cite.at): row for row in restrictions()}
    names = [f"{name} 100 %" for row in restrictions() for name in (row.name.replace(",", " "), *row.cas)]
    blocking = [
        one
        for category in ("toy.general", "tex.clothing", "jew.fashion", "gen.other")
        for one in found(goods(category, *names))
        if one.severity == "block"
    ]
    assert len({one.params["substance"] for one in blocking}) >= 3
    for one in blocking:
        row = rows[one.params["substance"], one.cites[0].act, one.cites[0].at]
        assert (row.is_plain, row.states, row.confidence is Confidence.KNOWLEDGE) == (True, "", False)


def test_every_row_that_no_list_of_ingredients_meets_is_met_by_this_one() -> None:
    met = {
        group
        for rule in rulebook.default().rules.values()
        if ".substances." in rule.id
        for group in rule.groups
    }
    assert [row.name for row in restrictions() if not row.groups & met] == []


def test_the_listing_form_asks_for_it_where_ingredients_are_not_asked() -> None:
    field = fields.fields()["substances"]
    asked = {groups: field.is_for(("ALL", groups)) for groups in ("TOY", "TEX", "CHEM", "COS", "FOOD")}
    assert asked == {"TOY": True, "TEX": True, "CHEM": True, "COS": False, "FOOD": False}


def test_the_ingredients_of_a_detergent_are_judged_as_those_of_chemicals() -> None:
    """Regulation (EC) No 1907/2006 Annex XVII: rows for mixtures that the public buys; from knowledge, so they warn."""

    def soap(ingredients: str) -> list[tuple[str, str]]:
        record = listing("chem.laundry", {"ingredients": {"en": ingredients}})
        judged = duties.judge(record, rulebook.default(), on=TODAY).findings
        return sorted(
            (one.rule.rpartition(".")[2], str(one.severity))
            for one in judged
            if ".substances.detergents_" in one.rule and one.market == "EU"
        )

    assert soap("Water, sodium carbonate, chloroform (0.1 %)") == []
    assert soap("Water, chloroform (0.2 %)") == [("detergents_limit", "high")]
    assert soap("Water, chloroform") == [("detergents_restricted", "info")]
