"""What a shopper typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.words import Term, bigrams, distance, parse_query, vocabulary


def test_a_query_is_taken_apart() -> None:
    assert parse_query('Käse "blue moon" -rot 有机蜂蜜250g').terms == (
        Term("käse"),
        Term("blue moon", is_phrase=True),
        Term("rot", must_not=True),
        Term("有机蜂蜜"),
        Term("250g"),
    )


def test_only_what_must_not_be_is_no_query() -> None:
    assert not parse_query("-rot")


def test_chinese_is_read_in_pairs() -> None:
    assert bigrams("有机蜂蜜") == "有机 机蜂 蜂蜜"


def test_titles_give_words_without_accents_and_numbers() -> None:
    assert vocabulary("Blütenhonig 250g für Gäste 蜂蜜") == {"blutenhonig", "gaste"}


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("honig", "honig", 0), ("hoing", "honig", 1), ("hong", "honig", 1), ("hanog", "honig", 2)],
)
def test_slips_of_the_finger_are_counted(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == slips


@given(st.text(max_size=12), st.text(max_size=12))
def test_slips_are_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)


@given(st.text(max_size=300))
def test_any_text_can_be_parsed(typed: str) -> None:
    assert len(parse_query(typed).terms) <= 12
