"""The merchant's side: parcels, deliveries, cancellations, invoices."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Stock
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.models import Event
from orders import operations
from orders.domain.errors import BadTrackingNumber, TooManyShipped, WrongState
from orders.models import Invoice, Order, OrderLine, Parcel, Payment, Refund
from orders.operations import Packed
from orders.payments import ProviderDown
from orders.payments.offline import OfflineProvider
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
UPS = "1Z5R89390357567127"


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    load_rates()


@pytest.fixture
def order() -> Order:
    """An order of three of one thing and one of another, paid."""
    merchant = make_merchant()
    group = pay(make_checkout([(make_variant(merchant), 3), (make_variant(merchant, price=5000), 1)])).group
    assert group is not None
    return group.orders.get()


def ship(order: Order, *packed: Packed, number: str = UPS, carrier: str = "ups") -> Parcel:
    return operations.ship_parcel(
        order_id=order.pk,
        packed=packed,
        carrier=carrier,
        tracking_number=number,
        recorded_by="test",
        now=NOW + HOUR,
    )


def deliver(parcel: Parcel, hours: int = 24) -> Parcel:
    at = NOW + hours * HOUR
    return operations.record_delivery(
        parcel_id=parcel.pk, delivered_at=at, received_by="consumer", recorded_by="test", now=at
    )


def lines_of(order: Order) -> list[OrderLine]:
    return list(order.lines.order_by("position"))


def test_parcels_leave_until_all_has_left_and_arrive_until_all_has_arrived(order: Order) -> None:
    three, one = lines_of(order)
    states = []
    first = ship(order, Packed(three.public_id, 2))
    states.append(Order.objects.get().state)
    second = ship(order, Packed(three.public_id, 1), Packed(one.public_id, 1))
    states.append(Order.objects.get().state)
    deliver(second, 30)
    states.append(Order.objects.get().state)
    deliver(first, 40)
    done = Order.objects.get()
    assert [*states, done.state] == ["confirmed", "shipped", "shipped", "delivered"]
    assert (done.shipped_at, done.delivered_at) == (NOW + HOUR, NOW + 40 * HOUR)
    last = Event.objects.filter(name="orders.ParcelDelivered").order_by("recorded_at").last()
    assert last is not None
    assert (last.payload["parcel"], last.payload["is_last"]) == (first.public_id, True)


def test_batch_and_serial_numbers_travel_with_the_parcel(order: Order) -> None:
    three, _ = lines_of(order)
    parcel = ship(order, Packed(three.public_id, 2, batch=" L-42 ", serials=("A1", "A2")))
    line = parcel.lines.get()
    assert (line.batch, line.serials) == ("L-42", ["A1", "A2"])


@pytest.mark.parametrize("serials", [("A1",), ("A1", "A1")])
def test_every_piece_has_a_serial_number_of_its_own(order: Order, serials: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refusal:
        ship(order, Packed(lines_of(order)[0].public_id, 2, serials=serials))
    assert refusal.value.field == "serials"


def test_no_more_leaves_than_was_ordered(order: Order) -> None:
    three, _ = lines_of(order)
    ship(order, Packed(three.public_id, 2))
    with pytest.raises(TooManyShipped) as refusal:
        ship(order, Packed(three.public_id, 1), Packed(three.public_id, 1, batch="other"))
    assert refusal.value.data == {"line": three.public_id, "left": 1}
    assert Parcel.objects.count() == 1


def test_a_number_that_the_carrier_does_not_give_is_refused_before_anything_is_written(order: Order) -> None:
    with pytest.raises(BadTrackingNumber):
        ship(order, Packed(lines_of(order)[0].public_id, 1), number="1Z5R89390357567128")
    assert (Parcel.objects.count(), Invoice.objects.count()) == (0, 0)


def test_lines_of_another_order_do_not_go_into_this_parcel(order: Order) -> None:
    other = pay(make_checkout([(make_variant(make_merchant()), 1)])).group.orders.get()  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        ship(order, Packed(other.lines.get().public_id, 1))


def test_nothing_arrives_twice_early_or_in_the_future(order: Order) -> None:
    parcel = ship(order, Packed(lines_of(order)[0].public_id, 1))
    for at in (NOW, NOW + 99 * HOUR):
        with pytest.raises(Invalid) as refusal:
            operations.record_delivery(
                parcel_id=parcel.pk,
                delivered_at=at,
                received_by="consumer",
                recorded_by="x",
                now=NOW + 48 * HOUR,
            )
        assert refusal.value.field == "delivered_at"
    deliver(parcel)
    with pytest.raises(WrongState):
        deliver(parcel)


def test_a_lost_parcel_may_turn_up(order: Order) -> None:
    three, one = lines_of(order)
    parcel = ship(order, Packed(three.public_id, 3), Packed(one.public_id, 1))
    operations.mark_lost(parcel_id=parcel.pk, recorded_by="x", now=NOW + 48 * HOUR)
    assert Order.objects.get().state == "shipped"
    deliver(parcel, 72)
    assert (Parcel.objects.get().state, Order.objects.get().state) == ("delivered", "delivered")


# -- invoices


def test_the_first_parcel_brings_the_invoice_and_the_second_no_other(order: Order) -> None:
    three, one = lines_of(order)
    ship(order, Packed(three.public_id, 3))
    ship(order, Packed(one.public_id, 1))
    invoice = Invoice.objects.get()
    assert (invoice.series, invoice.number, invoice.total_minor) == ("2026", 1, order.total_minor)
    assert sum(rate["tax_minor"] for rate in invoice.content["tax_by_rate"]) == order.tax_minor
    assert sum(line["total_minor"] for line in invoice.content["lines"]) == order.total_minor


def test_invoice_numbers_have_no_gaps_and_are_each_merchants_own() -> None:
    first, second = make_merchant(), make_merchant()
    for merchant in (first, second, first):
        order = pay(make_checkout([(make_variant(merchant), 1)])).group.orders.get()  # type: ignore[union-attr]
        ship(order, Packed(order.lines.get().public_id, 1))
    numbers = [(i.merchant_id, i.number) for i in Invoice.objects.order_by("pk")]
    assert numbers == [(first.pk, 1), (second.pk, 1), (first.pk, 2)]


# -- cancelling


def test_cancelling_puts_goods_and_money_back(order: Order) -> None:
    operations.cancel_order(order_id=order.pk, because="sold out", now=NOW)
    order.refresh_from_db()
    refund = Refund.objects.get()
    payment = Payment.objects.get()
    assert (order.state, order.cancel_reason) == ("cancelled", "sold out")
    assert (refund.state, refund.amount_minor, payment.state) == ("done", order.total_minor, "refunded")
    assert sorted(Stock.objects.values_list("on_hand", flat=True)) == [10, 10]


def test_cancelling_one_of_two_orders_returns_its_share_alone() -> None:
    wants = [(make_variant(make_merchant("FR")), 1), (make_variant(make_merchant("IT"), price=9900), 1)]
    group = pay(make_checkout(wants)).group
    assert group is not None
    order = group.orders.order_by("pk").first()
    operations.cancel_order(order_id=order.pk, because="sold out", now=NOW)  # type: ignore[union-attr]
    payment = Payment.objects.get()
    assert (payment.state, payment.refunded_minor) == ("captured", order.total_minor)  # type: ignore[union-attr]


def test_what_has_left_cannot_be_cancelled(order: Order) -> None:
    ship(order, Packed(lines_of(order)[0].public_id, 1))
    with pytest.raises(WrongState):
        operations.cancel_order(order_id=order.pk, because="sold out", now=NOW)
    assert Refund.objects.count() == 0


def test_cancelling_twice_pays_once(order: Order) -> None:
    operations.cancel_order(order_id=order.pk, because="sold out", now=NOW)
    with pytest.raises(WrongState):
        operations.cancel_order(order_id=order.pk, because="sold out", now=NOW)
    assert Refund.objects.count() == 1


def test_a_provider_that_is_down_delays_the_money_and_not_the_cancellation(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise ProviderDown(provider="offline")

    with monkeypatch.context() as patch:
        patch.setattr(OfflineProvider, "refund", down)
        operations.cancel_order(order_id=order.pk, because="sold out", now=NOW)
    assert (Order.objects.get().state, Refund.objects.get().state) == ("cancelled", "requested")
    assert operations.reconcile_payments(now=NOW + HOUR).refunds == 1
    assert Refund.objects.get().state == "done"
