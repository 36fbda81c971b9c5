"""Code 128 as a scanner reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.carriers.offline import s10
from returns.domain.barcode import code128, read128


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_what_is_written_is_read(text: str) -> None:
    assert read128(code128(text)) == text


def test_a_known_symbol() -> None:
    # "A" in set B: start B 211214, A 111323, check (104 + 33) mod 103 = 34 → 131123, stop 2331112
    assert "".join(map(str, code128("A"))) == "2112141113231311232331112"


def test_a_damaged_row_is_refused() -> None:
    widths = list(code128("RR123456785XZ"))
    widths[6:12], widths[12:18] = widths[12:18], widths[6:12]
    widths[20], widths[21] = widths[21], widths[20]
    with pytest.raises((ValueError, KeyError)):
        read128(tuple(widths))


def test_numbers_follow_the_postal_standard() -> None:
    assert s10(47312482) == "RR473124829XZ"
