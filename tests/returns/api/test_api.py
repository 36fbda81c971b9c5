"""Declaring and receiving over HTTP."""

from __future__ import annotations

import pytest
import time_machine
from django.core.cache import cache

from returns.models import ReturnParcel, ReturnUnit, Withdrawal
from tests.returns import factories
from tests.returns.factories import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


def declare(client, group, quantity=1, key="d-1"):
    line = group.orders.get().lines.get().public_id
    body = {"name": "Ada", "email": "ada@example.com", "lines": [{"line": line, "quantity": quantity}]}
    path = f"/api/v1/orders/{group.token}/withdrawals"
    return client.post(path, body, content_type="application/json", headers={"Idempotency-Key": key})


def test_a_declaration_is_answered_with_its_judgement(client):
    found = declare(client, factories.delivered(), 2)
    body = found.json()
    assert found.status_code == 201
    assert [(one["state"], one["ground"], one["last_day"]) for one in body["lines"]] == [
        ("effective", "in_time", "2026-12-09")
    ]
    assert body["lines"][0]["rulings"]
    assert (body["returns"][0]["state"], body["refunds"][0]["amount"]["amount"]) == ("announced", "23.80")


def test_the_same_key_is_the_same_declaration_and_another_body_is_refused(client):
    group = factories.delivered()
    first, again, other = declare(client, group), declare(client, group), declare(client, group, 2)
    assert first.json()["public_id"] == again.json()["public_id"]
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")
    assert Withdrawal.objects.count() == 1


def test_a_merchants_system_receives_and_inspects(client, key_of):
    group = factories.delivered()
    declare(client, group, 1)
    key = key_of(group.orders.get().merchant)
    [row] = client.get("/api/v1/merchant/returns", headers=key).json()["results"]
    path = f"/api/v1/merchant/returns/{row['public_id']}"
    line = group.orders.get().lines.get().public_id
    sent = {"content_type": "application/json", "headers": {**key, "Idempotency-Key": "r-1"}}
    got = client.post(f"{path}/receipt", {"lines": [{"line": line, "good": 1}]}, **sent).json()
    assert got["state"] == "received"
    verdict = {"unit": got["units"][0]["unit"], "accept": True, "grade": "A", "resellable": True}
    for _ in range(2):
        done = client.post(f"{path}/inspection", {"verdicts": [verdict]}, **sent)
    assert (done.json()["state"], ReturnUnit.objects.get().resellable) == ("inspected", True)


def test_returns_of_others_do_not_exist(client, key_of):
    group = factories.delivered()
    public_id = declare(client, group).json()["returns"][0]["public_id"]
    key = key_of(factories.make_merchant())
    assert client.get(f"/api/v1/merchant/returns/{public_id}", headers=key).status_code == 404


def test_a_label_over_http_is_agreed_with_its_price(client):
    token = declare(client, factories.delivered()).json()["returns"][0]["token"]
    path, sent = f"/api/v1/returns/{token}/label", {"method": "drop_off"}
    asked = client.post(path, sent, content_type="application/json")
    price = asked.json()["price_minor"]
    got = client.post(path, sent | {"agreed_minor": price}, content_type="application/json")
    assert (asked.status_code, asked.json()["type"], price > 0) == (
        409,
        "urn:rightful:label_price_changed",
        True,
    )
    assert (got.json()["tracking_number"][:2], ReturnParcel.objects.get().price_minor) == ("RR", price)
