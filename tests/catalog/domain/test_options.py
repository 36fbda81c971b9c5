"""Options and variants."""

import pytest

from catalog.domain.errors import BadOptions
from catalog.domain.options import check_options, matrix, options_of


def test_every_combination_is_there_once() -> None:
    assert matrix([["red", "blue"], ["S", "M"]]) == [("red", "S"), ("red", "M"), ("blue", "S"), ("blue", "M")]


@pytest.mark.parametrize(
    ("names", "variants"),
    [
        (["Size"], []),
        (["Size"], [["S"], ["S"]]),
        (["Size"], [["S", "red"]]),
        (["Size"], [[""]]),
        (["Size", "Size"], [["S", "S"]]),
        ([], [[], []]),
    ],
)
def test_variants_that_do_not_fit_are_refused(names: list[str], variants: list[list[str]]) -> None:
    with pytest.raises(BadOptions):
        check_options(names, variants)


def test_values_stand_in_the_order_of_the_variants() -> None:
    assert options_of(["Size", "Colour"], [["M", "red"], ["S", "red"]]) == [
        ("Size", ["M", "S"]),
        ("Colour", ["red"]),
    ]
