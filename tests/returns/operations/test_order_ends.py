"""An order of which nothing is left to send comes to its end, however it was withdrawn from."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from catalog.models import Stock
from marketplace.kernel import outbox
from orders import operations as orders
from orders.api import answers
from orders.models import Order, Payment, Refund
from orders.operations import Packed, payments, refunds
from orders.payments import Dispute, RefundResult
from orders.queries import api_orders
from returns import operations
from returns.models import OwedRefund
from tests.returns import factories
from tests.returns.factories import ARRIVED, LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare, judged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
AFTER = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)  # the promised day has passed


def bought():
    variant = make_variant(make_merchant())
    group = factories.buy([(variant, 3)])
    order = group.orders.get()
    return variant, group, order, order.lines.get().public_id


def disputed(group, *, share, state="open"):
    """The cardholder's bank takes one of so many shares back; return the sum."""
    payment = Payment.objects.get(group=group)
    amount = payment.captured_minor // share
    told = Dispute("dp_1", "", state, amount, fee_minor=15, reason="fraud")
    orders.record_dispute(payment_id=payment.pk, dispute=told, now=LATER)
    return amount


def pay_all():
    """The provider sends what was asked for, and this app hears of it."""
    for refund in Refund.objects.order_by("pk"):
        orders.send_refund(refund_id=refund.pk, now=LATER)
        tell("orders.RefundPaid", refund=refund.public_id)


def tell(name, **payload):
    """Bring news to this app."""
    for who, told_to in sorted(outbox.SUBSCRIBERS[name].items()):
        if who.startswith("returns."):
            told_to(payload, uuid.uuid4())


def state_of(order):
    order.refresh_from_db()
    return order.state


def test_withdrawn_from_piece_by_piece_before_anything_left_it_is_cancelled():
    variant, group, order, line = bought()
    declare(group, {line: 1}, key="a")
    assert state_of(order) == "confirmed"
    declare(group, {line: 2}, key="b")
    assert (state_of(order), Stock.objects.get(variant=variant).on_hand) == ("cancelled", 10)


@pytest.mark.parametrize(("arrives", "expected"), [(False, "shipped"), (True, "delivered")])
def test_when_the_rest_is_withdrawn_from_what_has_left_is_all(arrives, expected):
    _, group, order, line = bought()
    parcel = factories.send(order, packed=[Packed(line, 2)])
    if arrives:
        orders.record_delivery(
            parcel_id=parcel.pk, delivered_at=ARRIVED, received_by="consumer", recorded_by="test", now=ARRIVED
        )
    assert state_of(order) == "confirmed"
    declare(group, {line: 1}, now=LATER)
    assert state_of(order) == expected


# -- by somebody else, after a part was withdrawn from


def owed_of(order):
    rows = OwedRefund.objects.filter(order=order).exclude(state="void").order_by("pk")
    return [(row.subject, row.state, row.amount_minor) for row in rows]


def cancelled(order, *, now=LATER):
    return orders.cancel_order(order_id=order.pk, because="sold out", now=now)


def test_a_seller_that_cancels_puts_back_only_what_was_still_to_be_sent():
    variant, group, order, line = bought()
    declare(group, {line: 1})
    assert Stock.objects.get(variant=variant).on_hand == 8
    cancelled(order)
    assert (state_of(order), Stock.objects.get(variant=variant).on_hand) == ("cancelled", 10)


def test_what_was_owed_of_a_cancelled_order_is_paid_with_it_and_everything_once():
    _, group, order, line = bought()
    withdrawal = declare(group, {line: 1})
    first = OwedRefund.objects.get().amount_minor
    cancelled(order)
    assert owed_of(order) == [
        (withdrawal.public_id, "requested", first),
        (order.public_id, "requested", order.total_minor - first),
    ]
    pay_all()
    assert [state for _, state, _ in owed_of(order)] == ["paid", "paid"]
    withdrawal.refresh_from_db()
    assert (withdrawal.state, Payment.objects.get().refunded_minor) == ("settled", order.total_minor)


def test_what_was_paid_before_is_not_paid_again():
    _, group, order, line = bought()
    declare(group, {line: 1})
    first = operations.request_owed(owed_id=OwedRefund.objects.get().pk, now=LATER)
    cancelled(order)
    assert [amount for *_, amount in owed_of(order)] == [
        first.amount_minor,
        order.total_minor - first.amount_minor,
    ]


def test_a_declaration_after_the_end_is_stored_and_brings_nothing_more():
    variant, group, order, line = bought()
    cancelled(order)
    withdrawal = declare(group, {line: 2})
    assert judged(withdrawal) == [("ineffective", "already", 0)]
    operations.dispute_judgement(withdrawal_id=withdrawal.pk, line=line, why="x", now=LATER)
    operations.decide_dispute(
        withdrawal_id=withdrawal.pk, line=line, grant=True, decision="x", by="o", now=LATER
    )
    assert owed_of(order) == [(order.public_id, "requested", order.total_minor)]
    assert Stock.objects.get(variant=variant).on_hand == 10


def test_what_the_cardholders_bank_holds_is_owed_until_it_is_back():
    _, group, order, line = bought()
    taken = disputed(group, share=4)
    cancelled(order)
    assert owed_of(order) == [
        (order.public_id, "requested", order.total_minor - taken),
        (order.public_id, "due", taken),
    ]
    operations.pay_due(today=AFTER.date(), now=AFTER)
    assert [state for _, state, _ in owed_of(order)] == ["requested", "due"]
    disputed(group, share=4, state="won")
    operations.pay_due(today=AFTER.date(), now=AFTER)
    assert [state for _, state, _ in owed_of(order)] == ["requested", "requested"]


@pytest.mark.parametrize("share", [1, 4])
def test_a_declaration_is_stored_too_while_the_bank_holds_the_money(share):
    _, group, order, line = bought()
    disputed(group, share=share)
    withdrawal = declare(group, {line: 3})
    assert judged(withdrawal) == [("effective", "before_delivery", 3)]
    assert (state_of(order), sum(amount for *_, amount in owed_of(order))) == ("cancelled", order.total_minor)


def test_a_refund_of_a_cancelled_order_that_fails_is_due_again():
    _, _, order, _ = bought()
    cancelled(order)
    refund = Refund.objects.get()
    refunds.record_refund(refund_id=refund.public_id, result=RefundResult("", "failed", "closed"), now=LATER)
    tell("orders.RefundFailed", refund=refund.public_id, failure="closed")
    assert owed_of(order) == [(order.public_id, "due", order.total_minor)]


def test_an_order_that_ends_unpaid_owes_nothing():
    variant = make_variant(make_merchant())
    group = factories.buy([(variant, 3)])
    order = group.orders.get()
    Order.objects.update(state="awaiting_payment")
    Payment.objects.update(state="authorised", captured_minor=0)
    declare(group, {order.lines.get().public_id: 1})
    with transaction.atomic():
        payments._cancel_unpaid(Payment.objects.get(), LATER)
    assert (state_of(order), owed_of(order)) == ("cancelled", [])
    assert Stock.objects.get(variant=variant).on_hand == 10


def test_a_late_order_of_which_nothing_is_left_comes_to_its_end():
    variant, group, order, line = bought()
    declare(group, {line: 1})
    operations.set_period(order_id=order.pk, until=date(2026, 12, 28), now=AFTER)
    operations.end_late(order_id=order.pk, now=AFTER + 10 * DAY)
    assert (state_of(order), Stock.objects.get(variant=variant).on_hand) == ("cancelled", 10)
    assert sum(amount for *_, amount in owed_of(order)) == order.total_minor


def test_a_late_rest_that_ends_leaves_the_order_at_what_came():
    _, _, order, line = bought()
    parcel = factories.send(order, packed=[Packed(line, 2)])
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=ARRIVED, received_by="consumer", recorded_by="test", now=ARRIVED
    )
    operations.set_period(order_id=order.pk, until=date(2026, 12, 28), now=AFTER)
    operations.end_late(order_id=order.pk, now=AFTER + 10 * DAY)
    assert state_of(order) == "delivered"


def test_a_late_order_of_which_the_bank_holds_the_money_owes_all_of_it():
    _, group, order, _ = bought()
    disputed(group, share=4)
    operations.set_period(order_id=order.pk, until=date(2026, 12, 28), now=AFTER)
    case = operations.end_late(order_id=order.pk, now=AFTER + 10 * DAY)
    assert owed_of(order) == [(case.public_id, "due", order.total_minor)]
    assert (state_of(order), Refund.objects.count()) == ("cancelled", 0)


def test_a_sellers_system_is_not_told_to_send_what_was_withdrawn_from():
    _, group, order, line = bought()
    declare(group, {line: 1})
    (told,) = answers.own_orders([api_orders.own_order(order.merchant, order.public_id)])
    assert told["left_to_ship"] == {line: 2}
