"""What moves money, and what time and jobs do: supplements, refunds, chargebacks, payouts, news."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from complaints import operations as complaints
from marketplace.kernel import money
from orders import operations as orders
from orders.operations import refunds
from orders.payments import Dispute, RefundResult
from orders.payments.bank import Transfer
from returns import operations
from tests.returns.operations.machine.agreements import why_a_line_waits
from tests.returns.operations.machine.steps import WHICH, AfterTheSale, seen
from tests.returns.operations.machine.world import IBAN, Look, tell_news


class Money(AfterTheSale):
    """Banks, providers and the marketplace's own payments."""

    paid_at: Any = None

    @precondition(seen("supplements", state=("open", "taken")))
    @rule(which=WHICH, token=st.sampled_from(["card_ok", "card_ok", "card_declined", "card_challenge"]))
    def pay_the_difference(self, which: int, token: str) -> None:
        supplement = self.one("supplements", which, state=["open", "taken"])["id"]

        def work() -> Any:
            payment = orders.start_supplement(
                supplement_id=supplement,
                provider="offline",
                method={"token": token},
                return_url="/",
                now=self.now,
            )
            return orders.settle_payment(payment_id=payment.pk, now=self.now)

        self.attempt(work)

    @precondition(seen("payments", state=("needs_action",)))
    @rule(passed=st.booleans())
    def answer_the_bank(self, passed: bool) -> None:
        payment = self.one("payments", 0, state=["needs_action"])

        def work() -> Any:
            orders.answer_challenge(ref=payment["provider_ref"], passed=passed)
            return orders.settle_payment(payment_id=payment["id"], now=self.now)

        self.attempt(work)

    @precondition(seen("owed", state=("due",)))
    @rule(which=WHICH)
    def pay_back(self, which: int) -> None:
        """As much is asked for as one of the payments holds that it may go back by; no cent less, and none more."""
        owed = self.one("owed", which, state=["due"])
        left = [
            one["captured_minor"] - one["refunded_minor"] - one["disputed_minor"]
            for one in self.look.payments
            if owed["payment"] in ("", one["public_id"]) and not (one["is_surplus"] and not owed["payment"])
        ]
        self.attempt(lambda: operations.request_owed(owed_id=owed["id"], now=self.now))
        asked = sum(
            one["amount_minor"] for one in Look(self.sale, self.now).refunds[len(self.look.refunds) :]
        )
        assert asked == min(owed["amount_minor"], max(left, default=0)), (asked, owed, left)

    @precondition(lambda self: len(self.look.gestures) < 2)
    @rule(minor=st.integers(1, 900), agrees=st.sampled_from([True, True, False]))
    def the_desk_gives(self, minor: int, agrees: bool) -> None:
        """A gesture is given beyond what is owed; above the platform's threshold a colleague has to agree."""
        user, colleague = self.world.desk
        amount = money.Money(minor, self.sale.order.currency)
        gift = complaints.Gift(kind="goodwill", words="x", amount=amount)

        def work() -> Any:
            made = complaints.give(ticket=self.sale.ticket, gift=gift, user_id=user, now=self.now)
            if made.needs_agreement and agrees:
                complaints.agree_gesture(gesture=made.public_id, user_id=colleague, now=self.now)
            elif made.needs_agreement:
                complaints.drop_gesture(gesture=made.public_id, user_id=colleague, now=self.now)
            return made

        self.attempt(work)

    @precondition(seen("refunds"))
    @rule(which=WHICH, fails=st.sampled_from([False, False, True]))
    def the_provider_answers(self, which: int, fails: bool) -> None:
        refund = self.one("refunds", which, state=["done"] if fails else ["requested"])
        if fails:
            told = RefundResult("", "failed", "closed")
            self.attempt(
                lambda: refunds.record_refund(refund_id=refund["public_id"], result=told, now=self.now)
            )
        else:
            self.attempt(lambda: orders.send_refund(refund_id=refund["id"], now=self.now))

    @precondition(lambda self: len(self.look.chargebacks) < 2 or seen("chargebacks", state=("open",))(self))
    @rule(
        number=st.integers(0, 1),
        share=st.integers(1, 110),
        state=st.sampled_from(["open", "open", "won", "lost"]),
    )
    def the_cardholders_bank_takes_it_back(self, number: int, share: int, state: str) -> None:
        payment, ref = self.look.payments[0], f"dp_{self.sale.group.pk}_{number}"
        known = [one["amount_minor"] for one in self.look.chargebacks if one["provider_ref"] == ref]
        amount = known[0] if known else max(payment["captured_minor"] * share // 100, 1)
        told = Dispute(ref, "", state, amount, fee_minor=15, reason="fraud")
        self.attempt(lambda: orders.record_dispute(payment_id=payment["id"], dispute=told, now=self.now))

    @precondition(lambda self: (self.now.date(), self.world.looks) != self.paid_at)
    @rule()
    def pay_the_merchant(self) -> None:
        """Nothing becomes due for which there is a reason to wait."""
        merchant, now = self.sale.order.merchant_id, self.now
        before = self.look = Look(self.sale, now)
        waits = {line.pk: why_a_line_waits(self.sale, before, line) for line in self.sale.lines}

        def work() -> Any:
            released = orders.release_lines(now=now, merchant_ids=[merchant])
            payout = orders.prepare_payout(merchant_id=merchant, currency=self.sale.order.currency, now=now)
            if payout is not None:
                orders.send_payout(payout_id=payout.pk, now=now)
            return released or payout

        self.attempt(work)
        self.look = Look(self.sale, now)
        for line in self.sale.lines:
            moved = [look.sum("payable", line=line.pk, part="release") for look in (before, self.look)]
            assert moved[0] == moved[1] or not waits[line.pk], (moved, waits[line.pk])
        self.paid_at = (now.date(), self.world.looks + 1)

    @precondition(seen("payouts"))
    @rule(which=WHICH, state=st.sampled_from(["accepted", "bounced"]))
    def the_merchants_bank_answers(self, which: int, state: str) -> None:
        payout = self.one("payouts", which, state=["sent", "accepted"])["id"]

        def work() -> Any:
            orders.record_transfer(payout_id=payout, transfer=Transfer("", state, "t"), now=self.now)
            return orders.set_bank_account(
                merchant_id=self.sale.order.merchant_id, holder="S", number=IBAN, given_by="t", now=self.now
            )

        self.attempt(work)


class Time(AfterTheSale):
    """The clock, the jobs that run by it, and the news that somebody has to bring."""

    @rule(days=st.sampled_from([0, 0, 1, 1, 4, 15]))
    def wait(self, days: int) -> None:
        self.world.now += timedelta(days=days)
        today = self.now.date()
        for work in (
            lambda: operations.pay_due(today=today, now=self.now),
            lambda: operations.lapse_losses(today=today, now=self.now),
            lambda: operations.lapse_claims(today=today, now=self.now),
            lambda: operations.decide_silent(today=today, now=self.now),
            lambda: operations.finish_quiet(today=today, now=self.now),
            lambda: operations.apply_silence(now=self.now),
            lambda: operations.follow_exchanges(now=self.now),
        ):
            self.attempt(work)

    @rule(twice=st.sampled_from([False, False, True]), limit=st.sampled_from([1, 3, 20, 20]))
    def bring_the_news(self, twice: bool, limit: int) -> None:
        self.attempt(lambda: tell_news(twice=twice, limit=limit))
