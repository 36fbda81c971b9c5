"""Order views: the timeline as it really went, and the rights that follow from the deliveries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from orders import operations
from orders.models import Order, OrderGroup
from orders.operations import Packed
from orders.queries.orders import GroupView, deliveries_of, find_group, groups_of, needs_attention, view_group
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def group(db: None) -> OrderGroup:
    load_rates()
    merchant = make_merchant()
    found = pay(make_checkout([(make_variant(merchant), 2), (make_variant(merchant), 1)])).group
    assert found is not None
    return found


def ship(order: Order, *packed: Packed) -> int:
    return operations.ship_parcel(
        order_id=order.pk, packed=packed, carrier="other", tracking_number="", recorded_by="x", now=NOW
    ).pk


def deliver(parcel_id: int, days: int) -> None:
    at = NOW + days * DAY
    operations.record_delivery(
        parcel_id=parcel_id, delivered_at=at, received_by="consumer", recorded_by="x", now=at
    )


def seen(group: OrderGroup, days: int = 0) -> GroupView:
    return view_group(find_group(token=group.token), now=NOW + days * DAY)


def last_day(view: GroupView) -> str | None:
    return view.orders[0].lines[0].withdrawal.answer["last_day"]


def test_before_delivery_the_right_exists_and_its_end_is_open(group: OrderGroup) -> None:
    withdrawal = seen(group).orders[0].lines[0].withdrawal.answer
    assert (withdrawal["right_exists"], withdrawal["last_day"]) == (True, None)


def test_the_last_of_several_parcels_starts_the_period(group: OrderGroup) -> None:
    order = group.orders.get()
    first, second = order.lines.order_by("position")
    one = ship(order, Packed(first.public_id, 2))
    deliver(one, 2)
    assert last_day(seen(group)) is None  # the rest has not even left
    two = ship(order, Packed(second.public_id, 1))
    assert last_day(seen(group)) is None  # the rest is on its way
    deliver(two, 5)
    assert (
        last_day(seen(group)) == "2026-12-14"
    )  # 28 November is a Saturday, day 14 is 12 December, a Saturday


def test_pieces_of_one_line_that_come_apart_are_lots(group: OrderGroup) -> None:
    order = group.orders.get()
    first, second = order.lines.order_by("position")
    deliver(ship(order, Packed(first.public_id, 1)), 1)
    deliver(ship(order, Packed(first.public_id, 1), Packed(second.public_id, 1)), 3)
    order = find_group(token=group.token).orders.all()[0]
    assert [one["part"] for one in deliveries_of(order)] == ["lot", "lot"]


def test_the_guarantee_runs_from_the_arrival_of_the_line(group: OrderGroup) -> None:
    order = group.orders.get()
    first, _second = order.lines.order_by("position")
    deliver(ship(order, Packed(first.public_id, 2)), 2)
    lines = seen(group).orders[0].lines
    assert lines[0].guarantee is not None
    assert lines[0].guarantee.answer["liable_until"] == "2028-11-25"
    assert lines[1].guarantee is None


def test_the_timeline_tells_what_happened_and_what_comes(group: OrderGroup) -> None:
    order = group.orders.get()
    first, second = order.lines.order_by("position")
    assert [(s.key, s.is_done) for s in seen(group).orders[0].timeline] == [
        ("placed", True), ("paid", True), ("shipped", False), ("delivered", False),
    ]  # fmt: skip
    deliver(ship(order, Packed(first.public_id, 2), Packed(second.public_id, 1)), 2)
    assert [(s.key, s.is_done) for s in seen(group).orders[0].timeline] == [
        ("placed", True), ("paid", True), ("shipped", True), ("delivered", True),
    ]  # fmt: skip


def test_a_cancelled_order_shows_what_went_back(group: OrderGroup) -> None:
    operations.cancel_order(order_id=group.orders.get().pk, because="sold out", now=NOW)
    assert [step.key for step in seen(group).orders[0].timeline] == [
        "placed",
        "paid",
        "cancelled",
        "refunded",
    ]


def test_late_delivery_has_its_legal_remedy(group: OrderGroup) -> None:
    assert seen(group, 1).orders[0].delivery.answer["status"] != "late"
    assert seen(group, 20).orders[0].delivery.answer["status"] == "late"


def test_the_page_asks_the_database_the_same_number_of_times(
    group: OrderGroup, django_assert_num_queries: object
) -> None:
    order = group.orders.get()
    first, _second = order.lines.order_by("position")
    for _ in range(2):
        ship(order, Packed(first.public_id, 1))
    with django_assert_num_queries(7):  # type: ignore[operator]
        seen(group)


def test_an_accounts_order_opens_for_the_account_alone(group: OrderGroup) -> None:
    ada = User.objects.create_user("ada@example.com", "correct horse")
    eve = User.objects.create_user("eve@example.com", "correct horse")
    OrderGroup.objects.update(user=ada)
    assert find_group(token=group.token, user=ada) == group
    assert groups_of(ada) == [group]
    for visitor in (None, eve):
        with pytest.raises(NotFound):
            find_group(token=group.token, user=visitor)
    assert groups_of(eve) == []


def test_a_merchant_sees_what_is_urgent_today(group: OrderGroup) -> None:
    order = group.orders.get()
    why = [
        (day, [one.why for one in needs_attention(order.merchant, today=date(2026, 11, day))])
        for day in (22, 24)
    ]
    assert why == [(22, []), (24, ["ship"])]
    assert [one.why for one in needs_attention(order.merchant, today=date(2026, 12, 24))] == ["late"]
