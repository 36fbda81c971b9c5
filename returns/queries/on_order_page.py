"""All that this app adds to an order's page, and the one question that is asked first: is there anything at all?

An order's page is looked at most just after the order was placed, when nothing of this app is about it yet.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet, Value

from marketplace.kernel.prepared import prepared
from orders.queries.extras import Extras
from returns.models import Claim, Exchange, ExchangePolicy, LateDelivery, OwedRefund, Return, Withdrawal
from returns.queries import claims, exchanges, order_page
from returns.queries.open_ways import open_ways

PARTS = {"returns": order_page.extras_of, "claims": claims.extras_of, "exchanges": exchanges.extras_of}


def extras_of(group: Any, language: str, today: date) -> Extras:
    """Return the steps, the next things and the open ways of a checkout.

    One query while nothing is there and nothing has arrived; two more for the other kinds of what has; at most 16.
    """
    there = {part for (part,) in _there(group.pk)}
    found = [ask(group.pk, group.token, language) for part, ask in PARTS.items() if part in there]
    return Extras(
        tuple(step for one in found for step in one.steps),
        tuple(thing for one in found for thing in one.next_things),
        open_ways(group, today, there),
    )


@prepared
def _there(group_id: int) -> QuerySet[Any]:
    """Return the parts that a checkout has rows of. A loss of value has a return, so it is not asked for."""
    withdrawn = Withdrawal.objects.filter(group_id=group_id)
    by_order = (("returns", Return), ("returns", OwedRefund), ("claims", Claim), ("claims", LateDelivery))
    rest = [(part, model.objects.filter(order__group_id=group_id)) for part, model in by_order]
    rest.append(("exchanges", Exchange.objects.filter(order__group_id=group_id)))
    rest.append(("promises", ExchangePolicy.objects.filter(merchant__orders__group_id=group_id)))
    first = withdrawn.values_list(Value("returns"))
    return first.union(*(rows.values_list(Value(part)) for part, rows in rest))
