"""An order that ends before anything left: what upper apps owe of it is asked for first, then they hear of the rest.

Both happen inside the transaction that ends the order, so that nothing stays owed beside what goes back with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orders.models import Order, Refund


class Concerned(Protocol):
    """What an app offers that owes money of orders."""

    def ask_for_owed(self, *, order: Order, now: datetime) -> None:
        """Ask for every sum that is owed of an order, while its money is still there."""

    def note_ended(self, *, order: Order, refund: Refund | None, is_paid: bool, now: datetime) -> None:
        """Hear that an order has ended, and by which refund the rest of its money goes back, if there was any."""


_CONCERNED: dict[str, Concerned] = {}


def register(name: str, concerned: Concerned) -> None:
    """Register an app under a name; the same name again replaces it."""
    _CONCERNED[name] = concerned


def ask_for_owed(*, order: Order, now: datetime) -> None:
    for one in _CONCERNED.values():
        one.ask_for_owed(order=order, now=now)


def note_ended(*, order: Order, refund: Refund | None, is_paid: bool, now: datetime) -> None:
    for one in _CONCERNED.values():
        one.note_ended(order=order, refund=refund, is_paid=is_paid, now=now)
