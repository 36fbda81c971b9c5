"""Exchanges: states, when the new piece is sent, and the difference in price. Pure.

The difference is between today's prices of the two variants, so that another size of the same price is even,
whatever was paid on the day of the contract. Where the old one is not sold any more, what was paid stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from returns.domain.states import Table

SHIP_ON = ("scan", "receipt")  # the first scan of the return; or received and accepted

EXCHANGE_STATES = (
    "to_pay", "waiting", "ready", "shipped", "cancelled", "lapsed", "sold_out", "rejected",
)  # fmt: skip
EXCHANGE: Table = {
    ("to_pay", "pay"): "waiting",
    ("to_pay", "lapse"): "lapsed",  # the supplement was not paid in time
    ("to_pay", "cancel"): "cancelled",
    ("waiting", "get_ready"): "ready",
    ("waiting", "lapse"): "lapsed",  # the goods never came back
    ("waiting", "cancel"): "cancelled",
    ("waiting", "reject"): "rejected",  # what came back cannot be taken
    ("waiting", "run_out"): "sold_out",
    ("ready", "ship"): "shipped",
    ("ready", "cancel"): "cancelled",
    ("ready", "reject"): "rejected",
    ("ready", "run_out"): "sold_out",
}
EXCHANGE_OPEN = ("to_pay", "waiting", "ready")  # stock is held, and a payout waits
EXCHANGE_COUNTED = (*EXCHANGE_OPEN, "shipped")  # pieces that cannot be exchanged once more
ENDS_CONTRACT = ("sold_out",)  # the piece is gone back and there is no other: the money comes back


def difference(*, new_now: int, old_now: int | None, paid: int, pieces: int) -> int:
    """Return what more (or, below nothing, less) the new pieces cost, in minor units, tax as prices show it.

    Never more comes back than was paid.
    """
    each = new_now - (old_now if old_now is not None else paid)
    return max(each, -paid) * pieces


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An exchange as the reckoning of a refund sees it."""

    public_id: str
    pieces: int
    supplement_minor: int  # that was paid
    difference_minor: int  # that was owed to the shopper
    is_shipped: bool


def back_of_supplements(done: Iterable[Exchanged], withdrawn: int) -> dict[str, int]:
    """Return how much of each paid supplement goes back in all, if so many pieces of the line go back.

    Of an exchange that came to nothing all of it. Else the pieces that were paid more for count as going back
    first: what is in doubt is the shopper's.
    """
    found: dict[str, int] = {}
    for one in done:
        if not one.is_shipped:
            found[one.public_id] = one.supplement_minor
        elif one.supplement_minor:
            back = min(one.pieces, withdrawn)
            withdrawn -= back
            found[one.public_id] = one.supplement_minor * back // one.pieces
    return found


def off_for_differences(done: Iterable[Exchanged], withdrawn: int, bought: int) -> int:
    """Return how much of what was given back before comes off, if so many pieces of the line go back.

    The pieces that became cheaper count as going back last.
    """
    cheaper = [one for one in done if one.is_shipped and one.difference_minor]
    beyond = max(withdrawn - (bought - sum(one.pieces for one in cheaper)), 0)
    off = 0
    for one in cheaper:
        back = min(one.pieces, beyond)
        beyond -= back
        off += one.difference_minor * back // one.pieces
    return off
