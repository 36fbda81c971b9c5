"""Exchanges: every pair of state and action, what the difference is, what of it follows pieces that go back."""

from __future__ import annotations

import pytest

from orders.domain.errors import WrongState
from orders.domain.states import SUPPLEMENT, SUPPLEMENT_STATES
from returns.domain.exchanges import (
    EXCHANGE,
    EXCHANGE_STATES,
    Exchanged,
    back_of_supplements,
    difference,
    off_for_differences,
)
from returns.domain.states import next_state

TABLES = {"exchange": (EXCHANGE, EXCHANGE_STATES), "supplement": (SUPPLEMENT, SUPPLEMENT_STATES)}
PAIRS = [
    (name, state, action)
    for name, (table, known) in TABLES.items()
    for state in known
    for action in sorted({action for _state, action in table})
]


@pytest.mark.parametrize(("name", "state", "action"), PAIRS)
def test_a_pair_leads_where_the_table_says_or_nowhere(name: str, state: str, action: str) -> None:
    table, _ = TABLES[name]
    if (state, action) in table:
        assert next_state(table, state, action) == table[state, action]
    else:
        with pytest.raises(WrongState):
            next_state(table, state, action)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_speaks_of_known_states_and_reaches_them_all(name: str) -> None:
    table, known = TABLES[name]
    assert {state for state, _ in table} | set(table.values()) == set(known)


@pytest.mark.parametrize(
    ("new", "old", "paid", "pieces", "expected"),
    [
        (1500, 1200, 1200, 2, 600),
        (1200, 1200, 900, 1, 0),  # bought in a sale: another size of the same price is even
        (900, 1200, 1200, 3, -900),
        (1500, None, 1200, 1, 300),  # the old one is sold no more: what was paid stands for it
        (100, 5000, 1200, 1, -1200),  # never more comes back than was paid
    ],
)
def test_the_difference_is_between_the_prices_of_today(new, old, paid, pieces, expected) -> None:
    assert difference(new_now=new, old_now=old, paid=paid, pieces=pieces) == expected


DEARER = Exchanged("EX-1", 2, supplement_minor=600, difference_minor=0, is_shipped=True)
CHEAPER = Exchanged("EX-2", 2, supplement_minor=0, difference_minor=400, is_shipped=True)
NOTHING = Exchanged("EX-3", 1, supplement_minor=300, difference_minor=0, is_shipped=False)


@pytest.mark.parametrize(("withdrawn", "back"), [(0, 0), (1, 300), (2, 600), (5, 600)])
def test_what_was_paid_more_goes_back_with_the_first_pieces(withdrawn, back) -> None:
    assert back_of_supplements([DEARER, NOTHING], withdrawn) == {"EX-1": back, "EX-3": 300}


@pytest.mark.parametrize(("withdrawn", "off"), [(0, 0), (3, 0), (4, 200), (5, 400)])
def test_what_was_given_back_comes_off_the_last_pieces(withdrawn, off) -> None:
    assert off_for_differences([CHEAPER], withdrawn, 5) == off
