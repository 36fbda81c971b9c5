"""The basket in the browser: its cookie, and what becomes of it when somebody signs in."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.accounts.models import User
from orders.models import BasketLine
from tests.orders.factories import load_rates, make_merchant, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant(db: None) -> str:
    load_rates()
    return make_variant(make_merchant()).public_id


def test_what_a_guest_gathered_follows_into_the_account(client: Client, variant: str):
    client.post("/basket/add", {"variant": variant, "quantity": "2"})
    user = User.objects.create_user("ana@example.org", "correct horse battery")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    client.get("/basket")

    lines = BasketLine.objects.filter(basket__user=user, basket__closed_at=None)
    assert list(lines.values_list("variant__public_id", "quantity")) == [(variant, 2)]


def test_a_forged_cookie_is_an_empty_basket(client: Client, variant: str):
    client.cookies["basket"] = "forged:cookie"

    assert client.get("/basket").context["page"]["merchants"] == []


@pytest.mark.parametrize("quantity", ["0", "-1", "1000", "two", "", "1e3"])
def test_a_quantity_that_is_none_changes_nothing(client: Client, variant: str, quantity: str):
    client.post("/basket/add", {"variant": variant, "quantity": quantity})

    assert BasketLine.objects.count() == 0


def test_the_way_back_never_leads_to_another_site(client: Client, variant: str):
    answer = client.post(
        "/basket/add", {"variant": variant, "quantity": "1", "next": "https://evil.example/"}
    )

    assert answer.headers["Location"] == "/basket"
