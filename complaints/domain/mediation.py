"""The room in which shopper, seller and agent look for an agreement: states, who has to agree, how long. Pure."""

from __future__ import annotations

from datetime import timedelta

from complaints.domain.remedies import MONEY
from complaints.domain.states import Table

CUSTOMER, MERCHANT, AGENT = "customer", "merchant", "agent"
PARTIES = (CUSTOMER, MERCHANT)
SIDES = (*PARTIES, AGENT)

ROOM_STATES = ("open", "agreed", "failed")
ROOM: Table = {
    ("open", "agree"): "agreed",
    ("open", "fail"): "failed",
    ("failed", "reopen"): "open",
}
OFFER_STATES = ("open", "accepted", "declined", "replaced", "expired")
OFFER: Table = {
    ("open", "accept"): "accepted",
    ("open", "decline"): "declined",
    ("open", "replace"): "replaced",
    ("open", "expire"): "expired",
}
# Our own promises, where no law names a time.
ROOM_LASTS = timedelta(days=14)
OFFER_LASTS = timedelta(days=5)
OFFER_MOST_DAYS = 14


def needed(by: str, remedy: str) -> tuple[str, ...]:
    """Return whose yes an offer needs beside its maker's.

    What the marketplace gives out of its own pocket needs the shopper alone.
    """
    if remedy == "goodwill":
        return (CUSTOMER,)
    return tuple(side for side in PARTIES if side != by)


def may_offer(side: str, remedy: str) -> bool:
    """Tell whether a side may offer a remedy: nobody else gives away the marketplace's own money."""
    return remedy != "goodwill" or side == AGENT


def is_money(remedy: str) -> bool:
    return remedy in MONEY
