"""Every pair of state and action of the newer tables: what is in them leads on, everything else is refused."""

from __future__ import annotations

from itertools import product

import pytest

from complaints.domain import issues, mediation, referral_states, remedies
from complaints.domain.errors import WrongState
from complaints.domain.states import may, next_state

TABLES = {
    "settlement": (remedies.SETTLEMENT, remedies.SETTLEMENT_STATES),
    "room": (mediation.ROOM, mediation.ROOM_STATES),
    "offer": (mediation.OFFER, mediation.OFFER_STATES),
    "issue": (issues.ISSUE, issues.ISSUE_STATES),
    "referral": (referral_states.REFERRAL, referral_states.REFERRAL_STATES),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_pair_leads_to_a_known_state_or_is_refused(name: str):
    table, states = TABLES[name]
    for state, action in product(states, {action for _, action in table}):
        if (state, action) in table:
            assert next_state(table, state, action) in states
        else:
            assert not may(table, state, action)
            with pytest.raises(WrongState):
                next_state(table, state, action)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached_from_the_first(name: str):
    table, states = TABLES[name]
    # goods begin at their end, or where the shopper chooses
    reached = {"done", "choosing", states[0]} if name == "settlement" else {states[0]}
    while more := {after for (state, _), after in table.items() if state in reached} - reached:
        reached |= more
    assert reached == set(states)


def test_an_offer_needs_everybody_but_its_maker():
    assert mediation.needed("customer", "refund") == ("merchant",)
    assert mediation.needed("merchant", "refund") == ("customer",)
    assert mediation.needed("agent", "refund") == ("customer", "merchant")
    assert mediation.needed("agent", "goodwill") == ("customer",)
    assert [side for side in mediation.SIDES if mediation.may_offer(side, "goodwill")] == ["agent"]
