"""The foods of Open Food Facts: several hundred, each with a code that checks, apart and attributed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from stdnum import ean

from catalog.demo.openfoodfacts.select import COLUMNS, HERE, gtin_of, read, select


def foods() -> list[dict[str, str]]:
    with (HERE / "products.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_several_hundred_foods_have_valid_codes_once() -> None:
    codes = [food["code"] for food in foods()]
    assert 300 <= len(codes) <= 500
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not ean.is_valid(code)] == []


def test_only_facts_are_kept_and_their_source_is_named() -> None:
    assert tuple(foods()[0]) == COLUMNS
    licence = (HERE / "LICENCE.md").read_text("utf-8")
    assert "Open Food Facts" in licence
    assert "Open Database License" in licence


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (
            {"code": "651511016", "url": "https://world.openfoodfacts.org/product/0000651511016"},
            "0000651511016",
        ),
        ({"code": "3017620422003", "url": ""}, "3017620422003"),
        ({"code": "3017620422004", "url": ""}, ""),  # check digit
        ({"code": "2000000048208", "url": ""}, ""),  # a shop's own
        ({"code": "17", "url": "http://world-en.openfoodfacts.org/product/00000017/x"}, ""),
    ],
)
def test_a_code_is_restored_or_refused(row: dict[str, str], code: str) -> None:
    assert gtin_of(row) == code


def test_the_fuller_row_of_a_code_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "code,url,product_name,quantity,ingredients_text\n"
        "3017620422003,,Spread,400 g,\n"
        "3017620422003,,Spread,400 g,Sugar &amp; nuts\n"
        "3017620422004,,Broken,1 kg,Salt\n"
    )
    assert [(row["code"], row["ingredients_text"]) for row in select(read(tmp_path))] == [
        ("3017620422003", "Sugar & nuts")
    ]
