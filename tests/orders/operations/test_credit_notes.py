"""Credit notes: per refund, at the invoice's rates, numbered without gaps, never for more than went back."""

from __future__ import annotations

import pytest

from marketplace.kernel.money import Money
from orders import operations
from orders.models import Invoice, Order, Refund
from orders.operations import checking, letters, refunds
from orders.operations.fulfilment import Packed
from orders.payments import RefundResult
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db(transaction=True)


def bought() -> Order:
    load_rates()
    pay(make_checkout([(make_variant(make_merchant()), 2)]))
    return Order.objects.get()


def ship(order: Order) -> None:
    line = order.lines.get()
    operations.ship_parcel(
        order_id=order.pk, packed=[Packed(line.public_id, 2)], carrier="dhl", tracking_number="",
        recorded_by="test", now=NOW,
    )  # fmt: skip


def refund(order: Order, minor: int, key: str) -> None:
    row = operations.request_refund(
        order=order, amount=Money(minor, order.currency), key=key, because="test", now=NOW
    )
    operations.send_refund(refund_id=row.pk, now=NOW)


def notes() -> list[tuple[str, int]]:
    return [
        (note.label, note.total_minor) for note in Invoice.objects.filter(kind="credit_note").order_by("pk")
    ]


def test_each_refund_corrects_the_invoice_at_its_rates():
    order = bought()
    ship(order)
    refund(order, 1000, "a")
    refund(order, order.total_minor - 1000, "b")
    assert notes() == [("CN-2026-000001", 1000), ("CN-2026-000002", order.total_minor - 1000)]
    invoice = Invoice.objects.get(kind="invoice")
    tax = [note.content["tax_by_rate"] for note in invoice.credit_notes.order_by("pk")]
    assert [row["percent"] for rows in tax for row in rows] == [
        invoice.content["tax_by_rate"][0]["percent"]
    ] * 2
    assert sum(row["tax_minor"] for rows in tax for row in rows) == order.tax_minor
    for note in invoice.credit_notes.all():
        assert letters.draw_invoice(invoice=note).startswith(b"%PDF")


def test_what_went_back_before_there_was_an_invoice_is_noted_with_it():
    order = bought()
    refund(order, 1000, "early")
    assert notes() == []
    ship(order)
    assert notes() == [("CN-2026-000001", 1000)]


def test_money_that_came_back_and_went_again_is_noted_once():
    order = bought()
    ship(order)
    row = operations.request_refund(order=order, amount=Money(1000, "EUR"), key="a", because="test", now=NOW)
    operations.send_refund(refund_id=row.pk, now=NOW)
    refunds.record_refund(refund_id=row.public_id, result=RefundResult("", "failed", "closed"), now=NOW)
    refund(order, 1000, "again")
    assert notes() == [("CN-2026-000001", 1000)]
    refund(order, 200, "more")
    assert notes()[1:] == [("CN-2026-000002", 200)]
    assert operations.check_books(now=NOW, with_providers=False).differences == ()


def test_a_note_stands_while_the_money_that_came_back_is_owed_and_the_books_agree():
    order = bought()
    ship(order)
    refund(order, 300, "a")
    first = Refund.objects.get()
    refunds.record_refund(refund_id=first.public_id, result=RefundResult("", "failed", "closed"), now=NOW)
    between = checking.check_books(now=NOW, with_providers=False).differences
    refund(order, 300, "b")
    assert (between, checking.check_books(now=NOW, with_providers=False).differences) == ((), ())
    assert len(notes()) == 1


def test_a_refund_without_its_note_is_a_difference(monkeypatch):
    order = bought()
    ship(order)
    monkeypatch.setattr(refunds, "issue_credit_note", lambda **_: None)
    monkeypatch.setattr(checking, "_make_up_notes", lambda now: 0)
    refund(order, 300, "a")
    (found,) = checking.check_books(now=NOW, with_providers=False).differences
    assert (found.what, found.books, found.other) == ("credit notes", 0, 300)
