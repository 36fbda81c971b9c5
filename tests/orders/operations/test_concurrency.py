"""Many at once: the last unit, the same key, the same refund. Real connections, with a control that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection, connections

from catalog.models import Stock, StockReservation, Variant
from catalog.operations import stock as stock_operations
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders import operations
from orders.models import Basket, Checkout, Order, OrderGroup, Payment, Refund
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import (
    ADDRESS,
    DE,
    NOW,
    load_rates,
    make_basket,
    make_checkout,
    make_merchant,
    make_variant,
    pay,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
BUYERS, ROUNDS = 50, 20


@pytest.fixture(autouse=True)
def _rates(transactional_db: None) -> None:
    load_rates()


def at_once(work: Callable[[int], Any], count: int) -> list[Any]:
    """Run `work(0…count-1)` in as many threads, released together; refusals come back as their code."""
    gate = Barrier(count)

    def run(number: int) -> Any:
        gate.wait()
        try:
            return work(number)
        except RightfulError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def buy(basket: Basket) -> str:
    """Go the whole way from the basket to the order."""
    checkout = operations.start_checkout(basket_id=basket.pk, place=DE, user=None, now=NOW)
    operations.set_address(checkout_id=checkout.pk, email="ada@example.com", address=ADDRESS, now=NOW)
    checkout = operations.show_quote(checkout_id=checkout.pk, now=NOW)
    return pay(checkout).kind


def put_back(variant: Variant, baskets: list[Basket]) -> None:
    """Make it one unit again that everybody wants."""
    Stock.objects.filter(variant=variant).update(on_hand=1, reserved=0)
    StockReservation.objects.filter(state="held").update(state="released")
    Checkout.objects.filter(state__in=["open", "paying"]).update(state="abandoned")
    for basket in baskets:
        if not basket.lines.exists():
            operations.add_to_basket(
                basket_id=basket.pk, variant=variant.public_id, quantity=1, place=DE, now=NOW
            )


@pytest.mark.slow
def test_the_last_unit_is_sold_exactly_once() -> None:
    variant = make_variant(make_merchant(), stock=1)
    baskets = [make_basket([(variant, 1)]) for _ in range(BUYERS)]
    sold = []
    for _ in range(ROUNDS):
        put_back(variant, baskets)
        before = Order.objects.count()
        results = at_once(lambda n: buy(baskets[n]), BUYERS)
        assert results.count("placed") == 1, results
        sold.append(Order.objects.count() - before)
        stock = Stock.objects.get(variant=variant)
        assert (stock.on_hand, stock.reserved) == (0, 0)
    assert sold == [1] * ROUNDS


@contextmanager
def without_the_lock(monkeypatch: pytest.MonkeyPatch, buyers: int) -> Iterator[None]:
    """Read stock without locking it, let everybody read before anybody writes, and drop the last safeguard."""
    gate = Barrier(buyers)
    honest = stock_operations._refuse_shortages

    def unlocked(variant_ids: Any) -> dict[int, Stock]:
        return {row.pk: row for row in Stock.objects.filter(pk__in=list(variant_ids)).order_by("pk")}

    def wait_for_all(*args: Any) -> None:
        honest(*args)
        try:
            gate.wait(timeout=5)
        except BrokenBarrierError:
            pass  # somebody was refused earlier; the rest goes on

    monkeypatch.setattr(stock_operations, "_locked", unlocked)
    monkeypatch.setattr(stock_operations, "_refuse_shortages", wait_for_all)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_stock DROP CONSTRAINT catalog_stock_not_oversold")
    try:
        yield
    finally:
        Stock.objects.update(on_hand=0, reserved=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE catalog_stock ADD CONSTRAINT catalog_stock_not_oversold CHECK (reserved <= on_hand)"
            )


def test_control_without_the_lock_the_last_unit_is_promised_to_many(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = make_variant(make_merchant(), stock=1)
    baskets = [make_basket([(variant, 1)]) for _ in range(8)]

    def hold(number: int) -> str:
        operations.start_checkout(basket_id=baskets[number].pk, place=DE, user=None, now=NOW)
        return "held"

    with without_the_lock(monkeypatch, len(baskets)):
        assert at_once(hold, len(baskets)).count("held") > 1


def test_with_the_lock_the_same_race_has_one_winner() -> None:
    variant = make_variant(make_merchant(), stock=1)
    baskets = [make_basket([(variant, 1)]) for _ in range(8)]
    results = at_once(
        lambda n: operations.start_checkout(basket_id=baskets[n].pk, place=DE, user=None, now=NOW).state, 8
    )
    assert results.count("open") == 1


def test_pressing_the_button_twenty_times_at_once_makes_one_order_and_one_payment(
    stripe_fake: StripeFake,
) -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])

    def press(_: int) -> str:
        outcome = operations.submit_order(
            checkout_id=checkout.pk, quote_digest=checkout.quote_digest, provider="stripe",
            method={"token": "pm_card_visa"}, return_url="", now=NOW,
        )  # fmt: skip
        return outcome.group.public_id if outcome.group else outcome.kind

    results = at_once(press, 20)
    assert set(results) == {OrderGroup.objects.get().public_id}
    assert (Order.objects.count(), Payment.objects.count(), len(stripe_fake.intents)) == (1, 1, 1)
    assert stripe_fake.captured_total() == checkout.quote["total_minor"]


def test_the_same_key_twenty_times_at_once_places_one_order() -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])
    outcome = pay(checkout, "card_challenge")
    operations.answer_challenge(ref=outcome.payment.provider_ref, passed=True)
    operations.payments.record_intent(
        payment_id=outcome.payment.pk, intent=operations.payments._ask(Payment.objects.get()), now=NOW
    )
    results = at_once(
        lambda _: (
            operations.place_order(
                checkout_id=checkout.pk, quote_digest=checkout.quote_digest, key="same", now=NOW
            ).public_id
        ),
        20,
    )
    assert (len(set(results)), OrderGroup.objects.count(), Order.objects.count()) == (1, 1, 1)


def test_numbers_of_a_merchant_stay_gapless_when_many_buy_at_once() -> None:
    merchant = make_merchant()
    variants = [make_variant(merchant, stock=1) for _ in range(12)]
    checkouts = [make_checkout([(variant, 1)]) for variant in variants]
    assert at_once(lambda n: pay(checkouts[n]).kind, 12) == ["placed"] * 12
    assert sorted(Order.objects.values_list("number", flat=True)) == list(range(1, 13))


def test_baskets_of_the_same_things_in_another_order_do_not_lock_each_other_out() -> None:
    merchant = make_merchant()
    one, two = make_variant(merchant, stock=100), make_variant(merchant, stock=100)
    checkouts = [make_checkout([(one, 1), (two, 1)] if n % 2 else [(two, 1), (one, 1)]) for n in range(16)]
    assert at_once(lambda n: pay(checkouts[n]).kind, 16) == ["placed"] * 16


def test_two_refunds_at_once_never_exceed_what_was_paid() -> None:
    payment = pay(make_checkout([(make_variant(make_merchant()), 1)])).payment
    part = Money(payment.captured_minor * 2 // 3, payment.currency)

    def refund(number: int) -> str:
        return operations.request_refund(
            payment_id=payment.pk, order=None, amount=part, key=f"k{number}", because="test", now=NOW
        ).state

    assert sorted(at_once(refund, 8)) == ["nothing_to_refund"] * 7 + ["requested"]
    payment.refresh_from_db()
    assert payment.refunded_minor == part.minor <= payment.captured_minor


def test_the_same_refund_asked_for_by_many_is_paid_once() -> None:
    payment = pay(make_checkout([(make_variant(make_merchant()), 1)])).payment
    amount = Money(100, payment.currency)

    def refund(_: int) -> str:
        row = operations.request_refund(
            payment_id=payment.pk, order=None, amount=amount, key="same", because="test", now=NOW
        )
        return operations.send_refund(refund_id=row.pk, now=NOW).state

    assert set(at_once(refund, 8)) == {"done"}
    payment.refresh_from_db()
    assert (Refund.objects.count(), payment.refunded_minor) == (1, 100)
