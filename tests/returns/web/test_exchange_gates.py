"""Whose exchange and whose money: other shoppers, other merchants and readers find nothing that they could do."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from orders.models import Supplement
from returns.models import Exchange, ExchangePolicy
from tests.returns.factories import LATER
from tests.returns.operations.test_exchanging import Case, again, come_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


@pytest.fixture(autouse=True)
def _day():
    cache.clear()
    with time_machine.travel(LATER, tick=False):
        yield


def signed_in(email: str, *, merchant: Any = None, role: str = "owner") -> Client:
    user = User.objects.create_user(email, "correct horse battery", is_staff=merchant is not None)
    if merchant is not None:
        merchant.members.create(user=user, role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_link_of_another_order_opens_no_exchange_of_this_one(client):
    case, other = Case(), Case()
    wrong = reverse("exchange-choose", args=[other.group.token, case.line.public_id])
    form = {"variant": case.new.public_id, "quantity": "1", "seen": "0", "nonce": "n", "step": "agree"}
    assert [client.get(wrong).status_code, client.post(wrong, form).status_code] == [404, 404]
    assert Exchange.objects.count() == 0


def test_an_order_of_an_account_is_exchanged_by_that_account_alone(client):
    case = Case()
    owner, eve = signed_in("ada@example.com"), signed_in("eve@example.com")
    case.group.user = User.objects.get(email="ada@example.com")
    case.group.save()
    links = [
        reverse("exchange-start", args=[case.group.token]),
        reverse("exchange-choose", args=[case.group.token, case.line.public_id]),
    ]
    assert [[who.get(link).status_code for link in links] for who in (owner, eve, client)] == [
        [200, 200], [404, 404], [404, 404],
    ]  # fmt: skip


def test_nobody_guesses_an_exchange_or_what_is_paid_for_it(client):
    case = Case(price=1500)
    exchange, supplement = case.ask(), Supplement.objects.get()
    guesses = (exchange.public_id, supplement.public_id, case.group.token, "nothing")
    pages = ("exchange", "supplement", "supplement-bank", "supplement-leave")
    assert {client.get(reverse(page, args=[guess])).status_code for page in pages for guess in guesses} == {
        404
    }
    assert client.get(reverse("supplement", args=[exchange.token])).status_code == 404
    assert client.get(reverse("exchange", args=[supplement.token])).status_code == 404
    for action in ("cancel", "give-up"):
        assert client.post(reverse("exchange-act", args=[supplement.token, action])).status_code == 404
    assert again(exchange).state == "to_pay"


def acts(exchange: Exchange) -> list[tuple[str, dict[str, str]]]:
    """What a merchant may do about exchanges."""
    return [
        (
            reverse("merchant-return-exchange-ship", args=[exchange.public_id]),
            {"carrier": "Post", "tracking_number": "N1"},
        ),
        (reverse("merchant-return-exchange-out", args=[exchange.public_id]), {"why": "Gone."}),
        (reverse("merchant-return-exchange-promise"), {"days": "60", "ship_on": "scan"}),
    ]


def test_another_merchant_neither_sees_nor_sends_it():
    case, other = Case(), Case()
    exchange = case.ask()
    come_back(exchange)
    them = signed_in("them@example.com", merchant=other.order.merchant)
    shown = them.get(reverse("merchant-return-exchange", args=[exchange.public_id]))
    assert [shown.status_code, *(them.post(*act).status_code for act in acts(exchange)[:2])] == [404] * 3
    assert exchange.public_id not in them.get(reverse("merchant-return-exchanges")).content.decode()
    assert again(exchange).state == "ready"


def test_a_member_who_only_reads_changes_nothing():
    case = Case()
    exchange = case.ask()
    come_back(exchange)
    reader = signed_in("reader@example.com", merchant=case.order.merchant, role="viewer")
    assert reader.get(reverse("merchant-return-exchange", args=[exchange.public_id])).status_code == 200
    assert {reader.post(*act).status_code for act in acts(exchange)} <= {403, 404}
    assert (again(exchange).state, ExchangePolicy.objects.count()) == ("ready", 0)
