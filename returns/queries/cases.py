"""What came after the sale of one order as plain facts, for whoever looks at the whole case: four queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from returns.models import Claim, OwedRefund, Return, Withdrawal


@dataclass(frozen=True, slots=True)
class AfterSale:
    """One thing that came after a sale. `kind`: withdrawal, claim, return, owed."""

    kind: str
    public_id: str
    state: str
    what: str  # a claim's kind, a return's reason, what money is owed for
    wanted: str
    at: datetime
    due_on: date | None
    amount_minor: int | None
    currency: str
    belongs_to: str  # public id of the withdrawal or claim behind it


def after_sale_of(order: str) -> tuple[AfterSale, ...]:
    """Return withdrawals, claims, returns and money owed of an order (its public id), the oldest first."""
    found = [
        *(
            AfterSale("withdrawal", one.public_id, one.state, "", "", one.declared_at, None, None, "", "")
            for one in Withdrawal.objects.filter(lines__line__order__public_id=order).distinct()
        ),
        *(
            AfterSale("claim", one.public_id, one.state, one.kind, one.wanted, one.filed_at, one.due_on, None, "", "")
            for one in Claim.objects.filter(order__public_id=order)
        ),
        *(
            AfterSale("return", one.public_id, one.state, one.reason, "", one.opened_at, one.send_back_by, None, "", one.subject)
            for one in Return.objects.filter(order__public_id=order)
        ),
        *(
            AfterSale(
                "owed", one.public_id, one.state, "", "", one.owed_at, one.due_on, one.amount_minor, one.currency, one.subject
            )
            for one in OwedRefund.objects.filter(order__public_id=order).exclude(state="void")
        ),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.at, one.public_id)))
