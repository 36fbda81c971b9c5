"""Real tickets and agents for tests of the complaints."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from complaints import operations
from complaints.models import Agent, Ticket
from marketplace.accounts.models import Role, User

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday, 11:00 in Berlin
_serial = count(1)


def make_agent(**fields: Any) -> Agent:
    """An agent who reads English and German."""
    user = User.objects.create_user(f"agent{next(_serial)}@example.com", "secret", name="Agent")
    Role.objects.create(user=user, kind="agent")
    return Agent.objects.create(user=user, **{"languages": ["en", "de"], **fields})


def make_ticket(*, now: datetime = NOW, **fields: Any) -> Ticket:
    """A complaint of somebody in Germany whose lamp is broken."""
    content = {
        "subject": "Lamp", "body": "The lamp does not work.", "market": "DE", "language": "en",
        "topic": "defective", "email": "ada@example.com", "name": "Ada", **fields,
    }  # fmt: skip
    return operations.open_complaint(complaint=operations.Complaint(**content), now=now)


def make_order(*, pieces: int = 2, price: int = 3000, lines: int = 1) -> Any:
    """A paid and delivered order of somebody in Germany, of one merchant."""
    from tests.orders.factories import load_rates, make_merchant, make_variant
    from tests.returns.factories import delivered, only_order

    load_rates()
    seller = make_merchant()
    return only_order(delivered([(make_variant(seller, price=price), pieces) for _ in range(lines)]))


def make_order_ticket(order: Any = None, *, of_line: bool = False, **fields: Any) -> Ticket:
    """A complaint about an order, or about its first line."""
    order = order or make_order()
    line = order.lines.order_by("position").first()
    about = (
        {"about_kind": "line", "about": line.public_id}
        if of_line
        else {"about_kind": "order", "about": order.public_id}
    )
    return make_ticket(order=order.public_id, merchant=order.merchant.public_id, **{**about, **fields})
