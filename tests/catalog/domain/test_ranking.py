"""Places in a list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.errors import BadCursor
from catalog.domain.ranking import Cursor, Sort


@given(st.integers(-(2**62), 2**62), st.integers(0, 2**62))
def test_a_cursor_comes_back_as_it_was(value: int, listing: int) -> None:
    cursor = Cursor(Sort.PRICE_UP, value, listing)
    assert Cursor.decode(cursor.encode(), Sort.PRICE_UP) == cursor


@given(st.text())
def test_a_forged_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.decode(text, Sort.RECOMMENDED)


def test_a_cursor_belongs_to_its_order() -> None:
    with pytest.raises(BadCursor):
        Cursor.decode(Cursor(Sort.PRICE_UP, 1, 1).encode(), Sort.PRICE_DOWN)


def test_the_newest_are_placed_by_an_instant() -> None:
    cursor = Cursor(Sort.NEWEST, "2026-11-23T12:00:00+00:00", 7)
    assert Cursor.decode(cursor.encode(), Sort.NEWEST) == cursor
