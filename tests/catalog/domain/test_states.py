"""The life of a listing, every pair of it."""

from itertools import product

import pytest

from catalog.domain.errors import WrongState
from catalog.domain.states import TRANSITIONS, next_state
from catalog.models import Listing

PAIRS = list(product(Listing.State.values, ["publish", "withdraw", "archive"]))


@pytest.mark.parametrize(("state", "action"), PAIRS)
def test_every_pair_leads_to_a_state_or_is_refused(state: str, action: str) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) in Listing.State.values
    else:
        with pytest.raises(WrongState):
            next_state(state, action)


def test_what_is_withdrawn_is_a_draft_unless_it_is_in_the_archive() -> None:
    after = {state: next_state(state, "withdraw") for state in Listing.State.values}
    assert after == {"draft": "draft", "active": "draft", "archived": "archived"}
