"""Pieces of an order that are not to be sent any more. Upper apps say which; this app only asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db.models import Sum

from orders.models import Order, ParcelLine

Asked = Callable[[Sequence[Order]], Mapping[str, int]]
_ASKED: dict[str, Asked] = {}


def register(name: str, ask: Asked) -> None:
    """Register ``ask(orders) -> {line's public id: pieces}`` under a name; the same name again replaces it."""
    _ASKED[name] = ask


def withheld_of(orders: Sequence[Order]) -> dict[str, int]:
    """Return how many pieces of each line of some orders are not to be sent, by the line's public id."""
    found: dict[str, int] = {}
    for ask in _ASKED.values():
        for line, count in ask(orders).items():
            found[line] = found.get(line, 0) + count
    return found


def left_to_ship(order: Order) -> dict[str, int]:
    """Return how many of each line have to leave yet, by the line's public id; lost parcels have left.

    What was withdrawn from before it left is not sent any more.
    """
    sent = dict(
        ParcelLine.objects.filter(line__order=order)
        .values_list("line")
        .annotate(Sum("quantity"))
        .values_list("line__public_id", "quantity__sum")
    )
    unwanted = withheld_of([order])
    return {
        line.public_id: max(line.quantity - sent.get(line.public_id, 0) - unwanted.get(line.public_id, 0), 0)
        for line in order.lines.all()
    }
