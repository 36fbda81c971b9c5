"""Lookups: the right row for a market and a day, and None where nothing is known."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.rulebook.lookups import (
    contacts,
    customs_rates,
    customs_territory,
    duty_rate,
    first_vat_rate,
    languages_required,
    locale,
    parcel_tariff,
    suggest_hs,
    tax_categories,
    us_additional_duties,
    vat_rate,
    wording,
    wordings,
)

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("market", "category", "on", "percent"),
    [
        ("DE", "standard", date(2020, 6, 30), "19"),
        ("DE", "standard", date(2020, 7, 1), "16"),
        ("DE", "standard", date(2020, 12, 31), "16"),
        ("DE", "standard", date(2021, 1, 1), "19"),
        ("EE", "standard", date(2025, 6, 30), "22"),
        ("EE", "standard", date(2025, 7, 1), "24"),
        ("DE", "books", DAY, "7"),
        ("CA-ON", "standard", DAY, "13"),
        ("BR-SP", "icms_remessa", DAY, "17"),
        ("BR-BA", "icms_remessa", DAY, "20"),
        ("TH", "standard", date(2026, 9, 30), "7"),
        ("TH", "standard", date(2026, 10, 1), None),
        ("US", "standard", DAY, None),
        ("US-CA", "marketplace_facilitator", DAY, None),
    ],
)
def test_tax_rate_of_a_day(market: str, category: str, on: date, percent: str | None) -> None:
    found = vat_rate(market, category, on)
    assert (str(found.percent) if found else None) == percent


def test_a_category_that_a_market_does_not_know_pays_the_standard_rate() -> None:
    found = first_vat_rate("DE", tax_categories("toy.general"), DAY)
    assert found is not None
    assert (found.category, str(found.percent)) == ("standard", "19")


@pytest.mark.parametrize(
    ("category", "hs", "use", "expect"),
    [
        ("food.honey", "", "sale", ("food_basic", "standard")),
        ("books", "", "sale", ("books", "standard")),
        ("", "490199", "sale", ("books", "standard")),
        ("", "961900", "sale", ("hygiene_sanitary", "standard")),
        ("", "999999", "sale", ()),
        ("no.such", "", "sale", ()),
        ("alc.wine", "", "cbec", ("cbec_wine",)),
    ],
)
def test_tax_categories_of_a_product(category: str, hs: str, use: str, expect: tuple[str, ...]) -> None:
    assert tax_categories(category, hs, use) == expect


@pytest.mark.parametrize(
    ("market", "on", "territory"),
    [
        ("DE", DAY, "EU"),
        ("LI", DAY, "CH"),
        ("US-CA", DAY, "US"),
        ("GB", date(2020, 12, 31), "EU"),
        ("GB", DAY, "GB"),
        ("HR", date(2013, 6, 30), "HR"),
    ],
)
def test_customs_territory(market: str, on: date, territory: str) -> None:
    assert customs_territory(market, on) == territory


def test_a_tariff_is_not_known_before_its_first_day_or_off_the_list() -> None:
    assert [duty_rate("610910", "NO", date(2025, 12, 31)), duty_rate("010121", "EU", DAY)] == [None, None]


def test_swiss_industrial_goods_are_free_whatever_their_code() -> None:
    found = duty_rate("732611", "CH", DAY)
    assert found is not None
    assert found.free


def test_the_longest_prefix_of_a_parcel_tariff_wins() -> None:
    found = [parcel_tariff(hs, "JP", DAY) for hs in ("392410", "610910", "900410")]
    assert [text and text[0] and str(text[0]) for text in found] == ["3", None, "5"]


def test_additional_duties_go_by_origin() -> None:
    def of(origin: str) -> list[tuple[str, str]]:
        return [(measure, str(rate)) for measure, rate, _ in us_additional_duties("821192", origin, DAY)]

    assert [of("CN"), of("GB"), of("DE")] == [
        [("section_232", "25"), ("section_301", "7.5")],
        [("section_232", "15")],
        [("section_232", "25")],
    ]


def test_customs_rates_are_of_the_month_or_say_that_they_are_not() -> None:
    november, is_own = customs_rates(date(2026, 11, 23))
    later, still_own = customs_rates(date(2027, 3, 1))
    assert (is_own, still_own, later) == (True, False, november)


def test_locale_of_a_market_and_of_its_states() -> None:
    germany, california = locale("DE"), locale("US-CA")
    assert germany
    assert california
    assert (germany.currency, germany.time_zone, germany.weekend, germany.languages.codes) == (
        "EUR",
        "Europe/Berlin",
        (5, 6),
        ("de",),
    )
    assert (california.market, locale("SA").weekend, locale("XX")) == ("US", (4, 5), None)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("market", "have", "missing"),
    [
        ("DE", ["en"], ("de",)),
        ("BE", ["nl", "fr"], ("de",)),
        ("MT", ["en"], ()),
        ("MT", ["de"], ("mt", "en")),
        ("CA", ["en", "fr"], ()),
        ("XX", [], ()),
    ],
)
def test_languages_that_are_missing(market: str, have: list[str], missing: tuple[str, ...]) -> None:
    assert languages_required(market).missing(have) == missing


def test_wordings_are_the_market_s_own_or_else_the_union_s() -> None:
    own, union = wording("order_button", "DE", "de", DAY), wording("recall_notice.headline", "DE", "de", DAY)
    assert own
    assert union
    assert (own.text, own.market, union.market) == ("zahlungspflichtig bestellen", "DE", "EU")


def test_a_wording_is_not_there_before_its_law() -> None:
    before, after = date(2026, 6, 18), date(2026, 6, 19)
    key = ("withdrawal_function", "DE", "de")
    assert [bool(wording(*key, day)) for day in (before, after)] == [False, True]


def test_a_regional_language_falls_back_and_another_market_does_not() -> None:
    austrian = wording("model_withdrawal_form.title", "AT", "de-AT", DAY)
    assert austrian is not None
    assert (austrian.language, wording("model_withdrawal_form.title", "JP", "de", DAY)) == ("de", None)


def test_wordings_keep_their_order() -> None:
    assert len(wordings("order_final_confirmation", "JP", "ja", DAY)) == 9


def test_contacts_by_role() -> None:
    assert [one.name_en for one in contacts("AT", "ecc")] == ["ECC Austria"]
    assert ({one.role for one in contacts("US-CA")} != set(), contacts("XX")) == (True, ())


@pytest.mark.parametrize(
    ("words", "hs6"),
    [
        ("Organic cotton T-shirt, navy", "610910"),
        ("Lederhandtasche braun", "420221"),
        ("蓝牙耳机", "851830"),
        ("Jeans for men", "620342"),
        ("hiking boots", "640391"),
    ],
)
def test_customs_code_from_words(words: str, hs6: str) -> None:
    assert suggest_hs(words)[0].hs6 == hs6


def test_words_that_speak_for_nothing() -> None:
    assert suggest_hs("qwertyuiop") == ()
