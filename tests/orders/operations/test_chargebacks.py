"""A bank that takes money back, before, during and after a refund; news in every order; nothing is paid twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings

from marketplace.kernel.money import Money
from orders import operations
from orders.domain.errors import NothingToRefund
from orders.models import Chargeback, Order, Payment, PaymentEvent, Refund
from orders.operations import checking
from orders.payments import ProviderDown
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant
from tests.orders.operations.test_books import balances

pytestmark = pytest.mark.django_db(transaction=True)


def bought(quantity: int = 2) -> Order:
    load_rates()
    checkout = make_checkout([(make_variant(make_merchant()), quantity)])
    operations.submit_order(
        checkout_id=checkout.pk,
        quote_digest=checkout.quote_digest,
        provider="stripe",
        method={"token": "pm_card_visa"},
        return_url="http://testserver/back",
        now=NOW,
    )
    return Order.objects.select_related("group", "merchant").get()


def hear(fake: StripeFake, *, after: int = 0) -> None:
    """Let every message that the provider sent since arrive."""
    for event in fake.events[after:]:
        body, headers = fake.message(event)
        operations.receive_webhook(provider="stripe", body=body, headers=headers, now=NOW)


def ask(order: Order, minor: int, key: str = "k") -> Refund:
    return operations.request_refund(
        order=order, amount=Money(minor, order.currency), key=key, because="test", now=NOW
    )


def agree() -> None:
    assert checking.check_books(now=NOW).differences == ()


def test_what_a_bank_took_back_is_not_refunded_until_we_win(stripe_fake: StripeFake, settings: LazySettings):
    order = bought()
    before = balances()
    dispute = stripe_fake.open_dispute(Payment.objects.get().provider_ref, order.total_minor)
    hear(stripe_fake)
    with pytest.raises(NothingToRefund):
        ask(order, 1)
    agree()

    stripe_fake.close_dispute(dispute, won=True)
    hear(stripe_fake)
    assert (Chargeback.objects.get().state, Payment.objects.get().disputed_minor) == ("won", 0)
    after = balances()
    assert after.pop("provider_fees") == 2000
    before["provider_clearing"] -= 2000
    assert after == before
    agree()


def test_what_is_lost_is_borne_like_a_refund(stripe_fake: StripeFake):
    order = bought()
    dispute = stripe_fake.open_dispute(Payment.objects.get().provider_ref, order.total_minor, fee=0)
    stripe_fake.close_dispute(dispute, won=False)
    hear(stripe_fake)
    assert balances() == {}
    agree()


def test_a_bank_that_takes_what_was_refunded_costs_the_merchant_nothing(stripe_fake: StripeFake):
    order = bought()
    operations.send_refund(refund_id=ask(order, order.total_minor).pk, now=NOW)
    dispute = stripe_fake.open_dispute(Payment.objects.get().provider_ref, order.total_minor, fee=0)
    stripe_fake.close_dispute(dispute, won=False)
    hear(stripe_fake)
    chargeback = Chargeback.objects.get()
    assert (chargeback.refunded_minor, chargeback.state) == (order.total_minor, "lost")
    assert balances() == {
        "chargeback_losses": order.total_minor,
        "provider_clearing": -order.total_minor,
    }
    agree()


def test_a_refund_that_meets_a_chargeback_fails_and_is_owed_again_when_it_is_won(stripe_fake: StripeFake):
    order = bought()
    refund = ask(order, 500)
    dispute = stripe_fake.open_dispute(Payment.objects.get().provider_ref, order.total_minor, fee=0)
    sent = operations.send_refund(refund_id=refund.pk, now=NOW)
    assert (sent.state, sent.failure) == ("failed", "charge_disputed")
    hear(stripe_fake)
    stripe_fake.close_dispute(dispute, won=True)
    hear(stripe_fake)
    again = operations.send_refund(refund_id=ask(order, 500, "again").pk, now=NOW)
    assert again.state == "done"
    agree()


@pytest.mark.parametrize("won", [True, False])
def test_money_that_a_bank_took_twice_is_owed_to_nobody_when_the_refund_fails(
    stripe_fake: StripeFake, won: bool
):
    order = bought()
    refund = operations.send_refund(refund_id=ask(order, order.total_minor).pk, now=NOW)
    dispute = stripe_fake.open_dispute(Payment.objects.get().provider_ref, order.total_minor, fee=0)
    stripe_fake.close_dispute(dispute, won=won)
    hear(stripe_fake)
    stripe_fake.end_refund(refund.provider_ref, failure="expired_or_canceled_card")
    hear(stripe_fake)
    assert Payment.objects.get().disputed_minor == (0 if won else order.total_minor)
    assert balances().get("chargeback_losses", 0) == 0
    if not won:
        with pytest.raises(NothingToRefund):
            ask(order, 1, "again")
    agree()


def test_the_decision_may_be_told_before_the_opening_and_twice(stripe_fake: StripeFake):
    order = bought()
    dispute = stripe_fake.open_dispute(Payment.objects.get().provider_ref, 700)
    stripe_fake.close_dispute(dispute, won=False)
    for event in reversed(stripe_fake.events * 2):
        body, headers = stripe_fake.message(event)
        operations.receive_webhook(provider="stripe", body=body, headers=headers, now=NOW)
    assert list(Chargeback.objects.values_list("state", "amount_minor")) == [("lost", 700)]
    assert Payment.objects.get().disputed_minor == 700
    assert order.total_minor > 700
    agree()


def test_a_refund_that_waits_ends_by_the_message_also_if_it_comes_before_the_answer(stripe_fake: StripeFake):
    order = bought()
    stripe_fake.refunds_wait = True
    refund = ask(order, 500)
    assert operations.send_refund(refund_id=refund.pk, now=NOW).state == "requested"
    stripe_fake.end_refund(next(iter(stripe_fake.refunds)))
    hear(stripe_fake)
    refund.refresh_from_db()
    assert (refund.state, len(stripe_fake.refunds)) == ("done", 1)
    agree()


def test_a_refund_whose_answer_was_lost_is_paid_once(stripe_fake: StripeFake):
    order = bought()
    refund = ask(order, 500)
    stripe_fake.lose_answers_of = {"refund"}
    with pytest.raises(ProviderDown):
        operations.send_refund(refund_id=refund.pk, now=NOW)
    hear(stripe_fake)
    refund.refresh_from_db()
    stripe_fake.lose_answers_of = set()
    operations.send_refund(refund_id=refund.pk, now=NOW)
    assert (refund.state, len(stripe_fake.refunds)) == ("done", 1)
    agree()


def test_a_refund_that_is_sent_again_when_its_key_is_forgotten_is_paid_once(stripe_fake: StripeFake):
    refund = ask(bought(), 500)
    stripe_fake.lose_answers_of = {"refund"}
    with pytest.raises(ProviderDown):
        operations.send_refund(refund_id=refund.pk, now=NOW)
    stripe_fake.lose_answers_of = set()
    stripe_fake.forget_keys()
    sent = operations.send_refund(refund_id=refund.pk, now=NOW + timedelta(days=2))
    assert (sent.state, len(stripe_fake.refunds)) == ("done", 1)


def test_a_refund_that_came_back_is_owed_again(stripe_fake: StripeFake):
    order = bought()
    refund = operations.send_refund(refund_id=ask(order, 500).pk, now=NOW)
    stripe_fake.end_refund(refund.provider_ref, failure="expired_or_canceled_card")
    hear(stripe_fake)
    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("failed", "expired_or_canceled_card")
    again = operations.send_refund(refund_id=ask(order, 500, "again").pk, now=NOW)
    assert (again.state, Payment.objects.get().refunded_minor) == ("done", 500)
    agree()


def test_messages_about_what_is_none_of_ours_are_kept_and_change_nothing(stripe_fake: StripeFake):
    bought()
    dispute = {
        "id": "dp_x",
        "object": "dispute",
        "amount": 5,
        "currency": "eur",
        "payment_intent": "pi_x",
        "status": "lost",
    }
    refund = {"id": "re_x", "object": "refund", "status": "succeeded", "metadata": {"refund": "RF-UNKNOWN"}}
    for number, found in enumerate((dispute, refund)):
        event = {"id": f"evt_x{number}", "type": "x", "data": {"object": found}}
        body, headers = stripe_fake.message(event)
        operations.receive_webhook(provider="stripe", body=body, headers=headers, now=NOW)
    assert (
        PaymentEvent.objects.filter(kind="x", applied_at__isnull=False).count(),
        Chargeback.objects.count(),
    ) == (2, 0)


def test_a_difference_with_the_providers_books_is_said_and_its_fees_are_posted(stripe_fake: StripeFake):
    stripe_fake.fee_percent = 3
    order = bought()
    findings = checking.check_books(now=NOW)
    assert (findings.differences, findings.fees) == ((), 1)
    assert balances()["provider_clearing"] == stripe_fake.balance()

    stripe_fake.movements.pop()
    (said,) = checking.check_books(now=NOW).differences
    assert (said.what, said.books, said.other) == ("provider's books", order.total_minor, 0)

    stripe_fake.is_down = True
    assert checking.check_books(now=NOW).unreachable == ("stripe",)
