"""The disclosure registry reads what people, files and machines give, and refuses the rest by name."""

from __future__ import annotations

import re

import pytest

from compliance.rulebook import default, fields
from compliance.rulebook.categories import categories, duty_groups, groups_of, parents
from compliance.rulebook.fields import BadDisclosure, clean, clean_all, fields_for
from compliance.rulebook.markets import languages_missing, selling_markets
from compliance.rulebook.warning_texts import is_for, text_of, texts_for
from marketplace.kernel.errors import Invalid

GOOD = [
    ("net_quantity", {"value": 250, "unit": "g"}, {"value": "250", "unit": "g"}),
    ("ingredients", {"DE": " Honig ", "en": ""}, {"de": "Honig"}),
    ("warnings", {"en": ["Hot.", ""]}, {"en": ["Hot."]}),
    ("allergens", ["milk", "milk", "nuts"], ["milk", "nuts"]),
    ("abv_pct", "12.50", "12.50"),
    ("abv_pct", 0, "0"),
    ("pao_months", "12", 12),
    ("charger_included", False, False),
    ("origin_country", "de", "DE"),
    ("best_before", "2027-05-31", "2027-05-31"),
    ("eprel_id", "123456", "123456"),
    ("nutrition_per_100", {"fat": "0.3", "salt": None}, {"fat": "0.3"}),
    ("honey_origins", [{"country": "de", "percent": 100}, {}], [{"country": "DE", "percent": "100"}]),
    ("epr_de_packaging", "pending", "pending"),  # a soft pattern is a hint
    ("food_name", {}, None),
    ("allergens", [], None),
    ("batch_or_serial", "  ", None),
]
BAD = [
    ("taste", "sweet"),
    ("net_quantity", {"value": "0", "unit": "g"}),
    ("net_quantity", {"value": "5", "unit": "stone"}),
    ("net_quantity", "250 g"),
    ("ingredients", "Honey"),
    ("ingredients", {"German": "Honig"}),
    ("ingredients", {"de": 5}),
    ("allergens", ["pollen"]),
    ("allergens", "milk"),
    ("abv_pct", "strong"),
    ("abv_pct", "NaN"),
    ("abv_pct", True),
    ("pao_months", 61),
    ("pao_months", "1.5"),
    ("charger_included", "yes"),
    ("origin_country", "Germany"),
    ("best_before", "31.05.2027"),
    ("doc_url", "javascript:alert(1)"),
    ("eprel_id", "12"),
    ("nutrition_per_100", {"taste": 1}),
    ("energy_class", "A+++"),
    ("fibre_composition", [{"component": "body", "fibre": "cotton", "percent": 60}]),
    ("fibre_composition", [{"fibre": "cotton"}]),
]


@pytest.mark.parametrize(("key", "given", "kept"), GOOD)
def test_a_good_value_is_kept_in_its_plain_form(key: str, given: object, kept: object) -> None:
    assert clean(key, given) == kept


@pytest.mark.parametrize(("key", "given"), BAD)
def test_a_bad_value_is_refused_and_named(key: str, given: object) -> None:
    with pytest.raises(BadDisclosure) as refused:
        clean(key, given)
    assert refused.value.field == key


def test_cleaning_twice_changes_nothing() -> None:
    kept = {key: value for key, _, value in GOOD if value is not None}
    assert clean_all(clean_all(kept)) == clean_all(kept)


def test_fibres_of_each_component_make_a_hundred_percent() -> None:
    rows = [
        {"component": "shell", "fibre": "cotton", "percent": "60"},
        {"component": "shell", "fibre": "polyester", "percent": "40"},
        {"component": "lining", "fibre": "viscose", "percent": "100"},
    ]
    assert clean("fibre_composition", rows) == rows


def test_every_field_is_used_by_groups_that_exist_or_asked_for_by_a_duty() -> None:
    versions = [version for rule in default().rules.values() for version in rule.versions]
    texts = [text for v in versions for text in (*v.needs, *(c.source for c in (v.when, v.must) if c))]
    asked = set(re.findall(r"disclosures\.(\w+)", " ".join(texts)))
    reached = {group for category in categories().values() for group in category.groups}
    for entry in fields.fields().values():
        assert set(entry.used_by) <= set(duty_groups()), entry.key
        assert set(entry.used_by) & (reached | {"MAG", "LAS", "AER"}) or entry.key in asked, entry.key


def test_honey_is_asked_for_its_origins_and_not_for_its_laser_class() -> None:
    asked = {entry.key for entry in fields_for(groups_of("food.honey"))}
    assert {"honey_origins", "allergens", "warnings"} <= asked
    assert not {"laser_class", "inci_list", "tyre_wet"} & asked


def test_there_are_all_the_leaves_with_names_in_english_and_german() -> None:
    assert len(categories()) == 144
    for leaf in categories().values():
        assert all(leaf.names[code] for code in ("en", "de"))
        assert leaf.parent in parents()


def test_traits_add_duty_groups() -> None:
    assert set(groups_of("toy.general", ["magnets"])) - set(groups_of("toy.general")) == {"MAG"}


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        groups_of("food.nothing")
    assert refused.value.field == "category"


def test_languages_that_a_market_still_needs() -> None:
    assert languages_missing("BE", frozenset({"nl"})) == ("fr", "de")
    assert languages_missing("MT", frozenset({"en"})) == ()
    assert languages_missing("MT", frozenset({"de"})) == ("mt", "en")
    assert languages_missing("CH", frozenset({"it"}), any_will_do=True) == ()
    assert languages_missing("NO", frozenset({"no"})) == ()
    assert languages_missing("DE", frozenset({"de-at"})) == ()


def test_every_selling_market_knows_its_languages() -> None:
    assert [market for market in selling_markets() if not languages_missing(market, frozenset())] == []


def test_a_standard_warning_speaks_the_markets_language() -> None:
    assert [text.language for text in texts_for("W-EU-36M", "FR")] == ["fr"]
    assert text_of("W-US-SP", "de").language == "en"
    assert text_of("W-NO-SUCH", "de") is None
    assert (is_for("W-US-SP", "DE"), is_for("W-US-SP", "US-CA"), is_for("W-P65-L", "US")) == (
        False,
        True,
        False,
    )


def test_every_standard_warning_of_the_registry_has_a_text() -> None:
    codes = set(fields.fields()["warning_codes"].choices) - {"W-NONE"}
    assert {code for code in codes if text_of(code, "en") is None} == set()
