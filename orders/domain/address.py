"""Postal addresses as each country writes them. Pure; what a country asks for is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import phonenumbers

from compliance.rulebook import default, lookups
from compliance.rulebook.tables import table
from marketplace.kernel.errors import Invalid
from orders.domain.errors import BadAddress

PARTS = ("name", "company", "street", "extra", "postcode", "city", "region", "country", "phone")
NEEDED = ("name", "street", "city", "country")
LENGTHS = {"postcode": 20, "phone": 40, "country": 2, "name": 120, "company": 120, "city": 120, "region": 120}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean_address(given: Mapping[str, str]) -> dict[str, str]:
    """Return an address with every part trimmed and checked for its country.

    :raises BadAddress: naming the part (`field`) and why: missing, unknown, too_long, not_a_postcode,
        not_a_region, not_a_phone.
    """
    for name in given:
        if name not in PARTS:
            raise BadAddress(
                "An address has no part called %(name)s.", field=name, name=name, reason="unknown"
            )
    address = {name: _tidy(given.get(name, "")) for name in PARTS}
    address["country"] = address["country"].upper()
    for name in NEEDED:
        _need(address, name)
    for name, value in address.items():
        if len(value) > LENGTHS.get(name, 200):
            raise BadAddress(field=name, reason="too_long")
    _fit_country(address)
    return address


def market_of(address: Mapping[str, str]) -> str:
    """Return the market an address lies in: ``DE``, or ``US-CA`` where a state has law or tax of its own."""
    country = address["country"]
    region = address.get("region", "").upper()
    if _has_subdivisions(country) and re.fullmatch(r"[A-Z]{2,3}", region):
        return f"{country}-{region}"
    return country


def _fit_country(address: dict[str, str]) -> None:
    country = address["country"]
    found = lookups.locale(country)
    if found is None or not default().covers(country):
        raise BadAddress("We do not ship to this country yet.", field="country", reason="unknown")
    if found.state_required:
        _need(address, "region")
    if _has_subdivisions(country):
        address["region"] = _region(country, address["region"])
    address["postcode"] = _postcode(address["postcode"], found.postcode_regex, found.postcode_example)
    if address["phone"]:
        address["phone"] = _phone(address["phone"], country)


def _postcode(value: str, pattern: str, example: str) -> str:
    if not pattern:
        return value
    written = value.upper()
    spaced = _spaced(written) if example[-4:-3] == " " else ""
    for attempt in (spaced, written, written.replace(" ", "")):
        if attempt and re.fullmatch(pattern, attempt):
            return attempt
    reason = "missing" if not value else "not_a_postcode"
    if reason == "missing" or not example:
        raise BadAddress(field="postcode", reason=reason, example=example)
    raise BadAddress(
        "A postcode there looks like %(example)s.", field="postcode", reason=reason, example=example
    )


def _spaced(value: str) -> str:
    """British and Canadian codes end in three characters after a space; people leave it out."""
    bare = value.replace(" ", "")
    return f"{bare[:-3]} {bare[-3:]}"


def _region(country: str, value: str) -> str:
    code = value.upper().removeprefix(f"{country}-")
    if code in _subdivisions(country):
        return code
    raise BadAddress(field="region", reason="not_a_region")


def _has_subdivisions(country: str) -> bool:
    return bool(_subdivisions(country))


@cache
def _all_subdivisions() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in table("vat"):
        country, _, code = row["market"].partition("-")
        if code:
            found.setdefault(country, set()).add(code)
    return {country: frozenset(codes) for country, codes in found.items()}


def _subdivisions(country: str) -> frozenset[str]:
    """Return the codes of the states for which the tax table has rows of their own."""
    return _all_subdivisions().get(country, frozenset())


def _phone(value: str, country: str) -> str:
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException:
        raise BadAddress(field="phone", reason="not_a_phone") from None
    if not phonenumbers.is_possible_number(number):
        raise BadAddress(field="phone", reason="not_a_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _need(address: Mapping[str, str], name: str) -> None:
    if not address[name]:
        raise BadAddress(field=name, reason="missing")


def _tidy(value: str) -> str:
    if not isinstance(value, str):
        raise Invalid("A part of an address is text.", field="address")
    return " ".join(_CONTROL.sub(" ", value).split())
