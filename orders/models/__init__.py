"""Tables of the order's life. What was agreed is frozen here; later changes are new rows."""

from orders.models.baskets import Basket, BasketLine, Checkout
from orders.models.contracts import ContractSnapshot, Order, OrderGroup, OrderLine
from orders.models.parcels import Invoice, Parcel, ParcelLine, SentMail, Sequence
from orders.models.payments import OfflineIntent, Payment, PaymentEvent, Refund

__all__ = [
    "Basket",
    "BasketLine",
    "Checkout",
    "ContractSnapshot",
    "Invoice",
    "OfflineIntent",
    "Order",
    "OrderGroup",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Payment",
    "PaymentEvent",
    "Refund",
    "SentMail",
    "Sequence",
]
