"""What `/healthz` asks of apps."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.kernel import health
from marketplace.kernel.health import Reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_looks", {})


@pytest.mark.parametrize(("is_well", "code", "status"), [(True, 200, "ok"), (False, 503, "failing")])
def test_what_an_app_asks_to_be_looked_at_decides_with_the_rest(is_well: bool, code: int, status: str):
    health.look_at("tea", lambda now: Reading(True))
    health.look_at("tea", lambda now: Reading(is_well, {"cups": 3}))
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["status"], answer.json()["tea"]) == (
        code,
        status,
        {"well": is_well, "cups": 3},
    )
