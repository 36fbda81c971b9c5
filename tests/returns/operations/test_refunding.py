"""What is owed is asked for, fails, and is asked for anew until it is paid."""

from __future__ import annotations

import pytest

from marketplace.kernel import outbox
from orders import operations as orders
from orders.models import Payment, Refund
from orders.operations import refunds
from orders.payments import Dispute, RefundResult
from returns import operations
from returns.domain.parts import Part, parts_of, sum_of
from returns.models import OwedRefund
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def owed() -> OwedRefund:
    """A sum for which the orders were asked."""
    declare(factories.delivered())
    row = OwedRefund.objects.get()
    operations.release_owed(owed_id=row.pk, due_on=LATER.date(), now=LATER)
    return operations.request_owed(owed_id=row.pk, now=LATER)


def fail(refund: str) -> None:
    """The provider says that a refund could not be paid."""
    told = RefundResult("", "failed", "card_closed")
    refunds.record_refund(refund_id=refund, result=told, now=LATER)
    outbox.relay()


def test_what_could_not_be_paid_is_due_as_before_and_asked_for_anew():
    row = owed()
    first = row.refund
    fail(first)
    row.refresh_from_db()
    assert (row.state, row.refund, row.failure, row.attempts) == ("due", "", "card_closed", 1)
    again = operations.request_owed(owed_id=row.pk, now=LATER)
    assert (again.state, again.refund != first, Refund.objects.count()) == ("requested", True, 2)
    orders.send_refund(refund_id=Refund.objects.get(public_id=again.refund).pk, now=LATER)
    outbox.relay()
    row.refresh_from_db()
    assert row.state == "paid"


def test_what_the_payment_still_holds_is_paid_and_the_rest_stays_due_until_it_is_there():
    """A cardholder's bank holds a quarter of the money, or the desk gave something: the shopper does not wait for all."""
    row = owed_beside(held := 1000)
    asked, rest = OwedRefund.objects.filter(subject=row.subject).exclude(state="void").order_by("state")[::-1]
    assert (asked.state, asked.amount_minor, rest.state) == ("requested", row.amount_minor - held, "due")
    assert (rest.amount_minor, rest.due_on) == (held, row.due_on)
    assert sum_of(parts_of(asked.parts)) + sum_of(parts_of(rest.parts)) == row.amount_minor
    again = operations.request_owed(owed_id=rest.pk, now=LATER)
    assert (again.state, again.failure) == ("due", "nothing_to_refund")
    orders.record_dispute(payment_id=Payment.objects.get().pk, dispute=told(held, "won"), now=LATER)
    assert operations.request_owed(owed_id=rest.pk, now=LATER).state == "requested"


def test_of_a_part_that_fails_as_much_is_due_again():
    owed_beside(1000)
    asked = OwedRefund.objects.get(state="requested")
    fail(asked.refund)
    assert operations.request_owed(owed_id=asked.pk, now=LATER).state == "requested"
    assert OwedRefund.objects.exclude(state="void").count() == 2


def told(amount: int, state: str = "open") -> Dispute:
    return Dispute("dp_1", "", state, amount, fee_minor=15, reason="fraud")


def owed_beside(held: int) -> OwedRefund:
    """A sum that was asked for while a bank holds so much of its payment; as it was before."""
    declare(factories.delivered())
    row = OwedRefund.objects.get()
    orders.record_dispute(payment_id=Payment.objects.get().pk, dispute=told(held), now=LATER)
    operations.release_owed(owed_id=row.pk, due_on=LATER.date(), now=LATER)
    operations.request_owed(owed_id=row.pk, now=LATER)
    row.due_on = LATER.date()
    return row


def test_money_that_came_back_after_it_was_paid_is_owed_again():
    row = owed()
    orders.send_refund(refund_id=Refund.objects.get().pk, now=LATER)
    outbox.relay()
    fail(row.refund)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("due", 1)


def test_a_key_that_grew_with_each_split_still_stands_for_one_sum():
    order = factories.delivered().orders.get()
    part = Part(order.lines.get().public_id, 1, "goods", 100, "")

    def owe(key: str) -> OwedRefund:
        return operations.owe_refund(
            order=order, subject="W-1", parts=[part], due_on=LATER.date(), rulings=[], key=key, now=LATER
        )

    long = "W-1:R-1:1" + ":less:VL-12345678" * 9
    assert (owe(long), owe(long) == owe(f"{long}:held:VL-1")) == (owe(long), False)
    assert OwedRefund.objects.count() == 2
