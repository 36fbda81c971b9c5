"""Sums that add up, in whatever pieces they are owed."""

from hypothesis import given
from hypothesis import strategies as st

from returns.domain.parts import Part, difference, sum_of

amounts = st.lists(st.integers(0, 10_000), min_size=1, max_size=5)


@given(amounts, st.data())
def test_what_is_owed_later_is_the_rest(whole: list[int], data: st.DataObject) -> None:
    parts = [Part(f"LN-{i}", 1, "goods", amount) for i, amount in enumerate(whole)]
    before = [Part(p.line, 1, "goods", data.draw(st.integers(0, p.amount_minor))) for p in parts]
    rest = difference(parts, before)
    assert sum_of(rest) == sum_of(parts) - sum_of(before)
    assert difference(parts, parts) == ()
