"""Addresses as each country writes them."""

from __future__ import annotations

import pytest

from orders.domain.address import clean_address, market_of
from orders.domain.errors import BadAddress

BERLIN = {"name": "Ada", "street": "Lindenstraße 1", "postcode": "10115", "city": "Berlin", "country": "DE"}
OAKLAND = {
    "name": "Ada",
    "street": "1 Oak St",
    "postcode": "94607",
    "city": "Oakland",
    "region": "CA",
    "country": "US",
}


def test_an_address_comes_back_tidy_and_whole() -> None:
    given = BERLIN | {"name": "  Ada \t Kowalski ", "country": "de", "phone": "030 1234567"}
    assert clean_address(given) == {
        "name": "Ada Kowalski", "company": "", "street": "Lindenstraße 1", "extra": "", "postcode": "10115",
        "city": "Berlin", "region": "", "country": "DE", "phone": "+49301234567",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("country", "written", "kept"),
    [
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("NL", "1012js", "1012JS"),
        ("SE", "111 22", "111 22"),
        ("PL", "00-001", "00-001"),
        ("CH", "8001", "8001"),
    ],
)
def test_postcodes_are_taken_as_people_write_them(country: str, written: str, kept: str) -> None:
    assert clean_address(BERLIN | {"country": country, "postcode": written})["postcode"] == kept


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"name": " "}, "name", "missing"),
        ({"street": ""}, "street", "missing"),
        ({"postcode": "1011"}, "postcode", "not_a_postcode"),
        ({"postcode": ""}, "postcode", "missing"),
        ({"country": "ZZ"}, "country", "unknown"),
        ({"country": "KP"}, "country", "unknown"),
        ({"phone": "hello"}, "phone", "not_a_phone"),
        ({"city": "x" * 121}, "city", "too_long"),
        ({"planet": "Earth"}, "planet", "unknown"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        clean_address(BERLIN | changed)
    assert (refusal.value.field, refusal.value.data["reason"]) == (field, reason)


def test_the_united_states_need_a_state_that_exists() -> None:
    assert clean_address(OAKLAND | {"region": "us-ca"})["region"] == "CA"
    for region, reason in (("", "missing"), ("Bavaria", "not_a_region")):
        with pytest.raises(BadAddress) as refusal:
            clean_address(OAKLAND | {"region": region})
        assert (refusal.value.field, refusal.value.data["reason"]) == ("region", reason)


def test_the_market_is_the_state_where_a_state_taxes() -> None:
    assert (market_of(clean_address(OAKLAND)), market_of(clean_address(BERLIN))) == ("US-CA", "DE")


def test_control_characters_do_not_reach_a_label() -> None:
    assert clean_address(BERLIN | {"street": "Linden\r\nstraße\x00 1"})["street"] == "Linden straße 1"
