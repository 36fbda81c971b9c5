"""The restricted substances: whom they bind, found by any of their names, and never a draft."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from compliance.rulebook import default
from compliance.rulebook.categories import _data as categories_data
from compliance.rulebook.substances import restrictions, restrictions_in, restrictions_of
from compliance.rulebook.types import Confidence

DAY = date(2026, 11, 23)


def chain(market: str) -> tuple[str, ...]:
    return tuple(place.code for place in default().chain(market))


def test_a_substance_is_found_by_its_inci_name_and_its_number() -> None:
    by_name, by_number = restrictions_of("Lead Acetate"), restrictions_of("7439-92-1")
    assert (by_name[0].name, by_name[0] in by_number) == ("Lead and its compounds", True)


def test_every_group_of_the_table_is_one_that_products_have() -> None:
    known = set(categories_data()["groups"])
    assert {group for row in restrictions() for group in row.groups} - known == set()


def test_every_market_of_the_table_is_in_the_book() -> None:
    places = set(default().jurisdictions)
    assert {market for row in restrictions() for market in row.markets} - places == set()


def test_a_country_is_bound_by_its_own_rows_and_its_unions() -> None:
    names = {(row.name, row.markets) for row in restrictions_in(chain("FR"), ["COS"], DAY)}
    assert ("PFAS single (non-polymer)", ("FR",)) in names
    assert ("Lead and its compounds", ("EU",)) in names


def test_what_is_only_drafted_does_not_bind() -> None:
    binding = {row.name for row in restrictions_in(chain("DE"), ["ALL"], DAY)}
    with_drafts = {row.name for row in restrictions_in(chain("DE"), ["ALL"], DAY, drafts=True)}
    assert with_drafts - binding == {"MCCP"}


def test_a_limit_ends_and_begins_on_its_days() -> None:
    plane = next(row for row in restrictions() if row.name.startswith("Dechlorane"))
    assert (plane.is_on(date(2028, 4, 14)), plane.is_on(date(2028, 4, 15))) == (True, False)


def test_the_largest_limit_is_the_one_no_use_may_exceed() -> None:
    row = next(row for row in restrictions() if row.limits == (Decimal("5"), Decimal("2"), Decimal("4.5")))
    assert (row.largest, row.ruling("EU").as_json()["value"]["limits"]) == (Decimal("5"), ["5", "2", "4.5"])


def test_figures_that_nobody_read_stay_knowledge() -> None:
    words = {row.cite.act: row.confidence for row in restrictions() if row.name == "Nicotine in e-liquid"}
    assert set(words.values()) <= set(Confidence)
