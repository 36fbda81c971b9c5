"""Two shoppers want the last piece at once; with a control that sees the fault without the hold's lock."""

from __future__ import annotations

import pytest

from catalog.models import Stock
from catalog.operations import stock as stocking
from returns.models import Exchange
from tests.races import end_behind
from tests.returns import factories
from tests.returns.operations.test_exchanging import Case

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.usefixtures("rates"),
]


class Second(Case):
    """Another shopper with the same thing."""

    def __init__(self, first: Case) -> None:
        self.old, self.new = first.old, first.new
        self.group = factories.delivered([(self.old, 1)])
        self.order = self.group.orders.get()
        self.line = self.order.lines.get()


def two_for_the_last_one():
    first = Case(stock=1)
    second = Second(first)
    return end_behind(lambda: first.ask(key="a"), lambda: second.ask(key="b")), first


def test_the_last_piece_is_held_for_one():
    ended, case = two_for_the_last_one()
    assert (ended, Exchange.objects.count(), case.held()) == ("OutOfStock", 1, (1, 1))


def test_without_the_lock_only_the_database_stands_between(monkeypatch):
    """Nobody waits: the second judges by what it read, and runs into the constraint that never oversells."""
    rows = Stock.objects.order_by("pk")
    monkeypatch.setattr(stocking, "_stock_locked", lambda ids: list(rows.filter(pk__in=ids)))
    ended, case = two_for_the_last_one()
    assert (ended, Exchange.objects.count(), case.held()) == ("IntegrityError", 1, (1, 1))


def test_the_same_wish_twice_at_once_is_one():
    case = Case(stock=5)
    ended = end_behind(lambda: case.ask(key="a"), lambda: case.ask(key="a"))
    assert (ended, Exchange.objects.count(), case.held()) == (Exchange.objects.get(), 1, (5, 1))
