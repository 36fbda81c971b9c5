"""What becomes of a complaint at a body outside."""

from __future__ import annotations

REFERRAL_STATES = ("prepared", "sent", "accepted", "refused", "decided", "withdrawn")
REFERRAL = {
    ("prepared", "send"): "sent",
    ("prepared", "withdraw"): "withdrawn",
    ("sent", "accept"): "accepted",
    ("sent", "refuse"): "refused",
    ("sent", "withdraw"): "withdrawn",
    ("accepted", "refuse"): "refused",
    ("accepted", "decide"): "decided",
    ("accepted", "withdraw"): "withdrawn",
}
REFERRAL_OVER = ("refused", "decided", "withdrawn")
WITHDRAWABLE = ("prepared", "sent", "accepted")
