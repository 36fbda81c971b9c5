"""The bank that pays merchants, behind a small protocol, and the offline one that behaves like a real one.

What the offline bank does is decided by the end of the account's number, so that every outcome can be tried:

==========  ===========================================================================
``…13``     taken at first; when asked again it came back: account_closed
``…26``     taken, executed, and sent back by the other bank afterwards: returned
otherwise   taken, and executed when asked again
==========  ===========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Protocol

from django.db import transaction

from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from orders.models import OfflineTransfer

CLOSED, RETURNED = "13", "26"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the bank says of one transfer: sent, accepted (executed) or bounced, with the reason."""

    ref: str
    state: str
    failure: str = ""


class Bank(Protocol):
    """A bank. Both calls raise `ProviderDown` when it does not answer; a key that is known is not paid again."""

    code: str

    def pay(self, *, key: str, amount: Money, holder: str, number: str, bank_code: str) -> Transfer:
        """Order a transfer."""

    def fetch(self, ref: str) -> Transfer:
        """Return how a transfer stands."""


class OfflineBank:
    """See the module; implements `Bank`."""

    code = "offline"

    def pay(self, *, key: str, amount: Money, holder: str, number: str, bank_code: str) -> Transfer:
        row, _ = OfflineTransfer.objects.get_or_create(
            key=key,
            defaults={
                "ref": f"tr_{token_hex(12)}",
                "amount_minor": amount.minor,
                "currency": amount.currency,
                "number": number,
            },
        )
        return _told(row)

    def fetch(self, ref: str) -> Transfer:
        with transaction.atomic():
            row = OfflineTransfer.objects.select_for_update().filter(ref=ref).first()
            if row is None:
                raise NotFound(field="ref")
            row.asked += 1
            if row.number.endswith(CLOSED):
                row.state, row.failure = "bounced", "account_closed"
            elif row.number.endswith(RETURNED) and row.asked > 1:
                row.state, row.failure = "bounced", "returned"
            else:
                row.state = "accepted"
            row.save()
        return _told(row)


def _told(row: OfflineTransfer) -> Transfer:
    return Transfer(row.ref, row.state, row.failure)


def bank(code: str = "offline") -> Bank:
    """Return the bank of a code.

    :raises NotFound: for any other.
    """
    if code != OfflineBank.code:
        raise NotFound(field="bank")
    return OfflineBank()
