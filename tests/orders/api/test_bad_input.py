"""What callers get wrong or try on purpose: a problem document that names the field, and nothing written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from orders.models import Basket, BasketLine, Checkout, Payment
from tests.orders import factories as make

CHECKOUTS, PROBLEM = "/api/v1/checkouts", "application/problem+json"
NUL, HALF = "\\u0000", "\\ud800"
PLACE = {"street": "x", "city": "y", "country": "DE", "postcode": "10115"}


@pytest.fixture
def caller() -> Client:
    """Return a caller to whom a fault would be a 500 and not an exception of the test."""
    return Client(raise_request_exception=False)


@pytest.fixture
def basket() -> Basket:
    return make.make_basket([(make.make_variant(make.make_merchant()), 1)])


@pytest.fixture
def token(caller: Client, basket: Basket) -> str:
    """Return the token of a checkout that was begun over HTTP."""
    return send(caller, "post", "", json.dumps({"basket": basket.token})).json()["token"]


def send(client: Client, method: str, path: str, raw: str | bytes, **headers: str) -> Any:
    return getattr(client, method)(CHECKOUTS + path, raw, content_type="application/json", headers=headers)


def told(answer: Any) -> tuple[int, str | None, str]:
    """Return status, kind of document and the field that it names."""
    body = answer.json()
    named = body.get("field") or (body.get("errors") or [{}])[0].get("field")
    return answer.status_code, answer.headers["Content-Type"], named


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("{", "parse_error"),
        (b"\xff\xfe{}", "parse_error"),
        ('{"basket": NaN}', "parse_error"),
        ('{"basket": ' + "9" * 5000 + "}", "parse_error"),
        ("[" * 100_000, "parse_error"),
        ('{"basket": ' + '{"a":' * 50_000, "parse_error"),
        ("[1]", "invalid"),
        ('"word"', "invalid"),
        ("null", "invalid"),
    ],
    ids=["broken", "not UTF-8", "NaN", "endless number", "deep list", "deep object", "list", "word", "null"],
)
def test_a_body_that_is_no_object_is_refused_as_the_body(caller: Client, raw: str | bytes, kind: str):
    answer = send(caller, "post", "", raw)

    assert (*told(answer), answer.json()["type"]) == (400, PROBLEM, "body", f"urn:rightful:{kind}")


def test_a_huge_body_is_not_read(caller: Client):
    answer = send(caller, "post", "", b'{"basket": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}')

    assert (*told(answer), answer.json()["type"]) == (413, PROBLEM, "body", "urn:rightful:too_large")


def test_a_huge_message_of_a_provider_is_not_read(caller: Client):
    body = b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    answer = caller.post("/webhooks/payments/stripe", body, content_type="application/json")

    assert (answer.status_code, b"We could not read this" in answer.content) == (413, True)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/xml", "text/plain"])
def test_another_kind_of_body_is_refused_by_name(caller: Client, kind: str):
    answer = caller.post(CHECKOUTS, "basket=x", content_type=kind)

    assert (answer.status_code, answer.headers["Content-Type"], kind in answer.json()["detail"]) == (
        415,
        PROBLEM,
        True,
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("market=XX", "market"),
        ("market=de", "market"),
        ("market=" + "D" * 2000, "market"),
        ("market=D%00", "market"),
        ("currency=BTC", "currency"),
        ("currency=eur", "currency"),
        ("language=tlh", "language"),
        ("colour=blue", "colour"),
    ],
)
def test_an_unknown_place_is_refused_by_name(caller: Client, basket: Basket, query: str, field: str):
    answer = send(caller, "post", f"?{query}", json.dumps({"basket": basket.token}))

    assert (told(answer), Checkout.objects.count()) == ((400, PROBLEM, field), 0)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ('{"email": 5}', "email"),
        ('{"email": "ada@example.com", "address": "x"}', "address"),
        ('{"email": "ada@example.com", "address": []}', "address"),
        (json.dumps({"address": PLACE | {"name": "a" * 121}}), "address.name"),
        (json.dumps({"address": PLACE | {"name": 5 * [1]}}), "address.name"),
        (json.dumps({"address": PLACE | {"name": "@"}}).replace("@", NUL), "address.name"),
        (json.dumps({"address": PLACE | {"name": "@"}}).replace("@", HALF), "address.name"),
        ('{"shipping": [1]}', "shipping"),
        ('{"shipping": {"M-FORGED00": "standard"}}', "shipping"),
        ('{"shipping": {"M-' + NUL + '": "x"}}', "shipping"),
        ('{"consents": {"a": 1}}', "consents"),
        ('{"consents": [{"variant": 1, "kind": "exclusion", "given": "maybe"}]}', "consents.0.given"),
    ],
)
def test_wrong_types_are_refused_by_name_and_nothing_is_written(
    caller: Client, token: str, raw: str, field: str
):
    before = Checkout.objects.values().get()

    answer = send(caller, "patch", f"/{token}", raw)

    assert (told(answer), Checkout.objects.values().get()) == ((400, PROBLEM, field), before)


@pytest.mark.parametrize(
    ("raw", "status", "field"),
    [
        ('{"variant": "V-FORGED00", "quantity": 1}', 404, "variant"),
        ('{"variant": "V-' + NUL + '", "quantity": 1}', 400, "variant"),
        ('{"variant": {}, "quantity": 1}', 400, "variant"),
        ('{"variant": "V-FORGED00", "quantity": 0}', 400, "quantity"),
        ('{"variant": "V-FORGED00", "quantity": 1.5}', 400, "quantity"),
        ('{"variant": "V-FORGED00", "quantity": true}', 400, "quantity"),
        ('{"variant": "V-FORGED00", "quantity": 1e999}', 400, "quantity"),
        ('{"variant": "V-FORGED00", "quantity": 99999999999999999999}', 400, "quantity"),
    ],
)
def test_forged_variants_and_odd_quantities_stay_out_of_the_basket(
    caller: Client, basket: Basket, raw: str, status: int, field: str
):
    answer = caller.post(f"/api/v1/baskets/{basket.token}/lines", raw, content_type="application/json")

    assert (told(answer), BasketLine.objects.count()) == ((status, PROBLEM, field), 1)


@pytest.mark.parametrize(
    ("raw", "key", "status", "field"),
    [
        ('{"quote": "x"}', "k", 400, "provider"),
        ('{"quote": "x", "provider": "pigeon", "method": {}}', "k", 400, "provider"),
        ('{"quote": "x", "provider": "offline", "method": []}', "k", 400, "method"),
        (
            '{"quote": "x", "provider": "offline", "method": {"token": "' + NUL + '"}}',
            "k",
            400,
            "method.token",
        ),
        ('{"quote": "x", "provider": "offline", "method": {"number": "4242"}}', "k", 400, "method.number"),
        ('{"quote": "x", "provider": "offline", "method": {}}', "k" * 300, 400, "Idempotency-Key"),
        ('{"quote": "x", "provider": "offline", "method": {}}', "\t", 400, "Idempotency-Key"),
    ],
)
def test_a_payment_that_cannot_be_read_opens_none(
    caller: Client, token: str, raw: str, key: str, status: int, field: str
):
    answer = send(caller, "post", f"/{token}/pay", raw, **{"Idempotency-Key": key})

    assert (told(answer), Payment.objects.count()) == ((status, PROBLEM, field), 0)


@pytest.mark.parametrize("path", ["/forged", "/a%00b", "/" + "x" * 3000, "/..%2f..%2fetc", "/%ff"])
def test_forged_tokens_are_not_there(caller: Client, path: str):
    answers = [caller.get(f"{base}{path}") for base in (CHECKOUTS, "/api/v1/orders", "/api/v1/baskets")]

    assert {(answer.status_code, answer.headers["Content-Type"]) for answer in answers} == {(404, PROBLEM)}


@pytest.mark.parametrize("key", ["rf_", "rf_a_b", "rf_a\x00_b", "rf_ä_b", "rf_" + "a" * 5000])
def test_a_forged_api_key_opens_nothing(caller: Client, key: str):
    answer = caller.get("/api/v1/merchant/orders", headers={"Authorization": f"Bearer {key}"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)


def test_another_method_is_refused(caller: Client, token: str):
    answer = send(caller, "put", f"/{token}", "{}")

    assert (answer.status_code, answer.headers["Content-Type"], "PATCH" in answer.headers["Allow"]) == (
        405,
        PROBLEM,
        True,
    )
