"""Pieces of an order that are not to be sent any more. Upper apps say which; this app only asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orders.models import Order

Asked = Callable[[Order], Mapping[str, int]]
_ASKED: dict[str, Asked] = {}


def register(name: str, ask: Asked) -> None:
    """Register ``ask(order) -> {line's public id: pieces}`` under a name; the same name again replaces it."""
    _ASKED[name] = ask


def withheld_of(order: Order) -> dict[str, int]:
    """Return how many pieces of each line are not to be sent, by the line's public id."""
    found: dict[str, int] = {}
    for ask in _ASKED.values():
        for line, count in ask(order).items():
            found[line] = found.get(line, 0) + count
    return found
