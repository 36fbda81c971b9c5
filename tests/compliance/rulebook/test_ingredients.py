"""Lists of ingredients as merchants write them, read into names, numbers, shares and nano marks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compliance.rulebook.ingredients import cas_numbers, fold, is_known, read_cosmetic, read_food


def names(*items: str) -> list[str]:
    return [item.names[0] for item in read_cosmetic(items) if item.names]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Methyl-Eugenol ", "methyl eugenol"),
        ("α-Isomethyl Ionone", "alpha isomethyl ionone"),
        ("Öl, gehärtet", "ol gehartet"),
        ("Smør", "smor"),
        ("50-00-0", "50-00-0"),
    ],
)
def test_names_are_compared_without_accents_and_numbers_whole(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_cas_number_is_one_only_with_its_check_digit() -> None:
    assert cas_numbers("Formaldehyde 50-00-0, lot 12-34-5, tel. 030-50-00-0") == ("50-00-0",)


def test_a_list_in_one_cell_is_divided_but_never_inside_a_name() -> None:
    assert names("INGREDIENTS: Aqua, 1,2-Hexanediol,Glycerin; CI 77891 • N,N'-Methylenediacrylamide") == [
        "aqua",
        "1 2 hexanediol",
        "glycerin",
        "ci 77891",
        "n n methylenediacrylamide",
    ]


def test_of_alternative_names_the_known_one_comes_first() -> None:
    [water, scent] = read_cosmetic(("Wasser (Aqua)", "Duftstoff/Parfum"))
    assert (water.names[0], scent.names[0]) == ("aqua", "parfum")


def test_a_name_with_a_slash_that_cosing_knows_stays_whole() -> None:
    assert names("Styrene/Acrylates Copolymer") == ["styrene acrylates copolymer"]


def test_shares_and_nano_marks_are_read_and_an_upper_bound_is_no_share() -> None:
    [acid, mit, oxide] = read_cosmetic(("Salicylic acid 1,5 %", "MIT <15 ppm", "Titanium Dioxide (Nano)"))
    assert (acid.percent, acid.at_most) == (Decimal("1.5"), False)
    assert (mit.percent, mit.at_most) == (Decimal("0.0015"), True)
    assert (oxide.nano, oxide.names, oxide.numbers) == (True, ("titanium dioxide",), ("13463-67-7",))


def test_what_stands_in_brackets_of_a_food_is_an_ingredient_and_a_share_belongs_to_what_it_follows() -> None:
    read = read_food("Milk chocolate (12 %) (sugar, cocoa mass), colour: E 171, salt 0,5 %")
    assert [(item.names[0], item.percent) for item in read] == [
        ("milk chocolate", Decimal(12)),
        ("sugar", None),
        ("cocoa mass", None),
        ("colour", None),
        ("e 171", None),
        ("salt", Decimal("0.5")),
    ]
    assert "e171" in read[4].numbers


def test_colour_index_numbers_are_names() -> None:
    assert [is_known(name) for name in ("ci 77891", "ci 12345", "foo bar extract")] == [True, True, False]
