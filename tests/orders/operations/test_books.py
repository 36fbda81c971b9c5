"""Every movement of money stands in the books once, and they always add up to nothing."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money
from orders import operations
from orders.domain.errors import NothingToRefund
from orders.domain.ledger import Draft, Leg
from orders.domain.refunds import RefundPart
from orders.models import LedgerEntry, Order, Payment, Posting, Refund, Supplement
from orders.operations import books, refunds
from orders.payments import RefundResult
from orders.queries.books import trial_balance
from orders.queries.refunds import parts_for_amount, parts_for_pieces
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db(transaction=True)


def balances() -> dict[str, int]:
    """What every account stands at: debits less credits."""
    found = trial_balance()
    assert found.is_zero
    return {row.account: row.balance_minor for row in found.rows if row.balance_minor}


def bought(quantity: int = 2, **merchant: str) -> Order:
    load_rates()
    pay(make_checkout([(make_variant(make_merchant(**merchant)), quantity)]))
    return Order.objects.select_related("group", "merchant").get()


def asked(order: Order, minor: int, key: str = "k", **more: object) -> Refund:
    return operations.request_refund(
        order=order, amount=Money(minor, "EUR"), key=key, because="test", now=NOW, **more
    )


def test_a_sale_is_held_for_the_merchant_less_commission_and_what_is_collected_for_others():
    order = bought()
    line = order.lines.get()
    by_us = order.landed["answer"]["who_collects"] == "platform_at_checkout"
    kept = line.tax_minor + line.duty_minor + line.fees_minor if by_us else 0
    taken = line.commission_minor + line.commission_tax_minor
    expected = {
        "provider_clearing": order.total_minor,
        "held": -(order.total_minor - kept - taken),
        "commission": -line.commission_minor,
        "commission_vat": -line.commission_tax_minor,
        "tax_payable": -kept,
    }
    assert balances() == {account: amount for account, amount in expected.items() if amount}
    assert line.commission_minor == Money(line.goods_minor, "EUR").times("0.12").minor


def test_a_refund_takes_from_everybody_what_they_had_of_it_and_a_failure_gives_it_back():
    order = bought(4)
    before = balances()
    refund = asked(order, 1000)
    assert balances()["refunds"] == -1000
    refunds.record_refund(refund_id=refund.public_id, result=RefundResult("", "failed", "gone"), now=NOW)
    assert balances() == before

    whole = asked(order, order.total_minor, key="again")
    operations.send_refund(refund_id=whole.pk, now=NOW)
    assert balances() == {}


def test_money_that_comes_back_after_it_was_paid_is_owed_again():
    order = bought()
    before = balances()
    refund = asked(order, 700)
    operations.send_refund(refund_id=refund.pk, now=NOW)
    refunds.record_refund(refund_id=refund.public_id, result=RefundResult("", "failed", "closed"), now=NOW)
    order.group.payments.get().refresh_from_db()
    assert (balances(), order.group.payments.get().refunded_minor) == (before, 0)


def test_pieces_of_a_line_add_up_to_the_line_and_their_commission_to_nothing():
    order = bought(3)
    line = order.lines.get()
    for number in range(3):
        parts = parts_for_pieces(order, {line.public_id: 1}, with_shipping=number == 2)
        asked(order, sum(part.amount_minor for part in parts), key=f"piece{number}", parts=parts)
    left = balances()
    assert left == {"provider_clearing": order.total_minor, "refunds": -order.total_minor}


def test_no_line_gives_back_more_than_was_paid_for_it():
    order = bought()
    line = order.lines.get()
    part = RefundPart(line.public_id, 2, "goods", line.goods_minor)
    asked(order, line.goods_minor, parts=(part,))
    with pytest.raises(NothingToRefund) as error:
        asked(order, 1, key="more", parts=(RefundPart(line.public_id, 0, "goods", 1),))
    assert (error.value.data["line"], error.value.data["left_minor"]) == (line.public_id, 0)


@pytest.mark.parametrize(
    "parts",
    [
        (RefundPart(None, 0, "goods", 5),),
        (RefundPart("LN-UNKNOWN", 0, "goods", 10),),
        (RefundPart(None, 0, "wine", 10),),  # type: ignore[arg-type]
        (RefundPart(None, 0, "goods", 20), RefundPart(None, 0, "tax", -10)),
    ],
)
def test_parts_that_make_no_sense_are_refused(parts: tuple[RefundPart, ...]):
    with pytest.raises(Invalid):
        asked(bought(), 10, parts=parts)


def test_goodwill_is_the_marketplaces_own_expense():
    order = bought()
    held = balances()["held"]
    refund = asked(order, 300, parts=(RefundPart(None, 0, "goodwill", 300),))
    operations.send_refund(refund_id=refund.pk, now=NOW)
    found = balances()
    assert (found["goodwill"], found["held"]) == (300, held)


def test_a_sum_keeps_the_lines_rates_of_tax():
    order = bought(1)
    line = order.lines.get()
    parts = {part.kind: part.amount_minor for part in parts_for_amount(order, Money(600, "EUR"))}
    assert sum(parts.values()) == 600
    assert abs(parts["tax"] - 600 * line.tax_minor // line.total_minor) <= 1


def test_the_same_movement_is_posted_once_and_another_under_its_key_is_refused():
    bought()
    draft = Draft("once", "fees", "EUR", (Leg("provider_fees", 5), Leg("bank", -5)), NOW)
    other = Draft("once", "fees", "EUR", (Leg("provider_fees", 6), Leg("bank", -6)), NOW)
    assert [books.post([draft], now=NOW), books.post([draft], now=NOW)] == [1, 0]
    with pytest.raises(Invalid):
        books.post([other], now=NOW)
    assert Posting.objects.filter(entry__key="once").count() == 2


@pytest.mark.parametrize(
    "legs", [(Leg("bank", 5),), (Leg("bank", 5), Leg("provider_fees", -4))], ids=["one leg", "off by one"]
)
def test_the_database_refuses_an_entry_that_does_not_add_up(legs: tuple[Leg, ...]):
    with pytest.raises(IntegrityError), transaction.atomic():
        books.post([Draft("off", "fees", "EUR", legs, NOW)], now=NOW)
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_posting SET amount_minor = 1",
        "DELETE FROM orders_posting",
        "UPDATE orders_ledgerentry SET kind = 'x'",
        "DELETE FROM orders_ledgerentry",
        "UPDATE orders_ledgeraccount SET kind = 'x'",
        "INSERT INTO orders_posting (entry_id, account_id, part, amount_minor)"
        " SELECT entry_id, account_id, '', 1 FROM orders_posting LIMIT 1",
    ],
)
def test_what_stands_in_the_books_cannot_be_changed(statement: str):
    bought()
    before = balances()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert balances() == before


def test_of_several_payments_the_one_that_has_enough_sends_it_back():
    order = bought()
    main = order.group.payments.get()
    supplement = Supplement.objects.create(
        key="exchange:EX-1", order=order, line=order.lines.get(), state="paid", goods_minor=42, tax_minor=8,
        amount_minor=50, currency="EUR", title="A larger one", back_path="/", asked_at=NOW, pay_by=NOW,
        paid_at=NOW,
    )  # fmt: skip
    second = Payment.objects.create(
        checkout=main.checkout, group=main.group, provider="offline", provider_ref="off_second",
        idempotency_key="second", purpose="supplement", supplement=supplement, state="captured", amount_minor=50, captured_minor=50,
        currency="EUR",
    )  # fmt: skip
    first = asked(order, order.total_minor - 20)
    assert (first.payment_id, asked(order, 20, key="rest").payment_id) == (main.pk, main.pk)
    of_second = asked(order, 20, key="more")  # what was paid later for the line comes back by its own payment
    goodwill = asked(order, 30, key="good", parts=(RefundPart(None, 0, "goodwill", 30),))
    with pytest.raises(NothingToRefund):
        asked(order, 1, key="over")
    assert (of_second.payment_id, goodwill.payment_id) == (second.pk, second.pk)
