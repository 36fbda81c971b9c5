"""A basket over HTTP."""

from __future__ import annotations

import pytest

from tests.orders import factories as make

BASKETS = "/api/v1/baskets"


def send(client, method, path, body=None):
    return getattr(client, method)(
        f"{BASKETS}{path}", {} if body is None else body, content_type="application/json"
    )


@pytest.fixture
def token(client):
    return send(client, "post", "").json()["token"]


def test_a_basket_is_filled_changed_and_emptied(client, token):
    variant = make.make_variant(make.make_merchant())
    lines, line = f"/{token}/lines", f"/{token}/lines/{variant.public_id}"

    added = send(client, "post", lines, {"variant": variant.public_id, "quantity": 2})
    changed = send(client, "patch", line, {"quantity": 3})
    listed = client.get(f"{BASKETS}{lines}").json()["results"]
    removed = send(client, "delete", line)

    assert (
        [answer.status_code for answer in (added, changed, removed)],
        added.json()["count"],
        [row["quantity"] for row in listed],
        changed.json()["landed"]["total"]["currency"],
        client.get(f"{BASKETS}/{token}").json()["count"],
    ) == ([201, 200, 204], 2, [3], "EUR", 0)


def test_a_changed_price_is_shown_until_it_is_accepted(client, token):
    variant = make.make_variant(make.make_merchant())
    send(client, "post", f"/{token}/lines", {"variant": variant.public_id})
    variant.offers.update(price_minor=2400)

    [change] = client.get(f"{BASKETS}/{token}").json()["changes"]
    send(client, "post", f"/{token}/accept")

    assert (change["what"], client.get(f"{BASKETS}/{token}").json()["changes"]) == ("price", [])


def test_a_forged_token_opens_nothing(client):
    paths = ["/forged", "/forged/lines", "/forged/lines/V-AAAAAAAA", "/forged/accept"]

    assert [client.get(f"{BASKETS}{path}").status_code for path in paths] == [404] * 4


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"variant": "V-FORGED22"}, 404, "variant"),
        ({"variant": "V-FORGED22", "quantity": 0}, 400, "quantity"),
        ({"variant": "V-FORGED22", "gift": True}, 400, "gift"),
    ],
)
def test_a_wrong_line_is_refused_by_name(client, token, body, status, field):
    answer = send(client, "post", f"/{token}/lines", body)

    told = answer.json()
    named = told.get("field") or told["errors"][0]["field"]
    assert (answer.status_code, named, answer["Content-Type"]) == (status, field, "application/problem+json")


@pytest.mark.parametrize(("name", "value"), [("market", "XX"), ("currency", "ZZZ"), ("colour", "blue")])
def test_an_unknown_place_is_refused(client, token, name, value):
    answer = client.get(f"{BASKETS}/{token}", {name: value})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)


def test_more_than_there_are_is_a_conflict(client, token):
    variant = make.make_variant(make.make_merchant(), stock=1)

    answer = send(client, "post", f"/{token}/lines", {"variant": variant.public_id, "quantity": 2})

    assert (answer.status_code, answer.json()["available"]) == (409, 1)
