"""Late and lost: an additional period, notices, silence, the end; each as the law of the market says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Stock
from orders import operations as orders
from orders.models import Order
from orders.operations import Packed
from returns import operations
from returns.domain.errors import NotEndable
from returns.models import LateDelivery, LineTally, OwedRefund
from tests.returns import factories
from tests.returns.factories import SENT, US_CA, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare
from tests.returns.operations.test_silent_seller import ADDRESSES, JP

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
AFTER = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)  # the promised day has passed


def bought(place=factories.DE) -> Order:
    return factories.buy([(make_variant(make_merchant()), 2)], place=place).orders.get()


def test_a_late_seller_first_gets_one_more_period_and_then_the_order_ends_for_nothing():
    order = bought()
    with pytest.raises(NotEndable) as error:
        operations.end_late(order_id=order.pk, now=AFTER)
    assert error.value.data["next_step"] == "set_additional_period"
    operations.set_period(order_id=order.pk, until=date(2026, 12, 28), now=AFTER)
    with pytest.raises(NotEndable):
        operations.end_late(order_id=order.pk, now=AFTER + 3 * DAY)
    case = operations.end_late(order_id=order.pk, now=AFTER + 10 * DAY)
    owed = OwedRefund.objects.get()
    assert (case.state, owed.subject, owed.amount_minor) == ("cancelled", case.public_id, order.total_minor)
    assert (Order.objects.get().state, Stock.objects.get().on_hand) == ("cancelled", 10)


def test_no_period_for_an_order_that_is_not_late():
    order = bought()
    with pytest.raises(NotEndable):
        operations.set_period(order_id=order.pk, until=date(2026, 12, 28), now=SENT)


def test_what_the_carrier_lost_need_not_be_waited_for():
    order = bought()
    parcel = factories.send(order)
    orders.mark_lost(parcel_id=parcel.pk, recorded_by="test", now=SENT + DAY)
    operations.end_late(order_id=order.pk, now=SENT + DAY)
    assert OwedRefund.objects.get().amount_minor == order.total_minor
    assert Stock.objects.get().on_hand == 8  # it is lost, not back
    assert LineTally.objects.get().withdrawn == 2


@pytest.mark.parametrize("service", ["standard", "express"])
@pytest.mark.parametrize("place", [factories.DE, JP], ids=["DE", "JP"])
def test_what_never_came_costs_nothing_whatever_the_law_says_of_delivery(place, service, monkeypatch):
    monkeypatch.setitem(factories.ADDRESSES, "JP", ADDRESSES["JP"])
    order = bought(place)
    Order.objects.filter(pk=order.pk).update(shipping_service=service)
    parcel = factories.send(order)
    orders.mark_lost(parcel_id=parcel.pk, recorded_by="test", now=SENT + DAY)
    operations.end_late(order_id=order.pk, now=SENT + DAY)
    assert OwedRefund.objects.get().amount_minor == order.total_minor


def test_what_has_arrived_is_kept_and_only_the_rest_ends():
    order = bought()
    line = order.lines.get().public_id
    first = factories.send(order, packed=[orders.Packed(line, 1)])
    orders.record_delivery(
        parcel_id=first.pk,
        delivered_at=SENT + DAY,
        received_by="consumer",
        recorded_by="test",
        now=SENT + DAY,
    )
    operations.set_period(order_id=order.pk, until=date(2026, 12, 28), now=AFTER)
    operations.end_late(order_id=order.pk, now=AFTER + 10 * DAY)
    assert OwedRefund.objects.get().amount_minor == order.lines.get().unit_price_minor
    assert orders.left_to_ship(Order.objects.get()) == {line: 0}


def test_silence_ends_a_longer_delay_where_the_law_says_so_and_consent_does_not():
    silent, consenting = bought(US_CA), bought(US_CA)
    for order in (silent, consenting):
        notice = operations.tell_delay(
            order_id=order.pk, revised_on=date(2027, 6, 1), why="No leather.", now=SENT + DAY
        )
    operations.answer_delay(notice_id=notice.pk, consent=True, now=SENT + 2 * DAY)
    operations.apply_silence(now=datetime(2027, 3, 1, tzinfo=UTC))
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "confirmed"]
    assert LateDelivery.objects.get(order=silent).ended_by == "silence"
    assert OwedRefund.objects.get().due_on is not None


def test_a_shopper_who_cancels_because_of_a_delay_gets_the_money():
    order = bought(US_CA)
    notice = operations.tell_delay(order_id=order.pk, revised_on=None, why="", now=SENT + DAY)
    operations.answer_delay(notice_id=notice.pk, consent=False, now=SENT + 2 * DAY)
    assert OwedRefund.objects.get().amount_minor == order.total_minor


def test_an_order_that_came_closes_its_case():
    order = bought()
    operations.report_late(order_id=order.pk, now=AFTER)
    factories.deliver(order, at=AFTER)
    operations.apply_silence(now=AFTER + DAY)
    assert LateDelivery.objects.get().state == "arrived"


def test_the_database_keeps_one_open_case_and_no_half_states():
    order = bought()
    case = operations.report_late(order_id=order.pk, now=AFTER)
    assert operations.report_late(order_id=order.pk, now=AFTER) == case
    for change in ({"state": "extended"}, {"state": "cancelled"}, {"state": "lost"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LateDelivery.objects.filter(pk=case.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        LateDelivery.objects.create(
            order=order, merchant_id=order.merchant_id, opened_at=AFTER, changed_at=AFTER
        )


def test_what_was_withdrawn_from_before_is_not_put_back_twice():
    order = factories.buy([(make_variant(make_merchant(), stock=10), 3)]).orders.get()
    line = order.lines.get()
    parcel = factories.send(order, packed=[Packed(line.public_id, 1)])
    orders.mark_lost(parcel_id=parcel.pk, recorded_by="test", now=SENT + DAY)
    declare(order.group, {line.public_id: 1}, now=SENT + DAY)
    before = Stock.objects.get().on_hand
    operations.end_late(order_id=order.pk, now=SENT + DAY)
    assert (before, Stock.objects.get().on_hand, LineTally.objects.get().withdrawn) == (8, 9, 3)
