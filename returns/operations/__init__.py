"""Writes of what comes after the sale: what edges and upper apps may call."""

from returns.operations.opening import cancel_return, open_return
from returns.operations.refunding import (
    escalate_overdue,
    owe_refund,
    pay_due,
    record_paid,
    release_owed,
    request_owed,
    void_owed,
)

__all__ = [
    "cancel_return",
    "escalate_overdue",
    "open_return",
    "owe_refund",
    "pay_due",
    "record_paid",
    "release_owed",
    "request_owed",
    "void_owed",
]
