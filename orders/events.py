"""News of the orders: what has happened, in the past tense, with ids and plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """A contract with one merchant was concluded. Money is on its way."""

    order: str
    group: str
    merchant: str
    market: str
    listings: tuple[str, ...]
    concluded_at: datetime


@dataclass(frozen=True, slots=True)
class GroupPlaced:
    """A whole checkout became orders; the shopper is owed a confirmation on a durable medium."""

    group: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    """The money of an order is there; the merchant may ship."""

    order: str
    merchant: str


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """An order ended before anything was shipped."""

    order: str
    merchant: str
    because: str


@dataclass(frozen=True, slots=True)
class ParcelShipped:
    parcel: str
    order: str
    shipped_at: datetime


@dataclass(frozen=True, slots=True)
class ParcelDelivered:
    """Goods reached the shopper: rights that count from delivery begin to run."""

    parcel: str
    order: str
    delivered_at: datetime
    is_last: bool


@dataclass(frozen=True, slots=True)
class ParcelLost:
    parcel: str
    order: str


@dataclass(frozen=True, slots=True)
class PaymentChanged:
    """A payment reached another state."""

    payment: str
    state: str


@dataclass(frozen=True, slots=True)
class RefundPaid:
    """Money went back to the shopper."""

    refund: str
    payment: str
    order: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundRequested:
    """A refund was written down; it is to be sent to the provider."""

    refund: str
    payment: str
    order: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The provider did not send money back; it is still owed, and may be asked for under another key."""

    refund: str
    payment: str
    order: str
    amount_minor: int
    currency: str
    failure: str


@dataclass(frozen=True, slots=True)
class SupplementPaid:
    """Money that was asked for later is paid. `key` says what for: "exchange:X-7Q2K9F3M"."""

    supplement: str
    order: str
    key: str


@dataclass(frozen=True, slots=True)
class CreditNoteIssued:
    """An invoice was corrected after a refund. `number` is as printed: "CN-2026-000001"."""

    number: str
    order: str
    refund: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ChargebackOpened:
    """A cardholder's bank took money back; what it took cannot be refunded. `order` is "" if it is of several."""

    chargeback: str
    payment: str
    order: str
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChargebackClosed:
    """The bank decided. `outcome` is "won" (the money is back) or "lost"."""

    chargeback: str
    payment: str
    order: str
    amount_minor: int
    currency: str
    outcome: str


@dataclass(frozen=True, slots=True)
class PayoutChanged:
    """A payout to a merchant reached another state: sent, accepted, bounced."""

    payout: str
    merchant: str
    state: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CheckoutExpired:
    """A checkout ran out of time; its goods are on the shelf again."""

    checkout: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """One side of a conversation wrote to the other."""

    message: str


@dataclass(frozen=True, slots=True)
class ThreadToConfirm:
    """A guest wrote about a listing; it is delivered when the address is confirmed."""

    thread: str
