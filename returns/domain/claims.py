"""Claims about faults and late deliveries: kinds, states, and what may follow what. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from returns.domain.states import Table

# What can be wrong with something that came.
KINDS = (
    "not_as_described", "defective", "missing", "wrong", "damaged", "unsafe", "not_arrived",
)  # fmt: skip
NOTHING_TO_SEND = ("missing", "not_arrived")  # there is nothing that could go back

CLAIM_STATES = (
    "open", "offered", "refused", "resting", "escalated", "upheld", "remedying", "done", "dropped",
)  # fmt: skip
CLAIM: Table = {
    ("open", "accept"): "remedying",
    ("open", "offer"): "offered",
    ("open", "refuse"): "refused",
    ("open", "lapse"): "escalated",  # the seller let its time pass: the platform acts
    ("open", "drop"): "dropped",
    ("offered", "agree"): "remedying",
    ("offered", "decline"): "escalated",
    ("offered", "rest"): "resting",  # the shopper let the offer lie; nothing is lost
    ("offered", "drop"): "dropped",
    ("refused", "accept"): "remedying",  # the seller thinks better of it
    ("refused", "dispute"): "escalated",
    ("refused", "rest"): "resting",
    ("refused", "drop"): "dropped",
    ("resting", "dispute"): "escalated",
    ("resting", "accept"): "remedying",
    ("resting", "drop"): "dropped",
    ("escalated", "accept"): "remedying",  # the seller answers late
    ("escalated", "grant"): "remedying",
    ("escalated", "uphold"): "upheld",
    ("escalated", "drop"): "dropped",
    ("upheld", "grant"): "remedying",
    ("remedying", "fail"): "open",  # it did not help: what the law opens next is asked for
    ("remedying", "finish"): "done",
    ("done", "fail"): "open",  # the fault is back
}
CLAIM_OPEN = ("open", "offered", "refused", "escalated", "remedying")  # a payout waits for these

# One attempt to put it right.
REMEDY_STATES = ("due", "sent", "done", "failed", "late", "refused")
REMEDY: Table = {
    ("due", "send"): "sent",
    ("due", "finish"): "done",
    ("due", "fail"): "failed",
    ("due", "overrun"): "late",
    ("due", "refuse"): "refused",
    ("sent", "finish"): "done",
    ("sent", "fail"): "failed",
    ("done", "fail"): "failed",
}
REMEDY_LIVE = ("due", "sent")

BY_GOODS = ("repair", "replacement")
BY_SUM = ("price_reduction", "compensation")  # a person names the sum; nothing goes back
ENDING = ("termination", "reject", "final_rejection", "refund")  # the contract ends, the money comes back
OFFERS = ("repair", "replacement", "price_reduction", "termination")  # what a seller may always offer

LATE_STATES = ("open", "extended", "cancelled", "arrived")
LATE: Table = {
    ("open", "extend"): "extended",
    ("open", "cancel"): "cancelled",
    ("open", "arrive"): "arrived",
    ("extended", "cancel"): "cancelled",
    ("extended", "arrive"): "arrived",
}
LATE_OPEN = ("open", "extended")
REPLIES = ("none", "consent", "cancel")


def default_remedy(opened: Sequence[str], wanted: str, *, silences: int = 1) -> str:
    """Return what a silent seller is held to: an end with the money back if that is open, else what was asked for.

    A repair or another piece needs a seller who acts: of one who was silent more than once none is waited for, whether
    the law opens an end or not; that is the marketplace's own promise. A price reduction needs a sum that a person names.
    """
    if wanted in ENDING:
        return wanted
    rest = "termination" if silences > 1 and wanted in BY_GOODS else wanted
    return next((remedy for remedy in opened if remedy in ENDING), rest)


def outcome_of(state: str) -> str:
    """Return how the calculator `guarantee` calls the outcome of an attempt."""
    return "open" if state in REMEDY_LIVE else state
