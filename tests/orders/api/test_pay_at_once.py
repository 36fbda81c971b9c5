"""The order button pressed many times at once, over real HTTP with real connections, with a control that fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import requests
from django.core.cache import cache

from orders.models import Checkout, Order, OrderGroup, Payment
from orders.operations import payments
from tests.fakes.stripe_server import StripeFake
from tests.orders import factories as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CALLERS = 20


@pytest.fixture(autouse=True)
def _rates(transactional_db: None) -> None:
    cache.clear()  # what was pressed in other tests does not count
    make.load_rates()


@pytest.fixture
def checkout(transactional_db: None, live_server: Any) -> dict[str, Any]:
    """Return a checkout over two merchants that is ready for the button, as the API tells it."""
    wants = [(make.make_variant(make.make_merchant(country)), 1) for country in ("FR", "DE")]
    begun = call(live_server, "post", "", {"basket": make.make_basket(wants).token})
    path = f"/{begun['token']}"
    call(live_server, "patch", path, {"email": "ada@example.com", "address": make.ADDRESS})
    return call(live_server, "post", f"{path}/quote", {})


def call(server: Any, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.request(method, f"{server.url}/api/v1/checkouts{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def press_at_once(
    server: Any, checkout: dict[str, Any], key_of: Callable[[int], str], callers: int = CALLERS
) -> list[requests.Response]:
    """Send so many presses of the button, released together."""
    gate = Barrier(callers)
    address = f"{server.url}/api/v1/checkouts/{checkout['token']}/pay"
    body = {
        "quote": checkout["quote"]["digest"],
        "provider": "stripe",
        "method": {"token": "pm_card_visa"},
    }

    def press(number: int) -> requests.Response:
        gate.wait()
        return requests.post(address, json=body, headers={"Idempotency-Key": key_of(number)}, timeout=60)

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(press, range(callers)))


def made(fake: StripeFake) -> tuple[int, int, int, int, bool]:
    """Return groups, orders, payments here and there, and whether exactly the price was taken."""
    taken = fake.captured_total() == sum(OrderGroup.objects.values_list("total_minor", flat=True))
    counts = (OrderGroup.objects.count(), Order.objects.count(), Payment.objects.count(), len(fake.intents))
    return *counts, taken


def test_the_same_key_twenty_times_at_once_is_one_order_and_one_answer(
    live_server: Any, checkout: dict[str, Any], stripe_fake: StripeFake
):
    answers = press_at_once(live_server, checkout, lambda _: "one press")

    assert ({answer.status_code for answer in answers}, len({answer.content for answer in answers})) == (
        {200},
        1,
    )
    assert (answers[0].json()["kind"], made(stripe_fake)) == ("placed", (1, 2, 1, 1, True))


def test_another_key_each_on_one_checkout_is_one_order_and_one_payment(
    live_server: Any, checkout: dict[str, Any], stripe_fake: StripeFake
):
    answers = press_at_once(live_server, checkout, lambda number: f"press {number}")

    told = {(answer.status_code, answer.json()["kind"], answer.json()["order"]) for answer in answers}
    assert (told, made(stripe_fake)) == (
        {(200, "placed", OrderGroup.objects.get().token)},
        (1, 2, 1, 1, True),
    )


def test_control_without_the_lock_the_presses_get_into_each_other_s_way(
    live_server: Any,
    checkout: dict[str, Any],
    stripe_fake: StripeFake,
    monkeypatch: pytest.MonkeyPatch,
):
    """Without the checkout's lock everybody opens a payment; only the last safeguards of the tables stop them."""
    callers = 8
    gate = Barrier(callers)

    def unlocked(checkout_id: int) -> Checkout:
        found = Checkout.objects.get(pk=checkout_id)
        try:
            gate.wait(timeout=5)
        except BrokenBarrierError:
            pass  # somebody was refused; the rest goes on
        return found

    monkeypatch.setattr(payments, "_lock_checkout", unlocked)

    answers = press_at_once(live_server, checkout, lambda number: f"press {number}", callers)

    assert {answer.status_code for answer in answers} != {200}
