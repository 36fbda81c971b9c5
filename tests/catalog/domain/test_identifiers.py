"""Numbers that identify goods."""

import pytest

from catalog.domain.errors import BadIdentifier
from catalog.domain.identifiers import check_gtin, check_hs_code, check_isbn


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("4006381333931", "4006381333931"),
        ("4006381-333931 ", "4006381333931"),
        ("73513537", "73513537"),
        ("0-306-40615-2", "9780306406157"),
    ],
)
def test_a_right_gtin_is_kept_as_digits(typed: str, kept: str) -> None:
    assert check_gtin(typed) == kept


@pytest.mark.parametrize("typed", ["4006381333932", "123", "40063813339xx"])
def test_a_wrong_gtin_says_why(typed: str) -> None:
    with pytest.raises(BadIdentifier) as caught:
        check_gtin(typed)
    assert (caught.value.field, caught.value.data["value"], bool(caught.value.data["reason"])) == (
        "gtin",
        typed,
        True,
    )


def test_an_isbn_of_ten_becomes_one_of_thirteen() -> None:
    assert check_isbn("0-306-40615-2") == "9780306406157"


@pytest.mark.parametrize("typed", ["99", "0001", "04090", "x409"])
def test_an_hs_code_has_an_even_number_of_digits_and_a_chapter(typed: str) -> None:
    with pytest.raises(BadIdentifier):
        check_hs_code(typed)


def test_dots_of_an_hs_code_are_dropped() -> None:
    assert check_hs_code("0409.00") == "040900"
