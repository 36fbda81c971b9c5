"""What can stand in the way of buying, as facts with data.

::

    Invalid
    ├── BadQuantity            not between 1 and 999
    ├── BadAddress             a part of the address does not fit its country (field)
    ├── ConsentNotAsked        a consent for a line that needs none
    ├── BadTrackingNumber      not a number that this carrier gives
    ├── BadAccount             not the number of a bank account: field
    ├── BadMessage             nothing to say, or too many files
    └── BadTable               a table of tracking numbers that cannot be read: line, column
    Conflict
    ├── NotForSale             the variant cannot be bought in this market: reasons
    ├── PricesChanged          the basket shows prices that are no longer asked: changes
    ├── QuoteChanged           the sum the shopper saw is not the sum of now: digest, total_minor
    ├── CheckoutClosed         expired, abandoned or already placed: state, order group
    ├── CheckoutIncomplete     what is still missing: missing (names of steps)
    ├── BasketEmpty
    ├── TooManyMessages        more than a person writes in so short a time
    ├── PaymentNotReady        the payment is not authorised: state
    ├── WrongState             the table of states has no such step: state, action
    ├── TooManyShipped         more than was ordered: line, left
    └── NothingToRefund        more than was captured, or paid for a line: left_minor, asked_minor, line, kind
"""

from typing import ClassVar

from marketplace.kernel.errors import Conflict, Invalid


class BadQuantity(Invalid):
    code: ClassVar[str] = "bad_quantity"
    title: ClassVar[str] = "A quantity is a whole number from 1 to 999."


class BadAddress(Invalid):
    code: ClassVar[str] = "bad_address"
    title: ClassVar[str] = "This part of the address does not look right."


class ConsentNotAsked(Invalid):
    code: ClassVar[str] = "consent_not_asked"
    title: ClassVar[str] = "This product needs no such consent."


class BadTrackingNumber(Invalid):
    code: ClassVar[str] = "bad_tracking_number"
    title: ClassVar[str] = "This is not a tracking number of this carrier."


class BadAccount(Invalid):
    code: ClassVar[str] = "bad_account"
    title: ClassVar[str] = "This is not the number of a bank account."


class BadTable(Invalid):
    code: ClassVar[str] = "bad_table"
    title: ClassVar[str] = "This table cannot be read."


class NotForSale(Conflict):
    code: ClassVar[str] = "not_for_sale"
    title: ClassVar[str] = "This cannot be bought and shipped to where you are."


class PricesChanged(Conflict):
    code: ClassVar[str] = "prices_changed"
    title: ClassVar[str] = (
        "Prices have changed since you put things into the basket. Please look at them first."
    )


class QuoteChanged(Conflict):
    code: ClassVar[str] = "quote_changed"
    title: ClassVar[str] = "The total has changed since you last saw it. Please look at it again."


class CheckoutClosed(Conflict):
    code: ClassVar[str] = "checkout_closed"
    title: ClassVar[str] = "This checkout is closed. Your basket is still there."


class CheckoutIncomplete(Conflict):
    code: ClassVar[str] = "checkout_incomplete"
    title: ClassVar[str] = "Something is still missing before you can order."


class BasketEmpty(Conflict):
    code: ClassVar[str] = "basket_empty"
    title: ClassVar[str] = "The basket is empty."


class PaymentNotReady(Conflict):
    code: ClassVar[str] = "payment_not_ready"
    title: ClassVar[str] = "The payment has not been confirmed yet."


class WrongState(Conflict):
    code: ClassVar[str] = "wrong_state"
    title: ClassVar[str] = "This is not possible in its present state."


class TooManyShipped(Conflict):
    code: ClassVar[str] = "too_many_shipped"
    title: ClassVar[str] = "More would be shipped than was ordered."


class NothingToRefund(Conflict):
    code: ClassVar[str] = "nothing_to_refund"
    title: ClassVar[str] = "More would be refunded than was paid."


class BadMessage(Invalid):
    code: ClassVar[str] = "bad_message"
    title: ClassVar[str] = "There is nothing in this message."


class TooManyMessages(Conflict):
    code: ClassVar[str] = "too_many_messages"
    title: ClassVar[str] = "That was a lot in a short time. Please go on in an hour."
