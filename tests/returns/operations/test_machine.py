"""Withdrawals, returns and refunds under any sequence of what shoppers, clerks, carriers, officers and clocks may do.

After every step the shelf, the money and the rights must agree: what came back and can be sold is on the
shelf once; what is owed is exactly what the law says of all pieces that are withdrawn from; never more goes
back than was paid; each refund was asked for once.

    RIGHTFUL_EXAMPLES=2000 bin/test tests/returns/operations/test_machine.py     the long form: 50 steps each, three planted faults
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from catalog.models import Stock, StockMovement
from marketplace.kernel.errors import RightfulError
from orders import operations as orders
from orders.models import OrderLine, Payment, Refund
from orders.queries import after_sales
from returns import operations
from returns.carriers.protocol import Scan
from returns.domain.parts import sum_of
from returns.domain.states import BINDING
from returns.models import LineTally, OwedRefund, Return, ReturnUnit, ValueLoss, WithdrawalLine
from returns.operations import Counted, Verdict, declaring, receiving, reckoning
from returns.operations.reckoning import standing_losses
from returns.queries import law
from tests.returns import factories
from tests.returns.factories import BOUGHT, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("rates")]
STOCK, BOUGHT_PIECES = 10, 4
LONG = int(os.environ.get("RIGHTFUL_EXAMPLES", "0"))


class AfterTheSale(RuleBasedStateMachine):
    """One order of four pieces, sent in full, in part or not at all."""

    @initialize(sent=st.sampled_from([4, 4, 4, 2, 0]))
    def sell(self, sent: int) -> None:
        self.variant = make_variant(make_merchant(), stock=STOCK)
        self.group = factories.buy([(self.variant, BOUGHT_PIECES)])
        self.order = self.group.orders.get()
        self.line = self.order.lines.get()
        self.now, self.serial = BOUGHT + timedelta(hours=1), 0
        if sent:
            self.send(sent)

    def send(self, count: int) -> None:
        packed = [orders.Packed(self.line.public_id, count)]
        parcel = factories.send(self.order, now=self.now, packed=packed)
        self.now += timedelta(days=1)
        orders.record_delivery(
            parcel_id=parcel.pk, delivered_at=self.now, received_by="consumer", recorded_by="t", now=self.now
        )

    def quietly(self, work: Any) -> Any:
        try:
            return work()
        except RightfulError:
            return None

    def one(self, data: st.DataObject, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return data.draw(st.sampled_from(found)) if found else None

    def returns(self) -> Any:
        return Return.objects.filter(order=self.order)

    # -- what people do

    @rule(count=st.integers(1, BOUGHT_PIECES))
    def withdraw(self, count: int) -> None:
        self.serial += 1
        key = f"{self.group.public_id}:{self.serial}"
        self.quietly(lambda: declare(self.group, {self.line.public_id: count}, key=key, now=self.now))

    @rule(count=st.integers(1, 2))
    def send_more(self, count: int) -> None:
        self.quietly(lambda: self.send(count))

    @rule(data=st.data(), code=st.sampled_from(["accepted", "delivered", "lost"]))
    def scan(self, data: st.DataObject, code: str) -> None:
        ret = self.one(data, self.returns())
        if ret is not None:
            self.quietly(lambda: operations.issue_label(return_id=ret.pk, method="drop_off", now=self.now))
            for parcel in ret.parcels.exclude(tracking_number=""):
                operations.record_scans(
                    carrier=parcel.carrier, scans=[Scan(parcel.tracking_number, code, self.now)], now=self.now
                )

    @rule(data=st.data(), good=st.integers(0, 3), wrong=st.integers(0, 1), complete=st.booleans())
    def receive(self, data: st.DataObject, good: int, wrong: int, complete: bool) -> None:
        ret = self.one(data, self.returns())
        if ret is not None:
            counted = {self.line.public_id: Counted(good=good, wrong=wrong)}
            self.quietly(
                lambda: operations.receive_return(
                    return_id=ret.pk, counted=counted, complete=complete, by="c", now=self.now
                )
            )

    @rule(data=st.data(), accept=st.booleans(), grade=st.sampled_from("ABCD"), resellable=st.booleans())
    def inspect(self, data: st.DataObject, accept: bool, grade: str, resellable: bool) -> None:
        ret = self.one(data, self.returns())
        if ret is not None:
            unit = self.one(data, ReturnUnit.objects.filter(return_line__ret=ret))
            verdict = Verdict(unit.public_id, accept=accept, grade=grade, resellable=resellable)
            self.quietly(
                lambda: operations.inspect_return(return_id=ret.pk, verdicts=[verdict], by="c", now=self.now)
            )

    @rule(data=st.data(), way=st.sampled_from(["receive", "send_back"]))
    def settle_what_is_too_much(self, data: st.DataObject, way: str) -> None:
        unit = self.one(data, ReturnUnit.objects.filter(return_line__ret__order=self.order))
        if unit is not None:
            self.quietly(lambda: operations.settle_unit(unit_id=unit.pk, action=way, by="c", now=self.now))

    @rule(data=st.data(), amount=st.integers(1, 3000))
    def claim_a_loss(self, data: st.DataObject, amount: int) -> None:
        ret = self.one(data, self.returns().filter(reason="withdrawal"))
        if ret is not None:
            self.quietly(
                lambda: operations.claim_loss(
                    return_id=ret.pk, line=self.line.public_id, amount_minor=amount, why="Worn.",
                    evidence=("a.jpg", b"x"), by="m", now=self.now,
                )
            )  # fmt: skip

    @rule(data=st.data(), agree=st.booleans())
    def answer_a_loss(self, data: st.DataObject, agree: bool) -> None:
        loss = self.one(data, self.losses())
        if loss is not None:
            self.quietly(lambda: operations.answer_loss(loss_id=loss.pk, agree=agree, reply="", now=self.now))

    @rule(data=st.data(), stands=st.booleans())
    def decide_a_loss(self, data: st.DataObject, stands: bool) -> None:
        loss = self.one(data, self.losses())
        if loss is not None:
            self.quietly(
                lambda: operations.decide_loss(
                    loss_id=loss.pk, stands=stands, decision="x", by="o", now=self.now
                )
            )

    def losses(self) -> Any:
        return ValueLoss.objects.filter(return_line__ret__order=self.order)

    @rule(data=st.data(), grant=st.booleans())
    def dispute(self, data: st.DataObject, grant: bool) -> None:
        row = self.one(data, WithdrawalLine.objects.filter(line=self.line))
        if row is not None:
            line, pk = self.line.public_id, row.withdrawal_id
            self.quietly(
                lambda: operations.dispute_judgement(withdrawal_id=pk, line=line, why="x", now=self.now)
            )
            self.quietly(
                lambda: operations.decide_dispute(
                    withdrawal_id=pk, line=line, grant=grant, decision="x", by="o", now=self.now
                )
            )

    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        ret = self.one(data, self.returns())
        if ret is not None:
            self.quietly(lambda: operations.cancel_return(return_id=ret.pk, now=self.now))

    @rule(data=st.data())
    def pay_now(self, data: st.DataObject) -> None:
        owed = self.one(data, OwedRefund.objects.filter(order=self.order))
        if owed is not None:
            self.quietly(lambda: operations.request_owed(owed_id=owed.pk, now=self.now))

    @rule(days=st.sampled_from([1, 5, 15]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        for pk in OwedRefund.objects.filter(
            order=self.order, state="due", due_on__lte=self.now.date()
        ).values_list("pk", flat=True):
            self.quietly(lambda pk=pk: operations.request_owed(owed_id=pk, now=self.now))
        operations.lapse_losses(today=self.now.date(), now=self.now)

    @rule()
    def the_bank_answers(self) -> None:
        for refund in Refund.objects.filter(order=self.order, state="requested").order_by("pk"):
            orders.send_refund(refund_id=refund.pk, now=self.now)
            operations.record_paid(refund=refund.public_id, now=self.now)

    # -- what must always hold

    @invariant()
    def the_shelf_agrees(self) -> None:
        if not hasattr(self, "variant"):
            return
        moved = dict.fromkeys(("returned", "cancelled", "sold"), 0)
        for reason, delta in StockMovement.objects.filter(variant=self.variant).values_list(
            "reason", "delta"
        ):
            moved[reason] = moved.get(reason, 0) + delta
        again = ReturnUnit.objects.filter(return_line__line=self.line, restocked_at__isnull=False)
        assert moved["returned"] == again.count()
        assert not again.exclude(reception="received", acceptance="accepted", grade__in=["A", "B"]).exists()
        assert Stock.objects.get(variant=self.variant).on_hand == sum(moved.values()) <= STOCK + again.count()

    @invariant()
    def what_is_owed_is_what_the_law_says(self) -> None:
        if not hasattr(self, "order"):
            return
        order = after_sales.order_with_parts(self.order.pk)
        live = OwedRefund.objects.filter(order=order).exclude(state="void")
        owed = sum(live.values_list("amount_minor", flat=True))
        bound = dict(LineTally.objects.filter(line=self.line).values_list("line_id", "withdrawn"))
        if order.state == "cancelled":
            assert owed == order.total_minor
        elif bound:
            whole, _ = law.refund_amount(order, bound, losses=standing_losses(order.pk))
            assert owed == sum_of(whole)
        assert owed <= order.total_minor

    @invariant()
    def the_payment_agrees(self) -> None:
        if not hasattr(self, "group"):
            return
        payment = Payment.objects.get(group=self.group)
        asked = OwedRefund.objects.filter(order=self.order, state__in=["requested", "paid"])
        assert payment.refunded_minor == sum(asked.values_list("amount_minor", flat=True))
        assert payment.refunded_minor <= payment.captured_minor
        assert (
            asked.values("refund").distinct().count()
            == asked.count()
            == Refund.objects.filter(order=self.order).count()
        )

    @invariant()
    def the_pieces_agree(self) -> None:
        if not hasattr(self, "line"):
            return
        bound = WithdrawalLine.objects.filter(line=self.line, state__in=BINDING).values_list(
            "binding", flat=True
        )
        tally = LineTally.objects.filter(line=self.line).first()
        if tally is not None:
            assert tally.withdrawn == sum(bound) <= tally.bought
            assert tally.returning <= tally.bought
        sent = OrderLine.objects.get(pk=self.line.pk).parcel_lines.values_list("quantity", flat=True)
        assert sum(sent) + orders.left_to_ship(self.order)[self.line.public_id] <= BOUGHT_PIECES


def run(examples: int, steps: int, **more: Any) -> None:
    run_state_machine_as_test(
        AfterTheSale,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck), **more,
        ),
    )  # fmt: skip


def test_everything_agrees_whatever_happens() -> None:
    run(LONG or 6, 50 if LONG else 12)


def _owes_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reckoning, "difference", lambda whole, before: tuple(whole))


def _shelves_whatever_came(monkeypatch: pytest.MonkeyPatch) -> None:
    really = receiving._judge

    def judge(unit: Any, verdict: Any, by: str, now: Any) -> None:
        really(unit, verdict, by, now)
        receiving.restock(pieces={unit.return_line.line_id: 1}, reference="x", now=now)

    monkeypatch.setattr(receiving, "_judge", judge)


def _forgets_what_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declaring.ending, "put_back", lambda **_: None)
    from orders.operations import withheld

    monkeypatch.setattr(withheld, "_ASKED", {})


@pytest.mark.parametrize(
    "plant",
    [_owes_everything_again, *([_shelves_whatever_came, _forgets_what_was_not_sent] if LONG else [])],
)
def test_a_planted_fault_is_found(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError, ExceptionGroup)):
        run(60, 20, phases=[Phase.generate], database=None, derandomize=True)
