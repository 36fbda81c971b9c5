"""Checkout, payment and order under any sequence of what people, providers and clocks may do.

The model is three numbers: units on the shelf, units sold, money kept. After every step the books of
the shop, of the stock and of the provider must agree with it; at the end nothing is left half-way.

MACHINE_PROFILE=release tries many more and longer sequences than the everyday run (`PROFILES`); a run that
was made with it is written down in docs/payments.md.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from catalog.models import Stock, StockMovement
from marketplace.kernel.errors import Conflict, RightfulError
from orders import operations
from orders.models import Checkout, OfflineIntent, Order, OrderLine, Payment, Refund
from orders.operations import Packed
from orders.payments import ProviderDown
from orders.payments.offline import OfflineProvider
from tests.orders.factories import ADDRESS, DE, NOW, load_rates, make_basket, make_merchant, make_variant, pay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
STOCK = 4
PROFILES = {"everyday": (30, 25), "release": (2_000, 50)}  # sequences, steps in each
LOSABLE = ("authorise", "capture", "cancel", "refund")


class Shop(RuleBasedStateMachine):
    """One thing for sale, four on the shelf, and everybody after it."""

    @initialize()
    def open(self) -> None:
        self.variant = make_variant(make_merchant(), stock=STOCK)
        self.now = NOW
        self.checkouts: list[int] = []

    # -- shoppers

    @rule(quantity=st.integers(1, 2))
    def begin(self, quantity: int) -> None:
        try:
            basket = make_basket([(self.variant, quantity)])
            checkout = operations.start_checkout(basket_id=basket.pk, place=DE, user=None, now=self.now)
        except Conflict:
            return
        operations.set_address(checkout_id=checkout.pk, email="a@example.com", address=ADDRESS, now=self.now)
        operations.show_quote(checkout_id=checkout.pk, now=self.now)
        self.checkouts.append(checkout.pk)

    @rule(token=st.sampled_from(["card_ok", "card_declined", "card_challenge", "card_slow"]), data=st.data())
    def press(self, token: str, data: st.DataObject) -> None:
        self._quietly(lambda: pay(self._one(data), token, self.now))

    @rule(step=st.sampled_from(LOSABLE), data=st.data())
    def press_and_lose_the_answer(self, step: str, data: st.DataObject) -> None:
        with _losing(step):
            self._quietly(lambda: pay(self._one(data), "card_ok", self.now))

    @rule(passed=st.booleans(), comes_back=st.booleans(), data=st.data())
    def answer_the_challenge(self, passed: bool, comes_back: bool, data: st.DataObject) -> None:
        waiting = list(self._payments().filter(state="needs_action").order_by("pk"))
        if waiting:
            payment = data.draw(st.sampled_from(waiting))
            operations.answer_challenge(ref=payment.provider_ref, passed=passed)
            if comes_back:
                self._quietly(lambda: operations.settle_payment(payment_id=payment.pk, now=self.now))

    @rule(loses=st.booleans(), data=st.data())
    def choose_another_way(self, loses: bool, data: st.DataObject) -> None:
        tried = list(self._payments().order_by("pk"))
        if tried:
            payment = data.draw(st.sampled_from(tried))
            step = lambda: operations.step_back(payment_id=payment.pk, now=self.now)  # noqa: E731
            with _losing("cancel") if loses else nullcontext():
                self._quietly(step)

    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        if self.checkouts:
            operations.abandon_checkout(checkout_id=self._one(data).pk, now=self.now)

    # -- the merchant

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        orders = list(self._orders().order_by("pk"))
        if orders:
            order = data.draw(st.sampled_from(orders))
            self._quietly(
                lambda: operations.cancel_order(order_id=order.pk, because="sold out", now=self.now)
            )

    @rule(data=st.data())
    def cancel_while_the_provider_is_down(self, data: st.DataObject) -> None:
        with _losing("refund"):
            self.cancel(data)

    @rule(quantity=st.integers(1, 2), data=st.data())
    def ship(self, quantity: int, data: st.DataObject) -> None:
        lines = list(OrderLine.objects.filter(order__in=self._orders()).order_by("pk"))
        if lines:
            line = data.draw(st.sampled_from(lines))
            self._quietly(
                lambda: operations.ship_parcel(
                    order_id=line.order_id, packed=[Packed(line.public_id, quantity)], carrier="other",
                    tracking_number="", recorded_by="test", now=self.now,
                )
            )  # fmt: skip

    # -- the clock and the jobs

    @rule(minutes=st.sampled_from([1, 5, 29, 31, 45]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def reconcile(self) -> None:
        operations.reconcile_payments(now=self.now)

    @rule()
    def release(self) -> None:
        operations.release_expired_checkouts(now=self.now)

    # -- what must always hold

    @invariant()
    def stock_agrees(self) -> None:
        if not hasattr(self, "variant"):
            return
        stock = Stock.objects.get(variant=self.variant)
        sold = sum(
            OrderLine.objects.filter(order__in=self._orders().exclude(state="cancelled")).values_list(
                "quantity", flat=True
            )
        )
        assert stock.on_hand == STOCK - sold
        assert stock.on_hand == sum(
            StockMovement.objects.filter(variant=self.variant).values_list("delta", flat=True)
        )
        assert 0 <= stock.reserved <= stock.on_hand

    @invariant()
    def states_agree(self) -> None:
        if not hasattr(self, "variant"):
            return
        for checkout in Checkout.objects.filter(pk__in=self.checkouts):
            live = checkout.payments.filter(state__in=["created", "needs_action"]).count()
            assert live <= 1
            assert (checkout.state == "placed") == hasattr(checkout, "group")
        for payment in self._payments():
            assert payment.refunded_minor <= payment.captured_minor <= payment.amount_minor
            orders = payment.group.orders.all() if payment.group else []
            if payment.state == "captured":
                assert all(order.state != "awaiting_payment" for order in orders)

    def teardown(self) -> None:
        """Let everything lapse; then no money is kept without an order, and none is owed."""
        if not hasattr(self, "variant"):
            return
        self.now += timedelta(hours=3)
        for _ in range(3):
            operations.release_expired_checkouts(now=self.now)
            operations.reconcile_payments(now=self.now)
            self.now += timedelta(minutes=5)
        self.stock_agrees()
        kept = sum(self._orders().exclude(state="cancelled").values_list("total_minor", flat=True))
        ours = sum(payment.captured_minor - payment.refunded_minor for payment in self._payments())
        refs = list(self._payments().values_list("provider_ref", flat=True))
        theirs = sum(
            one.captured_minor - one.refunded_minor for one in OfflineIntent.objects.filter(ref__in=refs)
        )
        assert kept == ours == theirs
        assert not self._payments().filter(state__in=["created", "needs_action", "authorised"]).exists()
        assert not Refund.objects.filter(payment__in=self._payments(), state="requested").exists()
        assert Stock.objects.get(variant=self.variant).reserved == 0

    def _one(self, data: st.DataObject) -> Checkout:
        if not self.checkouts:
            self.begin(1)
        if not self.checkouts:
            raise Conflict
        return Checkout.objects.get(pk=data.draw(st.sampled_from(self.checkouts)))

    def _payments(self) -> Any:
        return Payment.objects.filter(checkout__in=self.checkouts).select_related("group")

    def _orders(self) -> Any:
        return Order.objects.filter(group__checkout__in=self.checkouts)

    @staticmethod
    def _quietly(work: Any) -> None:
        """Do what somebody tries; being refused is one of the ways it can go."""
        try:
            work()
        except RightfulError:
            pass


class _losing:  # noqa: N801 -- reads as a phrase
    """Let a step at the provider happen, and its answer get lost."""

    def __init__(self, step: str) -> None:
        self.step, self.honest = step, getattr(OfflineProvider, step)

    def __enter__(self) -> None:
        honest = self.honest

        def lost(*args: Any, **kwargs: Any) -> Any:
            honest(*args, **kwargs)
            raise ProviderDown(provider="offline")

        setattr(OfflineProvider, self.step, lost)

    def __exit__(self, *_: object) -> None:
        setattr(OfflineProvider, self.step, self.honest)


def test_the_books_agree_whatever_happens() -> None:
    load_rates()
    sequences, steps = PROFILES[os.environ.get("MACHINE_PROFILE", "everyday")]
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
