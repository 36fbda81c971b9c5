"""The life of a conversation between a shopper and a merchant, and the limits that keep spam out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from orders.domain.errors import WrongState

STATES = ("unconfirmed", "open", "closed", "blocked")
ACTIONS = ("confirm", "write", "close", "block", "unblock")
TABLE: Mapping[tuple[str, str], str] = {
    ("unconfirmed", "confirm"): "open",
    ("open", "confirm"): "open",
    ("open", "write"): "open",
    ("open", "close"): "closed",
    ("open", "block"): "blocked",
    ("closed", "write"): "open",
    ("closed", "block"): "blocked",
    ("blocked", "unblock"): "open",
}
SIDES = ("shopper", "merchant")
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
MOST_AN_HOUR = 10  # messages of one side in one conversation
MOST_THREADS_A_DAY = 10  # conversations begun by one address
ANSWER_DUE = timedelta(days=2)  # our own promise of how soon a merchant should answer; no law asks for it
MEDIAN_DAYS = 90
LEAST_ANSWERS = 5  # with fewer there is nothing to say about how soon a merchant answers
MOST_FILES = 4
FILE_BYTES = 8 * 1_048_576


def next_state(state: str, action: str) -> str:
    """Return the state after an action.

    :raises WrongState: if the action is not possible there.
    """
    try:
        return TABLE[state, action]
    except KeyError:
        raise WrongState("This is not possible any more.", state=state, action=action) from None
