"""What may follow what. Each table maps (state, action) to the next state; what is not in it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from complaints.domain.errors import WrongState

Table = Mapping[tuple[str, str], str]

NEW, OPEN, DECIDED, CLOSED, MERGED = "new", "open", "decided", "closed", "merged"
WAITING_CUSTOMER, WAITING_MERCHANT, WAITING_OUTSIDE = (
    "waiting_customer",
    "waiting_merchant",
    "waiting_outside",
)
WAITING = (WAITING_CUSTOMER, WAITING_MERCHANT, WAITING_OUTSIDE)
TICKET_STATES = (NEW, OPEN, *WAITING, DECIDED, CLOSED, MERGED)
LIVE = (NEW, OPEN, *WAITING, DECIDED)  # somebody still has something to do

_WORKED_ON = (NEW, OPEN, *WAITING)
TICKET: Table = {
    (NEW, "take"): OPEN,
    **{(state, "resume"): OPEN for state in WAITING},
    **{
        (state, "wait_for_customer"): WAITING_CUSTOMER
        for state in (NEW, OPEN, WAITING_MERCHANT, WAITING_OUTSIDE)
    },
    **{
        (state, "wait_for_merchant"): WAITING_MERCHANT
        for state in (NEW, OPEN, WAITING_CUSTOMER, WAITING_OUTSIDE)
    },
    **{(state, "wait_outside"): WAITING_OUTSIDE for state in (NEW, OPEN, WAITING_CUSTOMER, WAITING_MERCHANT)},
    **{
        (state, "decide"): DECIDED for state in (*_WORKED_ON, DECIDED)
    },  # a decision may be replaced by a better one
    **{(state, "close"): CLOSED for state in (*_WORKED_ON, DECIDED)},
    **{(state, "reopen"): OPEN for state in (DECIDED, CLOSED)},
    **{(state, "merge"): MERGED for state in (*_WORKED_ON, DECIDED)},
}

UNDO_WITHIN = timedelta(seconds=60)  # so long may whoever took a step take it back
CLOCK_STATES = ("running", "paused", "met", "breached", "cancelled")
LIVE_CLOCKS = ("running", "breached")  # those that a sweep looks at


def next_state(table: Table, state: str, action: str) -> str:
    """Return the state after an action.

    :raises WrongState: if the table has no such step.
    """
    try:
        return table[state, action]
    except KeyError:
        raise WrongState(state=state, action=action) from None


def may(table: Table, state: str, action: str) -> bool:
    """Tell whether an action is possible in a state."""
    return (state, action) in table
