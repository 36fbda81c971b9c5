"""Every state with every action: where it leads or that it is refused."""

from __future__ import annotations

import pytest

from complaints.domain.errors import WrongState
from complaints.domain.states import TICKET, TICKET_STATES, may, next_state

ACTIONS = sorted({action for _, action in TICKET})
EXPECTED = {
    "new": {"take": "open", "wait_for_customer": "waiting_customer", "wait_for_merchant": "waiting_merchant",
            "wait_outside": "waiting_outside", "decide": "decided", "close": "closed", "merge": "merged"},
    "open": {"wait_for_customer": "waiting_customer", "wait_for_merchant": "waiting_merchant",
             "wait_outside": "waiting_outside", "decide": "decided", "close": "closed", "merge": "merged"},
    "waiting_customer": {"resume": "open", "wait_for_merchant": "waiting_merchant", "wait_outside": "waiting_outside",
                         "decide": "decided", "close": "closed", "merge": "merged"},
    "waiting_merchant": {"resume": "open", "wait_for_customer": "waiting_customer", "wait_outside": "waiting_outside",
                         "decide": "decided", "close": "closed", "merge": "merged"},
    "waiting_outside": {"resume": "open", "wait_for_customer": "waiting_customer", "wait_for_merchant": "waiting_merchant",
                        "decide": "decided", "close": "closed", "merge": "merged"},
    "decided": {"decide": "decided", "close": "closed", "reopen": "open", "merge": "merged"},
    "closed": {"reopen": "open"},
    "merged": {},
}  # fmt: skip


@pytest.mark.parametrize("state", TICKET_STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_pair(state: str, action: str):
    wanted = EXPECTED[state].get(action)
    assert may(TICKET, state, action) is (wanted is not None)
    if wanted is None:
        with pytest.raises(WrongState):
            next_state(TICKET, state, action)
    else:
        assert next_state(TICKET, state, action) == wanted
