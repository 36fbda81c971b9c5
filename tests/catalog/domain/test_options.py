"""Options and variants."""

import pytest

from catalog.domain.errors import BadOptions
from catalog.domain.options import check_options, matrix


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
