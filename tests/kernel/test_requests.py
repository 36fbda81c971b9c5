from __future__ import annotations

import pytest
from django.test import Client

from marketplace.kernel.logs import hide_secrets

pytestmark = pytest.mark.django_db


def test_a_given_request_id_is_carried_and_a_strange_one_is_not(client: Client):
    ids = [
        client.get("/robots.txt", headers={"x-request-id": given}).headers["X-Request-ID"]
        for given in ("trace-12345678", "evil\tid")
    ]

    assert (ids[0], ids[1] == "evil\tid") == ("trace-12345678", False)


def test_the_shop_runs_scripts_of_its_own_only(client: Client):
    policy = client.get("/terms").headers["Content-Security-Policy"]

    assert {part.strip() for part in policy.split(";")} >= {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    }


def test_only_the_admin_s_theme_may_evaluate(client: Client):
    shop, admin = (
        client.get(path).headers["Content-Security-Policy"] for path in ("/terms", "/admin/login/")
    )

    assert ("unsafe" in shop, "'unsafe-eval'" in admin) == (False, True)


def test_what_is_nobody_s_business_does_not_reach_the_log():
    event = hide_secrets(
        None, "", {"event": "x", "email": "ana@example.org", "card_token": "tok", "order": "R-1"}
    )

    assert event == {"event": "x", "email": "[hidden]", "card_token": "[hidden]", "order": "R-1"}


def test_health_says_what_is_well(client: Client):
    report = client.get("/healthz").json()

    assert (report["database"], report["broker"], report["outbox"], report["status"]) == (
        "ok", "ok", {"lag_seconds": 0.0}, "ok",
    )  # fmt: skip


def test_health_fails_when_the_broker_is_down(client: Client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["broker"]) == (503, "down")
