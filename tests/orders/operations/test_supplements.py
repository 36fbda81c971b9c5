"""Money that is paid later for a line: taken once, whoever pays twice gets it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orders import operations
from orders.models import Invoice, OrderLine, Payment, Refund, Supplement
from orders.operations.payments import record_intent, settle_payment
from orders.payments import Intent
from orders.queries.books import trial_balance
from orders.queries.supplements import live_payment, paid_by
from tests.orders import factories
from tests.orders.factories import NOW, make_merchant, make_variant

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def asked() -> Supplement:
    factories.load_rates()
    group = factories.pay(factories.make_checkout([(make_variant(make_merchant()), 1)])).group
    line = OrderLine.objects.get(order__group=group)
    return operations.ask_supplement(
        line_id=line.pk, amount_minor=300, key="exchange:EX-1", title="More", back_path="/", pay_by=NOW + 2 * DAY,
        now=NOW,
    )  # fmt: skip


def started(supplement: Supplement, token: str) -> Payment:
    payment = operations.start_supplement(
        supplement_id=supplement.pk, provider="offline", method={"token": token}, return_url="/", now=NOW
    )
    return settle_payment(payment_id=payment.pk, now=NOW)


def heard(payment: Payment, state: str, captured: int = 0) -> Payment:
    """The provider tells something of a payment on its own."""
    intent = Intent(payment.provider_ref, state, captured_minor=captured)
    record_intent(payment_id=payment.pk, intent=intent, now=NOW)
    return settle_payment(payment_id=payment.pk, now=NOW)


def at_the_provider(payment: Payment, state: str, captured: int = 0) -> None:
    from orders.models import OfflineIntent

    OfflineIntent.objects.filter(ref=payment.provider_ref).update(state=state, captured_minor=captured)


def books_differ() -> list[object]:
    return [
        *filter(None, trial_balance().off_by.values()),
        *operations.check_books(now=NOW + DAY).differences,
    ]


def test_a_second_payment_that_was_taken_too_goes_back_to_its_payer(asked: Supplement):
    first = started(asked, "card_challenge")
    heard(first, "failed")
    second = started(asked, "card_ok")
    assert second.state == "captured"
    at_the_provider(first, "captured", 300)
    heard(first, "captured", 300)
    refund = Refund.objects.get()
    assert (refund.payment, refund.amount_minor, refund.because, refund.state) == (
        first,
        300,
        "paid_twice",
        "done",
    )
    assert (paid_by(asked.public_id), live_payment(asked), Invoice.objects.filter(kind="supplement").count()) == (
        second.public_id, second, 1,
    )  # fmt: skip
    assert books_differ() == []


def test_a_second_payment_that_was_only_authorised_is_let_go(asked: Supplement):
    first = started(asked, "card_challenge")
    heard(first, "failed")
    second = started(asked, "card_challenge")
    at_the_provider(first, "authorised")
    assert heard(first, "authorised").state == "cancelled"
    assert live_payment(asked) == second
    operations.answer_challenge(ref=second.provider_ref, passed=True)
    assert settle_payment(payment_id=second.pk, now=NOW).state == "captured"
    assert (paid_by(asked.public_id), books_differ()) == (second.public_id, [])


def test_a_payment_that_was_refused_first_and_taken_after_all_pays(asked: Supplement):
    first = started(asked, "card_challenge")
    heard(first, "failed")
    at_the_provider(first, "captured", 300)
    heard(first, "captured", 300)
    assert (paid_by(asked.public_id), Refund.objects.count(), books_differ()) == (first.public_id, 0, [])


def test_what_the_request_did_not_send_back_the_reconciling_job_does(asked: Supplement):
    first = started(asked, "card_challenge")
    heard(first, "failed")
    started(asked, "card_ok")
    at_the_provider(first, "captured", 300)
    record_intent(
        payment_id=first.pk, intent=Intent(first.provider_ref, "captured", captured_minor=300), now=NOW
    )
    operations.reconcile_payments(now=NOW + DAY)
    assert Refund.objects.get().payment == first


def test_what_is_asked_for_with_nothing_or_twice_with_another_sum_is_refused(asked: Supplement):
    from marketplace.kernel.errors import Invalid

    for amount, key in ((0, "exchange:EX-2"), (400, asked.key)):
        with pytest.raises(Invalid):
            operations.ask_supplement(
                line_id=asked.line_id, amount_minor=amount, key=key, title="More", back_path="/",
                pay_by=NOW + DAY, now=NOW,
            )  # fmt: skip
