"""Two of the staff and one message of the provider refund the same line at once: never more than was paid.

RIGHTFUL_ROUNDS sets the number of rounds (25 in the everyday run; 500 is the long form).
"""

from __future__ import annotations

import os
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from marketplace.kernel.money import Money
from orders import operations
from orders.domain.refunds import LineLeft, RefundPart
from orders.models import Order, Payment, Refund, RefundLine
from orders.operations import checking, refunds
from orders.queries.books import trial_balance
from orders.queries.refunds import lines_left
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant
from tests.orders.operations.test_concurrency import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
ROUNDS = int(os.environ.get("RIGHTFUL_ROUNDS", "25"))


def bought() -> Order:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])
    operations.submit_order(
        checkout_id=checkout.pk,
        quote_digest=checkout.quote_digest,
        provider="stripe",
        method={"token": "pm_card_visa"},
        return_url="http://testserver/back",
        now=NOW,
    )
    return Order.objects.get(group__checkout=checkout)


def ask(order: Order, minor: int, key: str) -> Refund:
    line = order.lines.get()
    return operations.request_refund(
        order=order,
        amount=Money(minor, order.currency),
        key=f"{order.public_id}:{key}",
        because="test",
        now=NOW,
        parts=(RefundPart(line.public_id, 0, "goods", minor),),
    )


@pytest.fixture
def quiet(stripe_fake: StripeFake) -> StripeFake:
    load_rates()
    return stripe_fake


def test_never_more_than_was_paid_goes_back_for_a_line(quiet: StripeFake):
    """The line is refunded by a tenth that waits at the provider; its message fails it half of the times."""
    outcomes: dict[str, int] = {}
    for number in range(ROUNDS):
        order = bought()
        goods = order.lines.get().goods_minor
        quiet.refunds_wait = True
        waiting = ask(order, goods // 10, "waiting")
        sent = operations.send_refund(refund_id=waiting.pk, now=NOW)
        quiet.refunds_wait = False
        quiet.end_refund(sent.provider_ref, failure="" if number % 2 else "declined")
        body, headers = quiet.message(quiet.events[-1])

        def act(
            who: int, order: Order = order, goods: int = goods, body: bytes = body, headers: Any = headers
        ) -> str:
            if who == 2:
                operations.receive_webhook(provider="stripe", body=body, headers=headers, now=NOW)
                return "told"
            refund = ask(order, goods * 6 // 10, f"staff{who}")
            return operations.send_refund(refund_id=refund.pk, now=NOW).state

        outcome = ",".join(sorted(at_once(act, 3)))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        went = RefundLine.objects.filter(line__order=order).exclude(refund__state="failed")
        assert sum(went.values_list("amount_minor", flat=True)) <= goods
    assert outcomes == {"done,nothing_to_refund,told": ROUNDS}
    assert quiet.captured_total() == sum(
        row.captured_minor - row.refunded_minor for row in Payment.objects.all()
    )
    assert trial_balance().is_zero
    assert checking.check_books(now=NOW).differences == ()


def test_without_the_lock_the_same_race_pays_too_much_and_the_check_says_so(
    quiet: StripeFake, monkeypatch: pytest.MonkeyPatch
):
    order = bought()
    goods = order.lines.get().goods_minor
    both_have_read = Barrier(2, timeout=10)

    def unlocked(payment_id: int | None, asked: Order | None) -> list[Payment]:
        return list(Payment.objects.filter(group=order.group_id))

    def read(lines: Any) -> list[LineLeft]:
        found = lines_left(lines)
        try:
            both_have_read.wait()
        except BrokenBarrierError:
            pass
        return found

    monkeypatch.setattr(refunds, "lock_payments", unlocked)
    monkeypatch.setattr(refunds, "lines_left", read)

    assert at_once(lambda who: ask(order, goods * 6 // 10, f"{who}").state, 2) == ["requested"] * 2
    went = sum(RefundLine.objects.filter(line__order=order).values_list("amount_minor", flat=True))
    said = {one.what for one in checking.check_books(now=NOW).differences}
    assert (went > goods, said) == (True, {"refunded", "refunds"})
