"""Payments: authorised, challenged, declined, abandoned, told twice and late; money is never lost."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from catalog.models import Stock
from orders import operations
from orders.domain.errors import QuoteChanged
from orders.models import Checkout, Order, OrderGroup, Payment, PaymentEvent, Refund
from orders.payments import BadWebhook, ProviderDown, UnknownProvider
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db(transaction=True)
SOON, LATER = NOW + timedelta(minutes=2), NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _rates(transactional_db: None) -> None:
    load_rates()


def checkout_of_one(stock: int = 5) -> Checkout:
    return make_checkout([(make_variant(make_merchant(), stock=stock), 1)])


def pay_by_stripe(checkout: Checkout, token: str = "pm_card_visa") -> operations.Outcome:
    return operations.submit_order(
        checkout_id=checkout.pk,
        quote_digest=checkout.quote_digest,
        provider="stripe",
        method={"token": token},
        return_url="http://testserver/back",
        now=NOW,
    )


def deliver(fake: StripeFake, *events: dict) -> list[bool]:
    told = []
    for event in events:
        body, headers = fake.message(event)
        told.append(operations.receive_webhook(provider="stripe", body=body, headers=headers, now=NOW))
    return told


def books() -> tuple[int, int, int]:
    """Return (orders, money taken, money given back) as we know it."""
    payments = Payment.objects.all()
    return (
        Order.objects.exclude(state="cancelled").count(),
        sum(p.captured_minor for p in payments),
        sum(p.refunded_minor for p in payments),
    )


# -- the ways it can go


@pytest.mark.parametrize("token", ["card_ok", "invoice"])
def test_authorised_placed_captured(token: str) -> None:
    outcome = pay(checkout_of_one(), token)
    assert (outcome.kind, outcome.payment.state) == ("placed", "captured")
    assert list(Order.objects.values_list("state", flat=True)) == ["confirmed"]


def test_a_declined_card_leaves_the_checkout_open_for_another() -> None:
    checkout = checkout_of_one()
    declined = pay(checkout, "card_declined")
    assert (declined.kind, declined.payment.failure) == ("failed", "card_declined")
    assert pay(checkout).kind == "placed"
    assert list(Payment.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "captured"]


@pytest.mark.parametrize(("passed", "kind"), [(True, "placed"), (False, "failed")])
def test_a_challenge_is_asked_and_its_answer_decides(passed: bool, kind: str) -> None:
    outcome = pay(checkout_of_one(), "card_challenge")
    assert (outcome.kind, outcome.payment.action["kind"]) == ("action", "redirect")
    operations.answer_challenge(ref=outcome.payment.provider_ref, passed=passed)
    after = operations.settle_payment(payment_id=outcome.payment.pk, now=NOW)
    assert operations.outcome_of(after).kind == kind


def test_a_slow_payment_is_placed_when_it_comes_through() -> None:
    outcome = pay(checkout_of_one(), "card_slow")
    assert outcome.kind == "pending"
    assert operations.reconcile_payments(now=SOON).settled == 1
    assert Order.objects.get().state == "confirmed"


def test_pressing_again_while_it_runs_is_the_same_payment() -> None:
    checkout = checkout_of_one()
    first, second = pay(checkout, "card_challenge"), pay(checkout, "card_challenge")
    assert first.payment.pk == second.payment.pk
    assert Payment.objects.count() == 1


def test_pressing_again_with_another_sum_is_refused() -> None:
    checkout = checkout_of_one()
    pay(checkout, "card_challenge")
    checkout.quote_digest = "0" * 64
    with pytest.raises(QuoteChanged):
        pay(checkout)


def test_a_provider_that_is_not_offered_is_refused() -> None:
    checkout = checkout_of_one()
    with pytest.raises(UnknownProvider):
        operations.start_payment(
            checkout_id=checkout.pk, quote_digest=checkout.quote_digest, provider="pigeon", method={},
            return_url="", now=NOW,
        )  # fmt: skip


# -- left half-way


def test_an_abandoned_payment_is_cancelled_and_the_goods_go_back() -> None:
    checkout = checkout_of_one()
    outcome = pay(checkout, "card_challenge")
    assert operations.reconcile_payments(now=SOON).expired == 0
    assert operations.reconcile_payments(now=LATER).expired == 1
    outcome.payment.refresh_from_db()
    checkout.refresh_from_db()
    assert (outcome.payment.state, checkout.state) == ("cancelled", "abandoned")
    assert Stock.objects.get().reserved == 0


def test_a_challenge_passed_at_the_last_moment_still_becomes_an_order() -> None:
    outcome = pay(checkout_of_one(), "card_challenge")
    operations.answer_challenge(ref=outcome.payment.provider_ref, passed=True)
    operations.reconcile_payments(now=LATER)
    assert books()[0] == 1


def test_money_for_goods_that_are_gone_is_let_go() -> None:
    checkout = checkout_of_one(stock=1)
    outcome = pay(checkout, "card_challenge")
    operations.answer_challenge(ref=outcome.payment.provider_ref, passed=True)
    operations.release_expired_checkouts(now=LATER)  # the hold lapsed, and its grace
    Stock.objects.update(on_hand=0)  # and somebody else bought it
    operations.reconcile_payments(now=LATER)
    outcome.payment.refresh_from_db()
    checkout.refresh_from_db()
    assert (outcome.payment.state, outcome.payment.failure) == ("cancelled", "out_of_stock")
    assert (books(), checkout.state) == ((0, 0, 0), "abandoned")


def test_captured_money_that_no_order_can_be_made_for_goes_back(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one(stock=1)
    outcome = pay_by_stripe(checkout, "pm_card_threeDSecure2Required")
    ref = outcome.payment.provider_ref
    stripe_fake.intents[ref]["capture_method"] = "automatic"  # a means of payment that cannot be held
    stripe_fake.pass_challenge(ref, passed=True)
    operations.release_expired_checkouts(now=LATER)
    Stock.objects.update(on_hand=0)
    operations.reconcile_payments(now=LATER)
    total = checkout.quote["total_minor"]
    outcome.payment.refresh_from_db()
    assert (outcome.payment.state, books()) == ("refunded", (0, total, total))
    assert stripe_fake.captured_total() == 0
    operations.reconcile_payments(now=LATER + timedelta(hours=1))
    assert Refund.objects.count() == 1


# -- Stripe, as it really behaves


def test_a_card_by_stripe_from_button_to_money(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    assert pay_by_stripe(checkout).kind == "placed"
    assert stripe_fake.captured_total() == checkout.quote["total_minor"]


def test_a_provider_that_is_down_loses_nothing(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    stripe_fake.is_down = True
    with pytest.raises(ProviderDown):
        pay_by_stripe(checkout)
    stripe_fake.is_down = False
    assert pay_by_stripe(checkout).kind == "placed"
    assert len(stripe_fake.intents) == 1


@pytest.mark.parametrize("step", ["create", "capture"])
def test_an_answer_that_is_lost_is_caught_up_with(step: str, stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    stripe_fake.lose_answers_of = {step}
    with pytest.raises(ProviderDown):
        pay_by_stripe(checkout)
    stripe_fake.lose_answers_of = set()
    operations.reconcile_payments(now=SOON)
    assert books() == (1, checkout.quote["total_minor"], 0)
    assert stripe_fake.captured_total() == checkout.quote["total_minor"]


def test_the_message_may_come_before_the_answer(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    stripe_fake.lose_answers_of = {"create"}
    with pytest.raises(ProviderDown):
        pay_by_stripe(checkout)
    stripe_fake.lose_answers_of = set()
    assert deliver(stripe_fake, stripe_fake.events[-1]) == [True]
    assert books() == (1, checkout.quote["total_minor"], 0)


def test_a_message_replayed_ten_times_has_one_effect(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    pay_by_stripe(checkout)
    before = (books(), len(stripe_fake.calls))
    told = [deliver(stripe_fake, *stripe_fake.events) for _ in range(10)]
    assert told == [[True] * len(stripe_fake.events)] + [[False] * len(stripe_fake.events)] * 9
    assert (books(), len(stripe_fake.calls)) == before
    assert PaymentEvent.objects.filter(applied_at=None).count() == 0


def test_messages_in_any_order_end_in_the_same_state(stripe_fake: StripeFake) -> None:
    merchant = make_merchant()
    tea = make_variant(merchant, stock=100)
    ends = set()
    for order in permutations(range(3)):
        checkout = make_checkout([(tea, 1)])
        outcome = pay_by_stripe(checkout, "pm_card_threeDSecure2Required")
        ref = outcome.payment.provider_ref
        stripe_fake.pass_challenge(ref, passed=True)
        events = [event for event in stripe_fake.events if event["data"]["object"].get("id") == ref]
        deliver(stripe_fake, *(events[i] for i in order))
        deliver(
            stripe_fake, *reversed([e for e in stripe_fake.events if e["data"]["object"].get("id") == ref])
        )
        outcome.payment.refresh_from_db()
        ends.add((outcome.payment.state, outcome.payment.group.orders.get().state))  # type: ignore[union-attr]
    assert ends == {("captured", "confirmed")}
    assert OrderGroup.objects.count() == 6


# -- the provider's own card form


def open_form(checkout: Checkout) -> tuple[operations.Outcome, str]:
    """Press the button for the card form; the outcome and the provider's name for the payment."""
    outcome = pay_by_stripe(checkout, "")
    return outcome, outcome.payment.provider_ref


def test_the_form_is_filled_in_and_the_browser_closed(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    outcome, ref = open_form(checkout)
    stripe_fake.type_card(ref, "4242424242424242")
    deliver(stripe_fake, *stripe_fake.events)
    assert (outcome.kind, books()) == ("action", (1, checkout.quote["total_minor"], 0))


def test_messages_of_a_refused_and_a_good_card_in_any_order_place_one_order(stripe_fake: StripeFake) -> None:
    tea = make_variant(make_merchant(), stock=100)
    ends = []
    for order in permutations(range(3)):
        outcome, ref = open_form(make_checkout([(tea, 1)]))
        stripe_fake.type_card(ref, "4000000000000002")
        stripe_fake.type_card(ref, "4242424242424242")
        events = [event for event in stripe_fake.events if event["data"]["object"].get("id") == ref]
        deliver(stripe_fake, *(events[i] for i in order))
        outcome.payment.refresh_from_db()
        ends.append((outcome.payment.state, outcome.payment.failure, outcome.payment.checkout.state))
    assert ends == [("captured", "", "placed")] * 6
    assert OrderGroup.objects.count() == 6


def test_a_form_nobody_fills_in_lapses_and_a_card_after_that_is_refused(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    _, ref = open_form(checkout)
    operations.reconcile_payments(now=LATER)
    stripe_fake.type_card(ref, "4242424242424242")
    checkout.refresh_from_db()
    assert (checkout.state, Stock.objects.get().reserved, stripe_fake.intents[ref]["status"]) == (
        "abandoned",
        0,
        "canceled",
    )


def test_stepping_back_cancels_the_payment_and_another_way_is_open(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    outcome, ref = open_form(checkout)
    operations.step_back(payment_id=outcome.payment.pk, now=NOW)
    assert (stripe_fake.intents[ref]["status"], pay(checkout).kind, books()[0]) == ("canceled", "placed", 1)


def test_stepping_back_from_a_payment_that_went_through_leads_to_its_order(stripe_fake: StripeFake) -> None:
    outcome, ref = open_form(checkout_of_one())
    stripe_fake.type_card(ref, "4242424242424242")
    after = operations.step_back(payment_id=outcome.payment.pk, now=NOW)
    assert (operations.outcome_of(after).kind, books()[0]) == ("placed", 1)


def test_stepping_back_while_the_provider_is_down_changes_nothing(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    outcome, ref = open_form(checkout)
    stripe_fake.is_down = True
    with pytest.raises(ProviderDown):
        operations.step_back(payment_id=outcome.payment.pk, now=NOW)
    checkout.refresh_from_db()
    assert (checkout.state, stripe_fake.intents[ref]["status"]) == ("paying", "requires_payment_method")


def test_a_payment_cancelled_at_the_provider_opens_the_checkout_again(stripe_fake: StripeFake) -> None:
    checkout = checkout_of_one()
    _, ref = open_form(checkout)
    stripe_fake.handle("POST", f"/v1/payment_intents/{ref}/cancel", {}, "")
    deliver(stripe_fake, stripe_fake.events[-1])
    checkout.refresh_from_db()
    assert (checkout.state, pay(checkout).kind) == ("open", "placed")


@pytest.mark.parametrize("wrong", ["whsec_evil", "old"])
def test_a_message_that_cannot_be_trusted_changes_nothing(wrong: str, stripe_fake: StripeFake) -> None:
    pay_by_stripe(checkout_of_one(), "pm_card_threeDSecure2Required")
    event = stripe_fake.events[-1]
    body, headers = (
        stripe_fake.message(event, at=1) if wrong == "old" else stripe_fake.message(event, secret=wrong)
    )
    with pytest.raises(BadWebhook):
        operations.receive_webhook(provider="stripe", body=body, headers=headers, now=NOW)
    assert PaymentEvent.objects.count() == 0


def test_a_message_about_somebody_elses_payment_is_kept_and_changes_nothing(stripe_fake: StripeFake) -> None:
    pay_by_stripe(checkout_of_one())
    event = stripe_fake.events[-1] | {"id": "evt_foreign"}
    event["data"]["object"]["metadata"] = {}
    before = books()
    assert deliver(stripe_fake, event) == [True]
    assert (books(), PaymentEvent.objects.get(event_id="evt_foreign").payment) == (before, None)


def test_an_authorisation_that_ends_before_the_money_is_taken_ends_the_orders(
    stripe_fake: StripeFake,
) -> None:
    checkout = checkout_of_one(stock=3)
    stripe_fake.lose_answers_of = {"capture"}
    real = stripe_fake._capture
    stripe_fake._capture = stripe_fake._cancel_instead  # type: ignore[attr-defined, method-assign]
    with pytest.raises(ProviderDown):
        pay_by_stripe(checkout)
    stripe_fake.lose_answers_of, stripe_fake._capture = set(), real  # type: ignore[method-assign]
    operations.reconcile_payments(now=SOON)
    order = Order.objects.get()
    assert (order.state, order.cancel_reason) == ("cancelled", "not_paid")
    assert (Stock.objects.get().on_hand, stripe_fake.captured_total()) == (3, 0)
