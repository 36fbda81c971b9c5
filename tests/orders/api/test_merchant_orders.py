"""A merchant's system reads its orders and sends them."""

from __future__ import annotations

import pytest

from marketplace.kernel import clock
from orders.models import Order, Parcel
from tests.orders import factories as make

ORDERS = "/api/v1/merchant/orders"


@pytest.fixture
def order():
    """Return a paid order of two of one thing, one thing of a second merchant beside it."""
    now = clock.now()
    wants = [(make.make_variant(make.make_merchant()), 2), (make.make_variant(make.make_merchant()), 1)]
    make.pay(make.make_checkout(wants, now=now), now=now)
    return Order.objects.get(merchant=wants[0][0].merchant)


def ship(client, order, key, quantity=1, idempotency="p-1", **more):
    body = {"carrier": "other", "lines": [{"line": order.lines.get().public_id, "quantity": quantity}]} | more
    headers = {**key, **({"Idempotency-Key": idempotency} if idempotency else {})}
    path = f"{ORDERS}/{order.public_id}/parcels"
    return client.post(path, body, content_type="application/json", headers=headers)


def test_own_orders_are_listed_and_others_are_not(client, order, key_of):
    key = key_of(order.merchant)

    [found] = client.get(ORDERS, headers=key).json()["results"]

    line = order.lines.get().public_id
    assert (found["public_id"], found["left_to_ship"]) == (order.public_id, {line: 2})


def test_what_has_left_is_no_longer_to_be_sent(client, order, key_of):
    key = key_of(order.merchant)
    ship(client, order, key)

    found = client.get(f"{ORDERS}/{order.public_id}", headers=key).json()

    assert (list(found["left_to_ship"].values()), found["parcels"][0]["lines"][0]["quantity"]) == ([1], 1)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_orders_takes_the_same_queries_however_many_there_are(
    client, key_of, django_assert_num_queries, count
):
    merchant, now = make.make_merchant(), clock.now()
    for _ in range(count):
        make.pay(make.make_checkout([(make.make_variant(merchant), 1)], now=now), now=now)
    key = key_of(merchant)

    with django_assert_num_queries(7):
        found = client.get(ORDERS, headers=key).json()["results"]

    assert len(found) == count


def test_orders_of_others_do_not_exist(client, order, key_of):
    key = key_of(make.make_merchant())

    answers = [client.get(f"{ORDERS}/{order.public_id}", headers=key), ship(client, order, key)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_parcel_is_recorded_once_for_its_key(client, order, key_of):
    key = key_of(order.merchant)

    answers = [ship(client, order, key) for _ in range(2)]
    other = ship(client, order, key, quantity=2)

    assert (
        [answer.status_code for answer in answers],
        answers[0].content == answers[1].content,
        other.status_code,
        Parcel.objects.count(),
    ) == ([201, 201], True, 422, 1)


def test_more_than_was_ordered_is_not_sent_and_a_key_is_needed(client, order, key_of):
    key = key_of(order.merchant)

    answers = [ship(client, order, key, quantity=3), ship(client, order, key, idempotency="")]

    assert ([answer.status_code for answer in answers], Parcel.objects.count()) == ([409, 400], 0)


def test_an_arrival_is_recorded_and_the_right_to_withdraw_gets_its_last_day(client, order, key_of):
    key = key_of(order.merchant)
    parcel = ship(client, order, key, quantity=2).json()["public_id"]
    path = f"/api/v1/merchant/parcels/{parcel}/delivery"

    body = {"delivered_at": clock.now().isoformat()}
    first = client.post(path, body, content_type="application/json", headers=key)
    again = client.post(path, body, content_type="application/json", headers=key)

    shown = client.get(f"/api/v1/orders/{order.group.token}").json()["orders"]
    [own] = [one for one in shown if one["public_id"] == order.public_id]
    rights = {right["key"]: right["answer"] for right in own["lines"][0]["rights"]}
    assert (first.status_code, again.status_code, sorted(rights), bool(rights["withdrawal"]["last_day"])) == (
        200,
        409,
        ["guarantee", "withdrawal"],
        True,
    )


def cancel(client, order, key, reason="sold_out"):
    path = f"{ORDERS}/{order.public_id}/cancellation"
    return client.post(path, {"reason": reason}, content_type="application/json", headers=key)


def test_what_cannot_be_delivered_is_cancelled_with_a_reason_once(client, order, key_of):
    key = key_of(order.merchant)

    answers = [
        cancel(client, order, key_of(make.make_merchant())),
        cancel(client, order, key, reason="too cheap"),
        cancel(client, order, key),
        cancel(client, order, key),
    ]

    order.refresh_from_db()
    assert [answer.status_code for answer in answers] == [404, 400, 200, 409]
    assert (answers[2].json()["state"], order.state, order.cancel_reason) == (
        "cancelled",
        "cancelled",
        "sold_out",
    )
    assert list(answers[2].json()["left_to_ship"].values()) == [0]


def test_what_has_left_is_not_cancelled(client, order, key_of):
    key = key_of(order.merchant)
    ship(client, order, key)

    assert cancel(client, order, key).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "blue"}, "colour"),
        ({"carrier": "nobody", "tracking_number": "1234567890"}, "carrier"),
        ({"lines": []}, "lines"),
    ],
)
def test_a_wrong_parcel_is_refused_by_name(client, order, key_of, change, field):
    answer = ship(client, order, key_of(order.merchant), **change)

    told = answer.json()
    assert (answer.status_code, told.get("field") or told["errors"][0]["field"]) == (400, field)
