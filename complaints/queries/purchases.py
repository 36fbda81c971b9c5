"""The purchase behind a complaint, whole: order, parcels, rights of this day, refunds and what came after the sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders.queries import after_sales
from orders.queries.cases import order_facts
from orders.queries.orders import OrderView, find_group, view_group
from returns.queries.cases import AfterSale, after_sale_of


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order as it stands, with plain facts (as dossiers have them), rights, and everything after the sale."""

    order: OrderView
    market: str
    group: str
    email: str
    facts: dict[str, Any]
    after: tuple[AfterSale, ...]


def purchase_of(order: str, *, now: datetime) -> Purchase | None:
    """Return the purchase of an order by its public id; None for none. A fixed number of queries."""
    facts = order_facts(order) if order else {}
    found = after_sales.group_by_public_id(facts["group"]) if facts else None
    if found is None:
        return None
    group = find_group(token=found.token, user=found.user)
    view = next(one for one in view_group(group, now=now).orders if one.public_id == order)
    return Purchase(view, group.market, group.public_id, group.email, facts, after_sale_of(order))
