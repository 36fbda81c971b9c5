"""From a basket to an order over HTTP, with one key for one press of the button."""

from __future__ import annotations

import pytest

from orders.models import Order, OrderGroup, Payment
from tests.orders import factories as make

CHECKOUTS = "/api/v1/checkouts"
SHANGHAI = {
    "name": "Li",
    "street": "南京路1号",
    "city": "上海",
    "region": "Shanghai",
    "country": "CN",
    "postcode": "200000",
}


def send(client, method, path, body=None, **headers):
    return getattr(client, method)(
        path, {} if body is None else body, content_type="application/json", headers=headers
    )


@pytest.fixture
def checkout(client):
    """Return a checkout over two merchants, begun over HTTP."""
    wants = [
        (make.make_variant(make.make_merchant()), 2),
        (make.make_variant(make.make_merchant("CN", "CNY")), 1),
    ]
    basket = make.make_basket(wants)
    return send(client, "post", CHECKOUTS, {"basket": basket.token}).json()


@pytest.fixture
def ready(client, checkout):
    """Return it with address and quote."""
    path = f"{CHECKOUTS}/{checkout['token']}"
    send(client, "patch", path, {"email": "ada@example.com", "address": make.ADDRESS})
    return send(client, "post", f"{path}/quote").json()


def pay(client, ready, key="k-1", card="card_ok", **more):
    body = {"quote": ready["quote"]["digest"], "provider": "offline", "method": {"token": card}} | more
    return send(
        client, "post", f"{CHECKOUTS}/{ready['token']}/pay", body, **({"Idempotency-Key": key} if key else {})
    )


def test_what_is_missing_is_told_until_nothing_is(client, checkout, ready):
    assert (checkout["missing"], ready["missing"], ready["may_order"]) == (["address", "quote"], [], True)


def test_paying_places_one_order_for_each_merchant(client, ready):
    told = pay(client, ready).json()

    order = client.get(f"/api/v1/orders/{told['order']}").json()
    assert (told["kind"], len(order["orders"]), order["amounts"]["total"]) == (
        "placed",
        2,
        ready["quote"]["amounts"]["total"],
    )


def test_an_order_tells_the_frozen_law_and_the_rights_that_run(client, ready):
    told = pay(client, ready).json()

    [line, *_] = client.get(f"/api/v1/orders/{told['order']}").json()["orders"][0]["lines"]
    assert (bool(line["rulings"]), line["rights"][0]["key"], line["rights"][0]["answer"]["right_exists"]) == (
        True,
        "withdrawal",
        True,
    )


def test_the_same_key_answers_the_same_and_orders_once(client, ready):
    answers = [pay(client, ready) for _ in range(3)]

    assert (
        [answer.status_code for answer in answers],
        len({answer.content for answer in answers}),
        OrderGroup.objects.count(),
        Payment.objects.count(),
    ) == ([200] * 3, 1, 1, 1)


def test_the_same_key_with_another_body_is_refused(client, ready):
    pay(client, ready)

    answer = pay(client, ready, method={"token": "invoice"})

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


def test_without_a_key_nothing_happens(client, ready):
    answer = pay(client, ready, key="")

    assert (answer.status_code, answer.json()["field"], Payment.objects.count()) == (
        400,
        "Idempotency-Key",
        0,
    )


def test_a_declined_card_is_told_again_for_its_key_and_another_key_tries_again(client, ready):
    first, again, other = (
        pay(client, ready, "k-1", "card_declined").json(),
        pay(client, ready, "k-1", "card_declined").json(),
        pay(client, ready, "k-2", "card_ok").json(),
    )

    assert (first == again, first["kind"], other["kind"], Order.objects.count()) == (
        True,
        "failed",
        "placed",
        2,
    )


def test_another_sum_than_the_one_seen_is_a_conflict_with_the_new_one(client, ready):
    answer = pay(client, ready, quote="0" * 64)

    assert (answer.status_code, answer.json()["type"], answer.json()["digest"]) == (
        409,
        "urn:rightful:quote_changed",
        ready["quote"]["digest"],
    )


def test_a_way_of_shipping_is_chosen_and_an_unknown_one_changes_nothing(client, ready):
    path = f"{CHECKOUTS}/{ready['token']}"
    first, second = (part["merchant"] for part in ready["quote"]["consignments"])

    wrong = send(client, "patch", path, {"shipping": {first: "express", second: "teleport"}})
    untouched = client.get(path).json()["shipping"]
    right = send(client, "patch", path, {"shipping": {first: "express"}})

    assert (wrong.status_code, untouched, right.json()["shipping"]) == (400, {}, {first: "express"})


def test_a_consent_is_kept_where_the_law_asks_for_it_and_refused_elsewhere(client):
    cream = make.make_variant(
        make.make_merchant(), disclosures={"sealed_hygiene": True}, category="cos.skin_care"
    )
    consent = {"variant": cream.public_id, "kind": "exclusion"}
    answers = []
    for place in (SHANGHAI, make.ADDRESS):
        basket = make.make_basket([(cream, 1)])
        token = send(client, "post", CHECKOUTS, {"basket": basket.token}).json()["token"]
        send(client, "patch", f"{CHECKOUTS}/{token}", {"email": "ada@example.com", "address": place})
        asked = client.get(f"{CHECKOUTS}/{token}").json()["consents"]
        consent["text"] = asked[0]["text"] if asked else "It cannot come back."
        answers.append(send(client, "patch", f"{CHECKOUTS}/{token}", {"consents": [consent]}))

    given, refused = answers
    assert (
        [(one["variant"], one["given"]) for one in given.json()["consents"]],
        refused.status_code,
        refused.json()["type"],
    ) == ([(cream.public_id, True)], 400, "urn:rightful:consent_not_asked")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"colour": "blue"}, "colour"),
        ({"email": "ada"}, "email"),
        ({"address": make.ADDRESS | {"planet": "Mars"}}, "address.planet"),
        ({"email": "ada@example.com", "address": make.ADDRESS | {"country": "XX"}}, "country"),
        ({"email": "ada@example.com", "address": make.ADDRESS | {"postcode": "X"}}, "postcode"),
    ],
)
def test_wrong_details_are_refused_by_name(client, checkout, body, field):
    answer = send(client, "patch", f"{CHECKOUTS}/{checkout['token']}", body)

    told = answer.json()
    assert (answer.status_code, told.get("field") or told["errors"][0]["field"]) == (400, field)


def test_forged_tokens_open_nothing(client):
    answers = [
        client.get(f"{CHECKOUTS}/forged"),
        client.get(f"{CHECKOUTS}/forged/pay"),
        client.get("/api/v1/orders/forged"),
        send(client, "post", CHECKOUTS, {"basket": "forged"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_an_order_of_an_account_opens_for_that_account_alone(client, ready, django_user_model):
    told = pay(client, ready).json()
    owner = django_user_model.objects.create_user("ada@example.com", "correct horse battery")
    OrderGroup.objects.update(user=owner)
    before = client.get(f"/api/v1/orders/{told['order']}").status_code

    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")

    assert (before, client.get(f"/api/v1/orders/{told['order']}").status_code) == (404, 200)
