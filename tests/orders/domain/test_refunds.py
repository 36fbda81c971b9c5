"""Parts of lines: they add up, they never exceed what is left, and the last piece takes the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.domain.refunds import (
    OWED,
    LineLeft,
    RefundPart,
    parts_of_amount,
    parts_of_pieces,
    resolve,
    too_much,
)

minor = st.integers(0, 10**7)
line = st.builds(
    lambda name, pieces, amounts: LineLeft(name, pieces, pieces, dict(zip(OWED, amounts, strict=True))),
    st.text("ABC", min_size=1, max_size=4),
    st.integers(1, 9),
    st.tuples(minor, minor, minor, minor, minor),
)
lines = st.lists(line, min_size=1, max_size=4, unique_by=lambda one: one.line)


def less(one: LineLeft, parts: tuple[RefundPart, ...]) -> LineLeft:
    taken = {part.kind: part.amount_minor for part in parts}
    left = {kind: amount - taken.get(kind, 0) for kind, amount in one.left.items()}
    return LineLeft(one.line, one.quantity, one.pieces - sum(part.quantity for part in parts), left)


@given(line)
def test_pieces_one_by_one_are_the_whole_line(one: LineLeft):
    while one.pieces:
        parts = parts_of_pieces(one, 1, with_shipping=True)
        assert too_much(parts, [one]) is None
        if not any(part.kind == "goods" for part in parts):
            return  # goods that cost nothing name no pieces
        one = less(one, parts)
    assert one.total == 0


@given(lines, st.data())
def test_a_sum_is_spread_without_a_rest(many: list[LineLeft], data: st.DataObject):
    whole = sum(one.total for one in many)
    amount = data.draw(st.integers(1, whole + 5)) if whole else 1
    parts = parts_of_amount(many, amount)
    assert sum(part.amount_minor for part in parts) == (amount if amount <= whole else 0)
    assert too_much(parts, many) is None


@given(lines, st.sampled_from(OWED), st.data())
def test_a_part_of_no_line_is_spread_over_what_is_left(many: list[LineLeft], kind: str, data: st.DataObject):
    whole = sum(one.left[kind] for one in many)
    amount = data.draw(st.integers(1, whole + 5))
    parts = resolve([RefundPart(None, 0, kind, amount)], many)  # type: ignore[arg-type]
    assert sum(part.amount_minor for part in parts) == amount
    assert (too_much(parts, many) is None) == (amount <= whole)


def test_the_same_line_and_kind_stand_once():
    one = LineLeft("A", 3, 3, dict.fromkeys(OWED, 100))
    twice = [RefundPart("A", 1, "goods", 30), RefundPart("A", 1, "goods", 20)]
    assert resolve(twice, [one]) == (RefundPart("A", 2, "goods", 50),)
