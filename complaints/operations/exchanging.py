"""An exchange that was decided or agreed: the shopper chooses what to have instead, and `returns` carries it out.

Stock, price, the way back and the merchant's promise are those of every exchange; nothing is worked out here.

Lock order: the ticket, its settlement, then what `returns` locks.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints.domain.remedies import SETTLEMENT
from complaints.domain.states import next_state
from complaints.models import Settlement
from complaints.operations.settling import keep, order_of
from complaints.operations.tickets import lock_ticket
from marketplace.kernel.errors import NotFound
from returns import operations as returns


@transaction.atomic
def choose_exchange(
    *, settlement: str, variant: str, quantity: int, seen_minor: int, language: str, now: datetime
) -> str:
    """Agree on what the shopper has instead; return the exchange's public id. Chosen twice, the first choice stands.

    :param variant: the public id of what is wanted; `quantity` pieces of the line that was decided on.
    :param seen_minor: the difference for all of them as it was shown, in minor units.
    :raises NotExchangeable, DifferenceChanged, OutOfStock: as every exchange does (of returns and the catalogue).
    """
    found = Settlement.objects.filter(public_id=settlement, remedy="exchange")
    ticket = found.values_list("ticket__public_id", flat=True).first()
    if ticket is None:
        raise NotFound(field="settlement")
    row = lock_ticket(ticket)
    one = Settlement.objects.select_for_update(of=("self",)).get(public_id=settlement)
    if one.state != "choosing":
        return one.ref
    exchange = returns.ask_exchange(
        order=order_of(row), line=one.line, variant=variant, quantity=quantity, seen_minor=seen_minor,
        key=f"complaint:{one.key}", language=language, now=now,
    )  # fmt: skip
    one.state, one.ref, one.done_at = next_state(SETTLEMENT, one.state, "choose"), exchange.public_id, now
    keep(row, one, now, actor="customer")
    return one.ref
