"""The score is the sum of its parts, never above what the record shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compliance.radar.score import Record, score_of

counts = st.integers(0, 500)
records = st.builds(
    Record, pairs=counts, open_pairs=counts, listings=counts, serious=counts,
    stopped_days=st.lists(st.integers(0, 900), max_size=20), is_verified=st.booleans(), is_complete=st.booleans(),
)  # fmt: skip


@given(records)
def test_it_is_the_sum_of_its_parts_between_nought_and_a_hundred(record: Record):
    score = score_of(record)
    assert score.points == sum(part.points for part in score.parts)
    assert 0 <= score.points <= sum(part.weight for part in score.parts) == 100
    assert all(part.why % part.params for part in score.parts)


@given(records)
def test_being_verified_never_lowers_it(record: Record):
    from dataclasses import replace

    assert (
        score_of(replace(record, is_verified=True)).points
        >= score_of(replace(record, is_verified=False)).points
    )


def test_a_worked_record():
    record = Record(
        pairs=40,
        open_pairs=30,
        listings=4,
        serious=1,
        stopped_days=[3, 40],
        is_verified=True,
        is_complete=False,
    )
    assert [(part.key, part.points) for part in score_of(record).parts] == [
        ("cleared", 37), ("serious", 15), ("speed", 7), ("identity", 7),
    ]  # fmt: skip


def test_who_has_everything_in_order_has_a_hundred():
    record = Record(
        pairs=9, open_pairs=9, listings=3, serious=0, stopped_days=[], is_verified=True, is_complete=True
    )
    assert score_of(record).points == 100
