"""Writes of what comes after the sale: what edges and upper apps may call."""

from returns.operations.declaring import (
    Declared,
    close_unmatched,
    decide_dispute,
    declare_withdrawal,
    dispute_judgement,
    match_withdrawal,
)
from returns.operations.losses import answer_loss, claim_loss, decide_loss, lapse_losses
from returns.operations.opening import cancel_return, open_return
from returns.operations.receiving import (
    Counted,
    Verdict,
    close_return,
    inspect_return,
    receive_return,
    receive_unannounced,
    settle_unit,
)
from returns.operations.refunding import (
    escalate_overdue,
    owe_refund,
    pay_due,
    record_failed,
    record_paid,
    release_owed,
    request_owed,
    void_owed,
)
from returns.operations.sending import follow_parcels, issue_label, record_own_sending, record_scans

__all__ = [
    "Counted",
    "Declared",
    "Verdict",
    "answer_loss",
    "cancel_return",
    "claim_loss",
    "close_return",
    "close_unmatched",
    "decide_dispute",
    "decide_loss",
    "declare_withdrawal",
    "dispute_judgement",
    "escalate_overdue",
    "follow_parcels",
    "inspect_return",
    "issue_label",
    "lapse_losses",
    "match_withdrawal",
    "open_return",
    "owe_refund",
    "pay_due",
    "receive_return",
    "receive_unannounced",
    "record_failed",
    "record_own_sending",
    "record_paid",
    "record_scans",
    "release_owed",
    "request_owed",
    "settle_unit",
    "void_owed",
]
