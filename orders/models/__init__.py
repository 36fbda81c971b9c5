"""Tables of the order's life. What was agreed is frozen here; later changes are new rows."""

from orders.models.baskets import Basket, BasketLine, Checkout
from orders.models.contracts import ContractSnapshot, Order, OrderGroup, OrderLine
from orders.models.history import HistoricLine, HistoricOddity, HistoricOrder, HistorySource
from orders.models.ledger import (
    BankAccount,
    Chargeback,
    LedgerAccount,
    LedgerEntry,
    OfflineTransfer,
    Payout,
    Posting,
)
from orders.models.messages import Message, MessageFile, Thread, ThreadReport
from orders.models.parcels import Invoice, Parcel, ParcelLine, SentMail, Sequence
from orders.models.payments import OfflineIntent, Payment, PaymentEvent, Refund, RefundLine, Supplement

__all__ = [
    "BankAccount",
    "Basket",
    "BasketLine",
    "Chargeback",
    "Checkout",
    "ContractSnapshot",
    "HistoricLine",
    "HistoricOddity",
    "HistoricOrder",
    "HistorySource",
    "Invoice",
    "LedgerAccount",
    "LedgerEntry",
    "Message",
    "MessageFile",
    "OfflineIntent",
    "OfflineTransfer",
    "Order",
    "OrderGroup",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Payment",
    "PaymentEvent",
    "Payout",
    "Posting",
    "Refund",
    "RefundLine",
    "SentMail",
    "Sequence",
    "Supplement",
    "Thread",
    "ThreadReport",
]
