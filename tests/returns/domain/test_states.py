"""Every pair of state and action: the table says where it leads, everything else is refused."""

from __future__ import annotations

import pytest

from orders.domain.errors import WrongState
from returns.domain import states

TABLES = {
    "withdrawal": (states.WITHDRAWAL, states.WITHDRAWAL_STATES),
    "declared": (states.DECLARED, states.DECLARED_STATES),
    "return": (states.RETURN, states.RETURN_STATES),
    "reception": (states.RECEPTION, states.RECEPTION_STATES),
    "acceptance": (states.ACCEPTANCE, states.ACCEPTANCE_STATES),
    "parcel": (states.PARCEL, states.PARCEL_STATES),
    "owed": (states.OWED, states.OWED_STATES),
    "loss": (states.LOSS, states.LOSS_STATES),
}
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
        assert states.next_state(table, state, action) == table[state, action]
    else:
        with pytest.raises(WrongState):
            states.next_state(table, state, action)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_speaks_of_known_states_only(name: str) -> None:
    table, known = TABLES[name]
    assert {state for state, _ in table} | set(table.values()) <= set(known)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_but_the_first_ones_can_be_reached(name: str) -> None:
    table, known = TABLES[name]
    first = {
        "withdrawal": {"unmatched", "open"}, "declared": {"unjudged"}, "return": {"announced"},
        "reception": {"awaiting", "excess"}, "acceptance": {"pending"}, "parcel": {"booked"},
        "owed": {"waiting", "held", "due"}, "loss": {"claimed"},
    }[name]  # fmt: skip
    assert first | set(table.values()) == set(known)
