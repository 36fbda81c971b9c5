"""Ingredients judged by the table of restricted substances: what blocks, what only warns, and where."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook import duties
from compliance.rulebook.duties import law_key
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.substance_finder import ingredients_of
from compliance.rulebook.substances import restrictions
from compliance.rulebook.types import Confidence, Finding, Verdict
from tests.compliance.samples import honey, in_all, listing

TODAY = date(2026, 11, 28)
CREAM = {"inci_list": ["Aqua", "Glycerin", "Parfum"]}


def judged(record: dict[str, Any], on: date = TODAY) -> duties.Judged:
    return duties.judge(record, rulebook.default(), on=on)


def cream(*items: str, category: str = "cos.skin_care", **more: Any) -> dict[str, Any]:
    return listing(category, {"inci_list": list(items), **more}, attestations=["formula_checked"])


def found(record: dict[str, Any], on: date = TODAY, rule: str = "substances") -> list[Finding]:
    return [one for one in judged(record, on).findings if rule in one.rule]


def said(record: dict[str, Any], on: date = TODAY) -> list[tuple[str, str, str]]:
    return [(str(one.severity), one.market, one.field) for one in found(record, on)]


def test_a_harmless_list_finds_nothing() -> None:
    assert found(cream("Aqua", "Glycerin", "Parfum", "Linalool", "Styrene/Acrylates Copolymer")) == []


def test_a_banned_substance_stops_the_sale_where_it_is_banned_and_says_which_and_by_which_act() -> None:
    record = cream("Aqua", "Butylphenyl Methylpropional")
    [lilial] = [one for one in found(record) if one.market == "EU"]
    assert (lilial.severity, lilial.params["ingredient"]) == ("block", "BUTYLPHENYL METHYLPROPIONAL")
    assert lilial.params["cites"][0]["at"] == "II/1666"
    assert "II/1666" in duties.say(lilial)[0]
    blocked = {m for m, row in judged(record).markets.items() if lilial in row.findings}
    assert blocked == {m for m in selling_markets() if rulebook.default().is_under(m, "EU")}
    assert judged(record).markets["DE"].verdict is Verdict.BLOCKED


@pytest.mark.parametrize("written", ["50-00-0", "Formaldehyd (50-00-0)", "FORMALDEHYDE", "formaldehyde*"])
def test_a_substance_is_found_by_number_and_by_name(written: str) -> None:
    assert ("block", "EU", "inci_list.formaldehyde") in said(cream("Aqua", written))


def test_a_group_binds_its_members() -> None:
    assert said(cream("Lead acetate")) == [("block", "EU", "inci_list.lead and its compounds")]
    fields = {field for _, _, field in said(cream("Potassium Thioglycolate"))}
    assert fields == {"inci_list.thioglycolic acid and salts"}


def test_the_nano_form_is_not_the_substance() -> None:
    bulk, nano = cream("Styrene/Acrylates Copolymer"), cream("Styrene/Acrylates Copolymer (nano)")
    assert (said(bulk), said(nano)) == ([], [("high", "EU", "inci_list.styrene acrylates copolymer nano")])


def test_only_the_largest_figure_binds_and_only_a_share_that_is_said() -> None:
    def verdicts(written: str) -> list[tuple[str, str]]:
        return [(one.rule.rsplit(".", 1)[1], str(one.severity)) for one in found(cream(written))]

    assert verdicts("Salicylic acid 3.1 %") == [("cosmetics_limit", "block")]
    assert verdicts("Salicylic acid 3 %") == []
    assert verdicts("Salicylic acid") == verdicts("Salicylic acid <4 %") == [("cosmetics_restricted", "info")]


def test_a_row_that_nobody_read_never_blocks() -> None:
    for one in found(cream("Phenoxyethanol 5 %", "Mercury", "Antibiotics")):
        assert one.confidence is not Confidence.KNOWLEDGE or one.severity != "block"
    assert ("high", "EU", "inci_list.phenoxyethanol") in said(cream("Phenoxyethanol 5 %"))


def test_a_ban_of_one_state_warns_in_the_country() -> None:
    [washington] = [one for one in found(cream("Triclosan")) if one.market == "US"]
    assert (washington.severity, "(WA)" in washington.params["scope"]) == ("medium", True)


def test_goods_placed_in_time_are_sold_until_the_day_off_the_shelf() -> None:
    tpo = cream("Trimethylbenzoyl Diphenylphosphine Oxide")
    british = [
        [row for row in said(tpo, day) if row[1] == "GB"]
        for day in (date(2026, 3, 1), date(2026, 7, 1), date(2026, 11, 28), date(2027, 2, 15))
    ]
    assert [[row[0] for row in rows] for rows in british] == [[], ["info"], ["high"], ["block"]]


def test_a_day_that_changes_the_table_changes_the_law_of_cosmetics_alone() -> None:
    book, markets = rulebook.default(), selling_markets()
    days = date(2026, 8, 14), date(2026, 8, 15)  # a ban begins in Great Britain
    keys = {
        group: {law_key(book, day, markets, frozenset({group, "ALL"})) for day in days}
        for group in ("COS", "FUR-N")
    }
    assert (len(keys["COS"]), len(keys["FUR-N"])) == (2, 1)


def test_drafts_bind_nobody() -> None:
    drafts = [row for row in restrictions() if row.kind == "draft"]
    british = [row for row in said(cream("Hexyl Salicylate")) if row[1] == "GB"]
    assert (sorted(row.name for row in drafts), british) == (["Hexyl salicylate", "MCCP"], [])


def test_no_row_that_only_warns_or_has_conditions_can_stop_a_sale() -> None:
    """Every name of every cosmetics row, as an ingredient: what blocks is plain and was read."""
    rows = {(row.name, row.cite.act, row.cite.at): row for row in restrictions()}
    names = [name for row in restrictions() for name in (*row.inci, *row.cas)]
    blocking = [one for one in found(cream(*names)) if one.severity == "block"]
    assert len(blocking) > 60
    for one in blocking:
        row = rows[one.params["substance"], one.cites[0].act, one.cites[0].at]
        assert (
            row.is_plain or one.rule.endswith("limit"),
            row.states,
            row.confidence is Confidence.KNOWLEDGE,
        ) == (True, "", False)


def test_food_is_judged_by_its_own_rows() -> None:
    sweets = honey(disclosures__ingredients=in_all("x") | {"en": "Sugar, colour: E171, aspartame"})
    assert said(sweets) == [
        ("high", "EU", "ingredients.titanium dioxide e171"),
        ("info", "EU", "ingredients.aspartame phenylalanine"),
    ]
    assert found(cream("Titanium Dioxide"))[0].severity == "info"


def test_names_that_nobody_knows_are_told_and_change_nothing() -> None:
    record = cream("Aqua", "Unobtainium Extract", "CI 77891")
    [names] = found(record, rule="known_names")
    assert (names.severity, names.params["names"]) == ("info", "UNOBTAINIUM EXTRACT")


def test_nanomaterials_carry_their_mark_after_the_name() -> None:
    assert [one.params["names"] for one in found(cream("Nano Zinc Oxide"), rule="nano_marks")] == [
        "NANO ZINC OXIDE"
    ]
    assert found(cream("Zinc Oxide (nano)"), rule="nano_marks") == []


def test_equal_lists_share_one_judgement() -> None:
    assert judged(cream("Formaldehyde")) is judged(cream("Formaldehyde"))
    assert judged(cream("Formaldehyde")) is not judged(cream("Aqua"))


def test_without_english_every_language_is_read_in_whatever_order_they_were_entered() -> None:
    told = [
        {"nl": "E127", "ar": "sugar"},
        {"ar": "sugar", "nl": "E127"},
        {"ar": "sugar", "nl": "E127", "en": "Sugar"},
    ]
    read = [
        [item.said for item in ingredients_of({"disclosures": {"ingredients": one}}, "ingredients")]
        for one in told
    ]
    assert (read[0] == read[1], "E127" in read[0], read[2]) == (True, True, ["Sugar"])
