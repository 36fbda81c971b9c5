"""Two at once: the last piece, the same wish, a payment and a withdrawal; with controls that see the faults without the locks."""

from __future__ import annotations

import pytest

from catalog.models import Stock
from catalog.operations import stock as stocking
from orders import operations as orders
from orders.models import Payment, Supplement
from orders.operations import supplements
from returns.models import Exchange
from tests.races import end_behind
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_declaring import declare
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


def withdrawn_from_while_it_is_paid() -> tuple[Payment, Exchange]:
    """A declaration comes while the bank says yes to the difference; the payment waits for its end."""
    case = Case(price=1500)
    exchange = case.ask()
    payment = orders.start_supplement(
        supplement_id=Supplement.objects.get().pk, provider="offline", method={"token": "card_ok"}, return_url="/",
        now=LATER,
    )  # fmt: skip
    end_behind(lambda: declare(case.group), lambda: orders.settle_payment(payment_id=payment.pk, now=LATER))
    return Payment.objects.get(pk=payment.pk), Exchange.objects.get(pk=exchange.pk)


def test_money_for_an_exchange_that_is_withdrawn_from_at_the_same_time_is_let_go():
    payment, exchange = withdrawn_from_while_it_is_paid()
    assert (payment.state, payment.captured_minor, payment.is_surplus, exchange.because) == (
        "cancelled", 0, True, "withdrawn",
    )  # fmt: skip
    assert Supplement.objects.get().state == "cancelled"


def test_without_the_supplements_lock_money_would_be_taken_for_what_has_ended(monkeypatch):
    rows = Supplement.objects.select_related("order__group", "order__merchant", "line")
    monkeypatch.setattr(supplements, "_locked", lambda pk: rows.get(pk=pk))
    payment, exchange = withdrawn_from_while_it_is_paid()
    assert (payment.state, exchange.because, Supplement.objects.get().state) == (
        "captured", "withdrawn", "paid",
    )  # fmt: skip
