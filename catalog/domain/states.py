"""The life of a listing: a draft is published, withdrawn, archived, and may be published again."""

from __future__ import annotations

from catalog.domain.errors import WrongState

TRANSITIONS = {
    ("draft", "publish"): "active",
    ("active", "publish"): "active",
    ("archived", "publish"): "active",
    ("draft", "withdraw"): "draft",
    ("active", "withdraw"): "draft",
    ("archived", "withdraw"): "archived",
    ("draft", "archive"): "archived",
    ("active", "archive"): "archived",
    ("archived", "archive"): "archived",
}


def next_state(state: str, action: str) -> str:
    """Return the state after an action.

    :raises WrongState: if the action is not possible there.
    """
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise WrongState(state=state, action=action) from None
