"""What may follow what. Each table maps (state, action) to the next state; what is not in it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from orders.domain.errors import WrongState

Table = Mapping[tuple[str, str], str]

CHECKOUT_STATES = ("open", "paying", "placed", "expired", "abandoned")
CHECKOUT: Table = {
    ("open", "pay"): "paying",
    ("open", "expire"): "expired",
    ("open", "abandon"): "abandoned",
    ("paying", "reopen"): "open",  # the payment failed; the shopper may choose another
    ("paying", "place"): "placed",
    ("paying", "abandon"): "abandoned",
}

ORDER_STATES = ("awaiting_payment", "confirmed", "shipped", "delivered", "cancelled")
ORDER: Table = {
    ("awaiting_payment", "confirm"): "confirmed",
    ("awaiting_payment", "cancel"): "cancelled",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "ship_part"): "confirmed",
    ("confirmed", "ship_rest"): "shipped",
    ("confirmed", "deliver_part"): "confirmed",
    ("confirmed", "send_no_more"): "shipped",  # the rest was withdrawn from: what has left is all
    ("shipped", "deliver_part"): "shipped",
    ("shipped", "deliver_rest"): "delivered",
}

PARCEL_STATES = ("shipped", "delivered", "lost")
PARCEL: Table = {
    ("shipped", "deliver"): "delivered",
    ("shipped", "lose"): "lost",
    ("lost", "deliver"): "delivered",  # it turned up
}

PAYMENT_STATES = ("created", "needs_action", "failed", "authorised", "cancelled", "captured", "refunded")
PAYMENT_RANK = {state: rank for rank, state in enumerate(PAYMENT_STATES)}
# A provider's news may come late, twice and in any order. States only move towards the end of
# PAYMENT_STATES, so that every order of the same news ends in the same state: money that moved
# (authorised, captured, refunded) wins over what was said before it moved.
PAYMENT: Table = {
    (before, action): after
    for action, after in {
        "need_action": "needs_action",
        "fail": "failed",
        "authorise": "authorised",
        "cancel": "cancelled",
        "capture": "captured",
        "refund": "refunded",
    }.items()
    for before in PAYMENT_STATES
    if PAYMENT_RANK[before] < PAYMENT_RANK[after]
}
PAYMENT_ACTION = {
    "needs_action": "need_action",
    "failed": "fail",
    "authorised": "authorise",
    "cancelled": "cancel",
    "captured": "capture",
    "refunded": "refund",
}

REFUND_STATES = ("requested", "done", "failed")
REFUND: Table = {
    ("requested", "do"): "done",
    ("requested", "fail"): "failed",
    ("done", "fail"): "failed",  # the money came back: the card was closed
}

SUPPLEMENT_STATES = ("open", "taken", "paid", "cancelled")
SUPPLEMENT: Table = {
    ("open", "take"): "taken",  # authorised: it is being captured, and cannot be called off any more
    ("open", "cancel"): "cancelled",
    ("open", "give_up"): "cancelled",
    (
        "taken",
        "give_up",
    ): "cancelled",  # by a right that waits for no money: what is taken all the same goes back
    ("taken", "pay"): "paid",
    ("taken", "fail"): "open",  # the authorisation ended before the money was taken
}

CHARGEBACK_STATES = ("open", "won", "lost")
CHARGEBACK: Table = {("open", "win"): "won", ("open", "lose"): "lost"}

PAYOUT_STATES = ("prepared", "sent", "accepted", "bounced")
PAYOUT: Table = {
    ("prepared", "send"): "sent",
    ("prepared", "accept"): "accepted",
    ("prepared", "bounce"): "bounced",
    ("sent", "accept"): "accepted",
    ("sent", "bounce"): "bounced",
    ("accepted", "bounce"): "bounced",  # the receiving bank sent it back later
}


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
