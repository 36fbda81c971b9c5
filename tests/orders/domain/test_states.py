"""Every pair of state and action: allowed ones lead where the table says, all others are refused."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from orders.domain import states
from orders.domain.errors import WrongState
from orders.models import Chargeback, Checkout, Order, Parcel, Payment, Payout, Refund

TABLES = {
    "checkout": (states.CHECKOUT, states.CHECKOUT_STATES, Checkout.State, {"placed", "expired", "abandoned"}),
    "order": (states.ORDER, states.ORDER_STATES, Order.State, {"delivered", "cancelled"}),
    "parcel": (states.PARCEL, states.PARCEL_STATES, Parcel.State, {"delivered"}),
    "payment": (states.PAYMENT, states.PAYMENT_STATES, Payment.State, {"refunded"}),
    "refund": (states.REFUND, states.REFUND_STATES, Refund.State, {"failed"}),
    "chargeback": (states.CHARGEBACK, states.CHARGEBACK_STATES, Chargeback.State, {"won", "lost"}),
    "payout": (states.PAYOUT, states.PAYOUT_STATES, Payout.State, {"bounced"}),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_pair_is_allowed_by_the_table_or_refused(name: str) -> None:
    table, known, _, _ = TABLES[name]
    actions = {action for _, action in table}
    for state, action in product(known, actions):
        if (state, action) in table:
            assert states.next_state(table, state, action) == table[state, action]
        else:
            with pytest.raises(WrongState) as refusal:
                states.next_state(table, state, action)
            assert refusal.value.data == {"state": state, "action": action}


@pytest.mark.parametrize("name", TABLES)
def test_the_states_are_those_of_the_database(name: str) -> None:
    table, known, choices, _ = TABLES[name]
    assert set(known) == set(choices.values)
    assert {state for state, _ in table} | set(table.values()) <= set(known)


@pytest.mark.parametrize("name", TABLES)
def test_only_the_ends_are_ends(name: str) -> None:
    table, known, _, ends = TABLES[name]
    assert {state for state in known if not any(before == state for before, _ in table)} == ends


def test_payment_news_in_any_order_ends_in_the_same_state() -> None:
    news = ["need_action", "fail", "authorise", "capture", "refund"]
    ends = set()
    for order in permutations(news):
        state = "created"
        for action in order:
            state = (
                states.next_state(states.PAYMENT, state, action)
                if states.may(states.PAYMENT, state, action)
                else state
            )
        ends.add(state)
    assert ends == {"refunded"}


def test_money_that_moved_outlives_what_was_said_before_it_moved() -> None:
    assert not states.may(states.PAYMENT, "captured", "fail")
    assert not states.may(states.PAYMENT, "captured", "cancel")
    assert not states.may(states.PAYMENT, "authorised", "need_action")
    assert states.next_state(states.PAYMENT, "cancelled", "capture") == "captured"
