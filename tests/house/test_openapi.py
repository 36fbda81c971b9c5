"""The schema of the API: committed as it is served, without a warning, and kept by every answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from rest_framework.views import APIView
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from catalog.operations import refresh_listings
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import clock
from returns.models import Return, Withdrawal
from returns.operations import add_claim_file
from tests.complaints.factories import make_ticket
from tests.conftest import ROOT
from tests.orders import factories as make
from tests.returns import factories as after_sales
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_seals import JPEG

COMMITTED = ROOT / "docs" / "openapi.yaml"
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]
DOCUMENT = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = get_wsgi_application()
READS = [path for path, item in DOCUMENT["paths"].items() if "get" in item]


def test_the_committed_schema_is_the_one_that_is_served_and_has_no_warning(tmp_path):
    made = tmp_path / "openapi.yaml"

    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(made))

    assert COMMITTED.read_text() == made.read_text(), "bin/manage spectacular --file docs/openapi.yaml"


def test_every_view_says_itself_who_may_come_in():
    views = [
        entry.callback.cls
        for group in get_resolver("marketplace.api_urls").url_patterns
        for entry in getattr(group, "url_patterns", [])
    ]

    silent = [
        view
        for view in views
        if not any("permission_classes" in vars(kind) for kind in view.__mro__ if kind is not APIView)
    ]
    assert (silent, len(views) > 20) == ([], True)


def test_everybody_may_write_only_where_a_secret_opens_it_and_where_nothing_is_kept():
    found = {
        path
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in ("post", "put", "patch", "delete")
        and not any(operation.get("security", []))
        and "{token}" not in path
    }

    assert found == {"/api/v1/baskets", "/api/v1/checkouts", "/api/v1/complaints", "/api/v1/rights/{ask}"}


@pytest.fixture
def one_connection(db) -> Iterator[None]:
    """Let requests share the test's transaction, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _sent_back(variant: Any, now: datetime) -> dict[str, dict[str, str]]:
    """Let something arrive and be withdrawn from; what opens the addresses of that."""
    arrived = after_sales.delivered(
        [(variant, 1)], bought=now - timedelta(days=6), at=now - timedelta(days=2)
    )
    line = arrived.orders.get().lines.get().public_id
    said = {"name": "Ada", "email": "ada@example.com", "lines": [{"line": line, "quantity": 1}]}
    answer = Client().post(
        f"/api/v1/orders/{arrived.token}/withdrawals",
        said,
        content_type="application/json",
        headers={"Idempotency-Key": "schema"},
    )
    assert answer.status_code == 201, answer.content
    for signal in (request_started, request_finished):  # the client has connected them again
        signal.disconnect(close_old_connections)
    going_back = Return.objects.get()
    wrong = after_sales.delivered([(variant, 1)], bought=now - timedelta(days=6), at=now - timedelta(days=2))
    claim = claim_on(wrong, now=now)
    add_claim_file(claim_id=claim.pk, file=("a.jpg", JPEG), now=now)
    return {
        "/api/v1/claims/{token}": {"token": claim.token},
        "/api/v1/merchant/claims/{public_id}": {"public_id": claim.public_id},
        "/api/v1/merchant/claims/{public_id}/files/{file}": {
            "public_id": claim.public_id,
            "file": str(claim.files.get().pk),
        },
        "/api/v1/withdrawals/{token}": {"token": Withdrawal.objects.get().token},
        "/api/v1/returns/{token}": {"token": going_back.token},
        "/api/v1/merchant/returns/{public_id}": {"public_id": going_back.public_id},
    }


@pytest.fixture
def sold(one_connection) -> dict[str, Any]:
    """Put something into the shop and sell it; what opens each address."""
    cache.clear()
    make.load_rates()
    now = clock.now()
    merchant = make.make_merchant()
    variant = make.make_variant(merchant, disclosures={"material": {"en": "Cotton"}}, option_names=["Size"])
    refresh_listings(listing_ids=[variant.listing_id], now=now)
    bought = make.pay(make.make_checkout([(variant, 1)], now=now), now=now)
    staff = User.objects.create_user("staff@example.com", "correct horse battery")
    accounts.add_member(merchant=merchant, user=staff, role="owner")
    _, key = accounts.make_api_key(merchant=merchant, label="shop system", by=staff, now=now)
    ids = {
        "/api/v1/listings/{public_id}": {"public_id": variant.listing.public_id},
        "/api/v1/merchants/{public_id}": {"public_id": merchant.public_id},
        "/api/v1/merchant/offers/{sku}": {"sku": variant.sku},
        "/api/v1/merchant/orders/{public_id}": {"public_id": bought.group.orders.get().public_id},
        "/api/v1/baskets/{token}": {"token": make.make_basket([(variant, 2)]).token},
        "/api/v1/baskets/{token}/lines": {"token": make.make_basket([(variant, 2)]).token},
        "/api/v1/checkouts/{token}": {"token": make.make_checkout([(variant, 2)], now=now).token},
        "/api/v1/orders/{token}": {"token": bought.group.token},
        **_sent_back(variant, now),
        "/api/v1/complaints/{token}": {"token": make_ticket().token},
    }
    browser = Client()
    browser.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    session = {"sessionid": browser.cookies["sessionid"].value}
    return {
        "ids": ids,
        "headers": {"Authorization": f"Bearer {key}"},
        "cookies": {"/api/v1/complaints": session},
    }


@pytest.mark.parametrize("path", READS)
def test_every_address_answers_as_its_schema_says(sold, path):
    case = SCHEMA[path]["GET"].Case(
        path_parameters=sold["ids"].get(path, {}),
        headers=sold["headers"],
        cookies=sold["cookies"].get(path, {}),
    )

    response = case.call()

    case.validate_response(response, checks=CHECKS)
    assert response.status_code == 200


@pytest.mark.parametrize("path", READS)
def test_whatever_is_asked_the_answer_is_in_the_schema(sold, path):
    @given(case=SCHEMA[path]["GET"].as_strategy())
    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case):
        case.call_and_validate(checks=CHECKS)

    assert ask() is None
