"""Contact data is taken out of what is written; numbers and words that are none stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.domain.masking import mask


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to ada.k+x@example.co.uk please", ("email",)),
        ("ada (at) example (dot) com", ("email",)),
        ("ada[at]example.com", ("email",)),
        ("see https://evil.example/pay?x=1 now", ("link",)),
        ("see www.shop-a.de", ("link",)),
        ("come to shop-a.com/sale instead", ("link",)),
        ("call 030 1234567", ("phone",)),
        ("call +49 (0)30 / 123 45 67", ("phone",)),
        ("call (415) 555-1234 after six", ("phone",)),
        ("(415)555-1234, or 415-555-1234, or 415.555.1234, 415 555 1234 or 1-415-555-1234", ("phone",)),
        ("call 0049-30-1234567 or mail a@b.org", ("email", "phone")),
    ],
)
def test_contact_data_is_taken_out(text: str, kinds: tuple[str, ...]):
    found = mask(text)
    assert (found.kinds, "[…]" in found.text) == (kinds, True)
    assert not any(part in found.text for part in ("example", "1234567", "shop-a", "b.org", "555"))


@pytest.mark.parametrize(
    "text",
    [
        "Order R-7Q2K9F3M, parcel P-22223333.",
        "It came on 01.12.2026, not on 2026-11-28.",
        "The GTIN is 4006381333931 and it costs 1,299.00 EUR.",
        "It measures 12 x 34.5 cm. Really. I think so.",
        "Tracking 12345678901234 does not move.",
        "Number 415-555-12345 and 1415-555-1234 stay.",
        "Part 200-100-4000 fits.",
    ],
)
def test_other_numbers_stay(text: str):
    assert mask(text).text == text


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.text("abc \n.,", max_size=30), st.from_regex(r"[a-z]{2,8}@[a-z]{2,8}\.(com|de|org)", fullmatch=True)
)
def test_no_address_comes_through_whatever_stands_around_it(around: str, address: str):
    assert "@" not in mask(f"{around} {address} {around}").text
