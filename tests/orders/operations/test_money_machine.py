"""Order, payment, refund, chargeback and payout under any sequence of what people, banks and clocks may do.

After every step the books balance, agree with payments, refunds, chargebacks and payouts, and nobody has got more
than was paid. RIGHTFUL_EXAMPLES and RIGHTFUL_STEPS make it longer (10 sequences of 25 steps in the everyday run).
Three planted faults show that the machine sees what it looks for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money
from orders import operations
from orders.domain.ledger import ACCOUNTS
from orders.models import Chargeback, LedgerEntry, Order, OrderLine, Payout, Posting, Refund
from orders.operations import Packed, books, chargebacks, checking, refunds
from orders.payments import Dispute, RefundResult
from orders.payments.bank import Transfer
from orders.queries.books import trial_balance
from orders.queries.refunds import lines_left
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EXAMPLES = int(os.environ.get("RIGHTFUL_EXAMPLES", "10"))
STEPS = int(os.environ.get("RIGHTFUL_STEPS", "25"))
IBAN = "FR7630006000011234567890189"


class Till(RuleBasedStateMachine):
    """One checkout over two merchants, and everything that money can do afterwards."""

    @initialize(quantities=st.tuples(st.integers(1, 3), st.integers(1, 3)))
    def buy(self, quantities: tuple[int, int]) -> None:
        self.now, self.serial = NOW, 0
        wants = []
        for quantity in quantities:
            merchant = make_merchant()
            operations.set_bank_account(
                merchant_id=merchant.pk, holder="S", number=IBAN, given_by="test", now=NOW
            )
            wants.append((make_variant(merchant), quantity))
        self.payment = pay(make_checkout(wants)).payment
        self.orders = list(Order.objects.filter(group=self.payment.group_id).order_by("pk"))

    # -- refunds

    @rule(which=st.integers(0, 1), share=st.integers(1, 130), sends=st.booleans())
    def refund(self, which: int, share: int, sends: bool) -> None:
        order = self.orders[which]
        amount = Money(max(order.total_minor * share // 100, 1), order.currency)
        self.serial += 1
        key = f"{order.public_id}:{self.serial}"

        def ask() -> None:
            row = operations.request_refund(order=order, amount=amount, key=key, because="t", now=self.now)
            if sends:
                operations.send_refund(refund_id=row.pk, now=self.now)

        self._quietly(ask)

    @rule(ends=st.sampled_from(["done", "failed"]), data=st.data())
    def hear_of_a_refund(self, ends: str, data: st.DataObject) -> None:
        rows = list(self._refunds().order_by("pk"))
        if rows:
            row = data.draw(st.sampled_from(rows))
            if ends == "done":
                operations.send_refund(refund_id=row.pk, now=self.now)
            else:
                told = RefundResult("", "failed", "declined")
                refunds.record_refund(refund_id=row.public_id, result=told, now=self.now)

    # -- banks

    @rule(number=st.integers(0, 2), share=st.integers(1, 120), state=st.sampled_from(["open", "won", "lost"]))
    def dispute(self, number: int, share: int, state: str) -> None:
        amount = max(self.payment.captured_minor * share // 100, 1)
        known = Chargeback.objects.filter(payment=self.payment, provider_ref=f"dp_{number}").first()
        told = Dispute(
            f"dp_{number}", "", state, known.amount_minor if known else amount, fee_minor=15, reason="fraud"
        )
        operations.record_dispute(payment_id=self.payment.pk, dispute=told, now=self.now)

    @rule(state=st.sampled_from(["accepted", "bounced"]), data=st.data())
    def hear_of_a_payout(self, state: str, data: st.DataObject) -> None:
        rows = list(self._payouts().exclude(state="prepared").order_by("pk"))
        if rows:
            row = data.draw(st.sampled_from(rows))
            operations.record_transfer(payout_id=row.pk, transfer=Transfer("", state, "t"), now=self.now)
            operations.set_bank_account(
                merchant_id=row.merchant_id, holder="S", number=IBAN, given_by="test", now=self.now
            )

    @rule(which=st.integers(0, 1), minor=st.integers(1, 500))
    def pay_in(self, which: int, minor: int) -> None:
        self.serial += 1
        order = self.orders[which]
        operations.record_pay_in(
            merchant_id=order.merchant_id, amount=Money(minor, order.currency),
            key=f"{order.public_id}:{self.serial}", now=self.now,
        )  # fmt: skip

    # -- parcels, the clock and the job

    @rule(which=st.integers(0, 1))
    def deliver(self, which: int) -> None:
        def send() -> None:
            order = self.orders[which]
            packed = [Packed(line.public_id, line.quantity) for line in order.lines.all()]
            parcel = operations.ship_parcel(
                order_id=order.pk, packed=packed, carrier="other", tracking_number="", recorded_by="test",
                now=self.now,
            )  # fmt: skip
            operations.record_delivery(
                parcel_id=parcel.pk,
                delivered_at=self.now,
                received_by="consumer",
                recorded_by="t",
                now=self.now,
            )

        self._quietly(send)

    @rule(which=st.integers(0, 1))
    def cancel(self, which: int) -> None:
        self._quietly(
            lambda: operations.cancel_order(order_id=self.orders[which].pk, because="t", now=self.now)
        )

    @rule(days=st.sampled_from([1, 10, 20]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def pay_merchants(self) -> None:
        operations.run_payouts(now=self.now)

    # -- what must always hold

    @invariant()
    def the_books_agree(self) -> None:
        if hasattr(self, "payment"):
            assert trial_balance().is_zero
            assert checking.check_books(now=self.now, with_providers=False).differences == ()

    @invariant()
    def nobody_gets_more_than_was_paid(self) -> None:
        if not hasattr(self, "payment"):
            return
        self.payment.refresh_from_db()
        paid = self.payment
        assert paid.refunded_minor + paid.disputed_minor <= paid.captured_minor
        lines = list(OrderLine.objects.filter(order__in=self.orders).select_related("order"))
        left = {one.line: one for one in lines_left(lines)}
        booked = books.on_books([line.pk for line in lines])
        failures = self._refunds().filter(state="failed").count()
        for line in lines:
            rest = left[line.public_id]
            assert all(minor >= 0 for minor in rest.left.values())
            stays = line.commission_minor * rest.left["goods"] // line.goods_minor
            assert booked[line.pk].held >= 0
            assert abs(booked[line.pk].commission - stays) <= 1 + failures

    @invariant()
    def what_the_provider_holds_is_what_moved(self) -> None:
        if not hasattr(self, "payment"):
            return
        done = sum(self._refunds().filter(state="done").values_list("amount_minor", flat=True))
        taken = Chargeback.objects.filter(payment=self.payment)
        fees = sum(taken.values_list("fee_minor", flat=True))
        gone = sum(taken.exclude(state="won").values_list("amount_minor", flat=True))
        entries = LedgerEntry.objects.filter(payment=self.payment)
        clearing = Posting.objects.filter(entry__in=entries, account__kind="provider_clearing")
        held = sum(clearing.values_list("amount_minor", flat=True))
        assert held == self.payment.captured_minor - done - gone - fees

    @invariant()
    def only_what_went_twice_is_lost_by_the_marketplace(self) -> None:
        if not hasattr(self, "payment"):
            return
        lost = Chargeback.objects.filter(payment=self.payment, state="lost")
        entries = LedgerEntry.objects.filter(payment=self.payment)
        losses = Posting.objects.filter(entry__in=entries, account__kind="chargeback_losses")
        twice = sum(lost.values_list("refunded_minor", flat=True))
        assert sum(losses.values_list("amount_minor", flat=True)) == twice

    @invariant()
    def only_accounts_that_we_know_move(self) -> None:
        if hasattr(self, "payment"):
            assert {row.account for row in trial_balance().rows} <= set(ACCOUNTS)

    def _refunds(self) -> Any:
        return Refund.objects.filter(payment=self.payment)

    def _payouts(self) -> Any:
        return Payout.objects.filter(merchant__orders__in=self.orders)

    @staticmethod
    def _quietly(work: Callable[[], Any]) -> None:
        """Do what somebody tries; being refused is one of the ways it can go."""
        try:
            work()
        except RightfulError:
            pass


def test_the_books_agree_whatever_happens():
    load_rates()
    run_state_machine_as_test(
        Till,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _forget_the_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refunds.books, "post_refund_failed", lambda *args, **more: None)


def _a_refund_fails(till: Till) -> None:
    till.refund(which=0, share=50, sends=False)
    only: Any = SimpleNamespace(draw=lambda _: Refund.objects.get())
    till.hear_of_a_refund(ends="failed", data=only)


def _forget_the_chargeback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refunds, "left_of", lambda payment: payment.captured_minor - payment.refunded_minor)


def _all_is_refunded_after_a_dispute(till: Till) -> None:
    till.dispute(number=0, share=60, state="open")
    till.refund(which=0, share=100, sends=False)
    till.refund(which=1, share=100, sends=False)


def _lose_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chargebacks, "borne_legs", lambda *args: [])


def _a_dispute_is_lost(till: Till) -> None:
    till.dispute(number=0, share=50, state="lost")


FAULTS = [
    (_forget_the_failure, _a_refund_fails),
    (_forget_the_chargeback, _all_is_refunded_after_a_dispute),
    (_lose_for_nobody, _a_dispute_is_lost),
]


def look_after(steps: Callable[[Till], None]) -> None:
    """Go these steps of the machine, which show the fault if it is there, and look at all that must hold."""
    load_rates()
    till = Till()
    till.buy(quantities=(1, 2))
    _look(till)
    steps(till)
    _look(till)


def _look(till: Till) -> None:
    till.the_books_agree()
    till.nobody_gets_more_than_was_paid()
    till.what_the_provider_holds_is_what_moved()
    till.only_what_went_twice_is_lost_by_the_marketplace()
    till.only_accounts_that_we_know_move()


@pytest.mark.parametrize(("plant", "steps"), FAULTS)
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    steps: Callable[[Till], None],
    monkeypatch: pytest.MonkeyPatch,
):
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        look_after(steps)


@pytest.mark.parametrize("steps", [steps for _, steps in FAULTS])
def test_the_same_steps_without_the_fault_are_in_order(steps: Callable[[Till], None]):
    look_after(steps)
