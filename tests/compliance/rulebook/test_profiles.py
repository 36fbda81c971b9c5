"""A profile is judged as the facts it was made of, whatever they are. Long form: RIGHTFUL_EXAMPLES=20000."""

from __future__ import annotations

import os
import random
from datetime import date
from typing import Any

import pytest

from compliance.checks.outcomes import Outcomes
from compliance.rulebook import default, fields
from compliance.rulebook.categories import categories
from compliance.rulebook.cel_conditions import compile_condition
from compliance.rulebook.duties import judge_complete
from compliance.rulebook.facts import complete, documented
from compliance.rulebook.fields import Field
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.profiles import _looks_in, project, reading_of, restore

TODAY = date(2026, 11, 23)
EXAMPLES = int(os.environ.get("RIGHTFUL_EXAMPLES", "60"))
TONGUES = ["de", "en", "fr", "nl", "pl", "ja", "zh-hans", "EN", "ar", "tr", "nb"]
INGREDIENTS = ["Water, sugar", "Sugar, Red No. 3", "erythrosine", "oil, BVO, sugar", "E127", " "]
INCI = ["AQUA", "SODIUM FLUORIDE", "TRIMETHYLBENZOYL DIPHENYLPHOSPHINE OXIDE", "PARFUM"]
COUNTRIES = ["DE", "US", "GB", "CN", "JP", "NO", "AU", "CH", "AT", "FR", ""]


def _some(dice: random.Random, items: list[str]) -> list[str]:
    return dice.sample(items, dice.randint(0, min(4, len(items))))


def _value(known: Field, dice: random.Random) -> Any:
    if known.translatable:
        texts = INGREDIENTS if known.key == "ingredients" else ["words"]
        listed = known.type == "text_list"
        return {code: [dice.choice(texts)] if listed else dice.choice(texts) for code in _some(dice, TONGUES)}
    if known.type in ("int", "decimal"):
        number = dice.choice([0, 1, 4, 5, 6, 15, 20, 21, 25, 50, 51, 100, 101, 249, 250, 251])
        return number if known.type == "int" else dice.choice([number, number + 0.5, str(number), 0.1])
    if known.choices:
        return _some(dice, list(known.choices)) if known.type == "enum_list" else dice.choice(known.choices)
    return {
        "bool": dice.random() < 0.5, "text_list": _some(dice, INCI), "date": "2026-01-01", "quantity": {"value": "1", "unit": "g"},
        "list": [{"country": dice.choice(COUNTRIES), "number": str(dice.random())}], "object": {"a": "b"},
    }.get(known.type, f"text {dice.random()}")  # fmt: skip


def _fact(kind: str, dice: random.Random) -> Any:
    return {
        "bool": dice.random() < 0.7, "int": dice.choice([0, 1, 3, 890]), "decimal": dice.choice([0, 0.5, 9]),
        "country": dice.choice(COUNTRIES), "date": dice.choice(["", "2026-11-01", "2026-11-23", "2027-01-01"]),
    }.get(kind, dice.choice(["", f"text {dice.random()}"]))  # fmt: skip


def record_of(dice: random.Random) -> dict[str, Any]:
    """Return random facts of a random category, most of what is asked of it filled in."""
    share = dice.choice([0.3, 0.9, 0.97])
    known = documented()
    raw: dict[str, Any] = {"category": dice.choice([*categories(), "gone"])}
    for name in ("identifiers", "manufacturer", "responsible_person", "merchant", "price"):
        raw[name] = {
            key: _fact(kind, dice) for key, kind in (known[name].of or {}).items() if dice.random() < share
        }
    raw["merchant"]["kind"] = dice.choice(["trader", "private"])
    for name in ("title_languages", "description_languages"):
        raw[name] = TONGUES if dice.random() < share else _some(dice, TONGUES)
    raw |= {"images": dice.choice([0, 1, 5]), "images_without_text": dice.choice([0, 0, 2]), "brand": "B"}
    raw["condition"] = dice.choice(["new", "used", "refurbished"])
    raw["traits"] = _some(dice, list(known["traits"].choices)) if dice.random() < 0.4 else []
    raw["local_contacts"] = [
        {"market": m, "name": "N", "address": "A"} for m in _some(dice, ["GB", "US", "JP", "TR"])
    ]
    kinds = ["test_report", "declaration_of_conformity", "import_permit", "safety_report", "type_approval"]
    raw["documents"] = [
        {"kind": one, "expires_on": dice.choice(["", "2026-11-22", "2027-01-01"])}
        for one in _some(dice, kinds)
    ]
    raw["attestations"] = _some(dice, ["no_bpa", "formula_checked", "no_animal_testing", "cn_cbec_retail"])
    raw["disclosures"] = {
        field.key: _value(field, dice) for field in fields.fields().values() if dice.random() < share
    }
    raw["disclosures"]["warning_codes"] = _some(
        dice, ["W-EU-36M", "W-US-SP", "W-EU-CAFF", "W-CANDLE", "W-EU-BALLOON"]
    )
    return raw


def test_facts_are_restored_alike_in_whatever_order_they_are_told():
    reading = reading_of(default())
    seen = project(
        complete(
            {"category": "toy.outdoor_play", "disclosures": {"toy_kind": ["marble", "general"]}}, on=TODAY
        ),
        reading,
    ).seen
    backwards = dict(reversed(seen.items()))
    assert restore(["TOY"], backwards, reading) == restore(["TOY"], seen, reading)
    assert "marble" in restore(["TOY"], backwards, reading)["disclosures"]["toy_kind"]


@pytest.mark.parametrize("day", [TODAY, date(2027, 8, 1)])
def test_a_profile_is_judged_as_its_facts(day: date) -> None:
    book, dice = default(), random.Random(20261123)
    outcomes, markets = Outcomes(book, day), selling_markets()
    missed: set[str] = set()
    for number in range(EXAMPLES):
        facts = complete(record_of(dice), on=day)
        judged = judge_complete(facts, book, markets=markets, on=day)
        profile = project(facts, outcomes.reading)
        found = outcomes.judged(profile.groups, profile.seen)
        assert (number, found) == (number, judged)
        assert outcomes.of(profile.groups, profile.seen) == outcomes.of_judged(judged)
        missed |= {finding.rule for finding in judged.findings}
    assert len(missed) > 150


def test_what_no_duty_tells_apart_is_the_same_profile() -> None:
    dice = random.Random(5)
    first = record_of(dice) | {"category": "food.honey", "brand": "A", "images": 3}
    first["disclosures"] |= {"allergens": ["none"], "ingredients": {"en": "Honey", "de": "Honig"}}
    second = first | {"brand": "Z", "images": 7, "price": first["price"] | {"minor": 12345}}
    second["disclosures"] = first["disclosures"] | {"ingredients": {"en": "Nectar", "de": "Nektar"}}
    first["price"] = first["price"] | {"minor": 2}
    one, two = (project(complete(raw, on=TODAY), reading_of(default())) for raw in (first, second))
    assert one.digest == two.digest


def test_a_text_in_which_a_duty_finds_something_is_kept() -> None:
    raw = {
        "category": "food.honey",
        "disclosures": {"ingredients": {"en": "Sugar, Red No. 3", "de": "Zucker"}},
    }
    seen = project(complete(raw, on=TODAY), reading_of(default())).seen
    assert "Red No. 3" in seen["disclosures.ingredients"]
    assert "Zucker" not in seen["disclosures.ingredients"]


@pytest.mark.parametrize(
    ("source", "look"),
    [
        ("has(disclosures.model_number)", "[false, [], [], false, [], [], []]"),
        ("disclosures.battery_wh > 100.0", "[false, [100.0], [], false, [], [], []]"),
        ("'A' in disclosures.plug_type", "[false, [], [], false, [], [], []]"),
        (
            "disclosures.pfas in ['unknown', 'contains']",
            '[false, [], ["contains", "unknown"], false, [], [], []]',
        ),
        (
            "disclosures.epr_battery_eu.exists(e, e.country == market)",
            '[false, [], [], false, [], ["country"], []]',
        ),
        ("disclosures.epr_battery_eu.exists(e, e == market)", "[true, [], [], false, [], [], []]"),
        ("size(disclosures.plug_type) > 1", "[true, [], [], false, [], [], []]"),
        ("disclosures.model_number.startsWith('A')", "[true, [], [], false, [], [], []]"),
        ("disclosures.model_number == identifiers.model", "[true, [], [], false, [], [], []]"),
    ],
)
def test_how_a_condition_looks_at_a_fact(source: str, look: str) -> None:
    names = dict.fromkeys(documented())
    looks = dict(_looks_in(compile_condition(source, names)))
    assert next(iter(looks.values())).text() == look
