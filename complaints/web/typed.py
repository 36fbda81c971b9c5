"""What people type into forms of the desk and the room: numbers and sums, bounded, so that nothing reaches the database that it cannot hold."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from complaints.domain.errors import Incomplete
from complaints.models import Ticket
from compliance.rulebook.words import noop as _
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders.queries.cases import order_facts

LARGEST = 2**31 - 1  # of a key or a version
MOST_MINOR = 10**12  # no sum that people mean is larger, in any currency
KEY = 60  # letters of a form's own key


def number_of(text: str, *, most: int = LARGEST) -> int | None:
    """Return a whole number from 0 to `most` as it was typed; None for anything else."""
    if not text.isdecimal() or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def key_of(text: str) -> str:
    """Return a form's own key, never longer than what it is stored with; "" for none."""
    return text.strip()[:KEY]


def amount_of(text: str, row: Ticket) -> Money | None:
    """Return a sum as it was typed, in the currency of the complaint's order; None for nothing typed.

    :raises Incomplete: for what is no sum.
    """
    if not text.strip():
        return None
    return sum_of(text, order_facts(row.order).get("currency", "EUR") if row.order else "EUR")


def sum_of(text: str, currency: str) -> Money | None:
    """Return a sum as it was typed, in a currency; None for nothing typed.

    :raises Incomplete: for what is no sum.
    """
    typed = text.strip().replace(",", ".")
    if not typed:
        return None
    try:
        if len(typed) > 20:
            raise InvalidOperation
        amount = Money.of(Decimal(typed), currency)
    except (InvalidOperation, ValueError, RightfulError) as error:
        raise Incomplete(_("Write a sum such as 12.50."), field="amount") from error
    if abs(amount.minor) > MOST_MINOR:
        raise Incomplete(_("Write a sum such as 12.50."), field="amount")
    return amount
