"""Every pair of state and action of claims, remedies and late deliveries; what a silent seller is held to."""

from __future__ import annotations

import pytest

from orders.domain.errors import WrongState
from returns.domain import claims
from returns.domain.states import next_state

TABLES = {
    "claim": (claims.CLAIM, claims.CLAIM_STATES, {"open"}),
    "remedy": (claims.REMEDY, claims.REMEDY_STATES, {"due"}),
    "late": (claims.LATE, claims.LATE_STATES, {"open"}),
}
PAIRS = [
    (name, state, action)
    for name, (table, known, _first) in TABLES.items()
    for state in known
    for action in sorted({action for _state, action in table})
]


@pytest.mark.parametrize(("name", "state", "action"), PAIRS)
def test_a_pair_leads_where_the_table_says_or_nowhere(name: str, state: str, action: str) -> None:
    table = TABLES[name][0]
    if (state, action) in table:
        assert next_state(table, state, action) == table[state, action]
    else:
        with pytest.raises(WrongState):
            next_state(table, state, action)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_known_and_can_be_reached(name: str) -> None:
    table, known, first = TABLES[name]
    assert first | set(table.values()) == set(known)
    assert {state for state, _ in table} <= set(known)


@pytest.mark.parametrize(
    ("opened", "wanted", "held_to"),
    [
        (["price_reduction", "termination"], "repair", "termination"),
        (["reject", "repair"], "repair", "reject"),
        (["repair"], "repair", "repair"),
        ([], "refund", "refund"),
    ],
)
def test_a_silent_seller_is_held_to_money_where_the_law_opens_it(opened, wanted, held_to):
    assert claims.default_remedy(opened, wanted) == held_to


@pytest.mark.parametrize(
    ("wanted", "silences", "held_to"),
    [
        ("repair", 1, "repair"),
        ("repair", 2, "termination"),
        ("replacement", 2, "termination"),
        ("price_reduction", 2, "price_reduction"),
    ],
)
def test_nobody_waits_for_a_seller_that_was_silent_twice(wanted, silences, held_to):
    assert claims.default_remedy(["replacement", "repair"], wanted, silences=silences) == held_to
