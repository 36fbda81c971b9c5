"""The life of a conversation: every pair of state and action."""

from __future__ import annotations

from itertools import product

import pytest

from orders.domain.errors import WrongState
from orders.domain.threads import ACTIONS, STATES, TABLE, next_state


@pytest.mark.parametrize(("state", "action"), list(product(STATES, ACTIONS)))
def test_every_pair_leads_where_the_table_says_or_nowhere(state: str, action: str):
    if (state, action) in TABLE:
        assert next_state(state, action) == TABLE[state, action]
        return
    with pytest.raises(WrongState) as refused:
        next_state(state, action)
    assert refused.value.data == {"state": state, "action": action}


def test_nothing_is_written_where_it_is_blocked_or_not_confirmed():
    assert {state for state, action in TABLE if action == "write"} == {"open", "closed"}
