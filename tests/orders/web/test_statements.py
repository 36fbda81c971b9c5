"""How many statements the way from the product to the order takes, so that it is seen when they grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Checkout, OrderGroup
from tests.orders import factories as make
from tests.orders.factories import load_rates, make_merchant, make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def counted(act: Any) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    return answer, len(captured)


def test_a_guests_way_to_an_order_takes_no_more_statements_than_it_did():
    cache.clear()
    load_rates()
    client, variant = Client(), make_variant(make_merchant(), stock=9)
    client.cookies["market"], client.cookies["language"], client.cookies["currency"] = "DE", "en", "EUR"
    client.get("/basket")

    _, added = counted(lambda: client.post("/basket/add", {"variant": variant.public_id, "quantity": 1}))
    _, looked = counted(lambda: client.get("/basket"))
    started, held = counted(lambda: client.post("/checkout"))
    filled = {"email": "ada@example.com", **make.ADDRESS, "method": "offline", "card": "card_ok"}
    _, priced = counted(lambda: client.post(started.url, {**filled, "action": "quote"}))
    quote = Checkout.objects.get().quote_digest
    done, paid = counted(lambda: client.post(started.url, {**filled, "action": "pay", "quote": quote}))
    _, bought = counted(lambda: client.get(done.url))

    found = {"add": added, "basket": looked, "start": held, "price": priced, "pay": paid, "order": bought}
    most = {"add": 12, "basket": 4, "start": 12, "price": 10, "pay": 54, "order": 8}  # with BEGIN and COMMIT
    assert (OrderGroup.objects.count(), {name: found[name] for name in most if found[name] > most[name]}) == (
        1,
        {},
    )
