"""Tracking numbers: what each carrier gives, and what it cannot have given."""

from __future__ import annotations

import pytest

from orders.domain.errors import BadTrackingNumber
from orders.domain.tracking import CHECKS, OTHER, carriers, carriers_of, check_number, tracking_url

FORMATS = [
    (carrier.code, number)
    for carrier in carriers().values()
    for number in (one.example for one in carrier.formats)
]


@pytest.mark.parametrize(("carrier", "number"), FORMATS)
def test_every_example_in_the_file_is_a_number_of_its_carrier(carrier: str, number: str) -> None:
    assert check_number(carrier, number) == number


@pytest.mark.parametrize(
    ("check", "number"),
    [
        ("s10", "RR473124829GB"),  # UPU S10-12, worked example
        ("ups", "1Z5R89390357567127"),
        ("ups", "1Z999AA10123456784"),
        ("fedex12", "986578788855"),
        ("mod10", "9400111202555842332669"),
        ("mod7", "3318810025"),
        ("mod37_36", "A12425GABC1234002M"),  # ISO 7064: the example of the release identifier GRid
    ],
)
def test_check_digits_agree_with_published_examples(check: str, number: str) -> None:
    assert CHECKS[check](number)


@pytest.mark.parametrize(("carrier", "number"), [("royal_mail", "RR473124829GB"), ("ups", "1Z5R89390357567127"),
                                                 ("fedex", "986578788855")])  # fmt: skip
def test_one_wrong_digit_is_noticed(carrier: str, number: str) -> None:
    at = 8
    for digit in "0123456789":
        changed = number[:at] + digit + number[at + 1 :]
        if changed != number:
            with pytest.raises(BadTrackingNumber) as refusal:
                check_number(carrier, changed)
            assert refusal.value.field == "tracking_number"


def test_spaces_dashes_and_small_letters_are_tidied() -> None:
    assert check_number("ups", "1z 5r8-9390.3575 67127") == "1Z5R89390357567127"


def test_an_unknown_carrier_is_refused_by_name() -> None:
    with pytest.raises(BadTrackingNumber) as refusal:
        check_number("pigeon", "1")
    assert (refusal.value.field, refusal.value.data) == ("carrier", {"carrier": "pigeon"})


def test_another_carrier_is_taken_at_its_word_but_not_anything() -> None:
    assert check_number(OTHER, "ab-12 34") == "AB1234"
    with pytest.raises(BadTrackingNumber):
        check_number(OTHER, "<script>")


def test_a_number_names_the_carriers_that_may_have_given_it() -> None:
    assert "ups" in carriers_of("1Z5R89390357567127")
    assert carriers_of("RR473124829GB")[:1] == ("s10",)


def test_the_address_to_follow_a_parcel_carries_its_number() -> None:
    assert tracking_url("ups", "1Z5R89390357567127").endswith("tracknum=1Z5R89390357567127")
    assert tracking_url("pigeon", "1") == ""
