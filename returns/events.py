"""News after the sale: what has happened, in the past tense, with ids and plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class WithdrawalDeclared:
    """Somebody left a contract, or said so; the receipt on a durable medium is owed at once."""

    withdrawal: str
    group: str  # "" while nobody knows which order is meant
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawalJudged:
    """A line that was disputed or granted has another judgement now."""

    withdrawal: str
    line: str
    state: str


@dataclass(frozen=True, slots=True)
class ReturnOpened:
    """Something goes back: announced, not yet sent. The subject says what it belongs to."""

    ret: str
    order: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnDispatched:
    """The goods left the shopper: a first scan, or a proof of sending."""

    ret: str
    order: str
    subject: str
    dispatched_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """The goods, or what came instead, are with the merchant; units say what."""

    ret: str
    order: str
    subject: str
    received_at: datetime
    is_complete: bool


@dataclass(frozen=True, slots=True)
class ReturnInspected:
    """Every unit that arrived has been looked at."""

    ret: str
    order: str
    subject: str
    inspected_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnLost:
    ret: str
    order: str
    subject: str


@dataclass(frozen=True, slots=True)
class LossClaimed:
    """The merchant wants to take something off; the shopper may answer until then."""

    loss: str
    ret: str
    order: str
    answer_by: date


@dataclass(frozen=True, slots=True)
class RefundOwed:
    """Money is owed to the shopper: how much, why, by when (None: the law's clock has not started)."""

    owed: str
    order: str
    subject: str
    amount_minor: int
    currency: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class RefundOverdue:
    """Money that should be with the shopper by now is not."""

    owed: str
    order: str
    merchant: str
    due_on: date


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """Somebody says that something is wrong with pieces of a line; it is acknowledged at once."""

    claim: str
    order: str
    line: str
    kind: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimMoved:
    """A claim went on: `what` is the key of the note that says how."""

    claim: str
    order: str
    note: int
    what: str


@dataclass(frozen=True, slots=True)
class DelayTold:
    """The seller told of a delay; the shopper may agree, cancel, or be silent."""

    late: str
    order: str
    notice: int


@dataclass(frozen=True, slots=True)
class AdditionalPeriodSet:
    """The shopper gave the seller of a late order one more period."""

    late: str
    order: str
    until: date


@dataclass(frozen=True, slots=True)
class LateOrderEnded:
    """A late order ended: the shopper said so, or the law made silence mean it."""

    late: str
    order: str
    by: str


@dataclass(frozen=True, slots=True)
class ExchangeMoved:
    """An exchange went on: `what` is its new state, or "agreed" at its beginning."""

    exchange: str
    order: str
    what: str


@dataclass(frozen=True, slots=True)
class CaseLetterWritten:
    """A seller or an officer wrote to the shopper about a case."""

    letter: str
    order: str
    subject: str
