"""Money on its way in: open a payment, hear how it went, place the order, take the money.

The provider is called outside any transaction, always under a key of its own, so that every step may
be repeated by anybody: the shopper's request, a webhook, the reconciling job. `settle_payment` is the
one function they all end in; it moves a payment as far as it can go and is idempotent throughout.

Lock order: checkout, payment, then what placing locks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from catalog import operations as catalogue
from catalog.queries.rights import Terms
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, NotFound
from marketplace.kernel.money import Money
from marketplace.kernel.prepared import prepared
from marketplace.kernel.written import insert, update
from orders import payments as providers
from orders.domain.errors import CheckoutClosed, CheckoutIncomplete, QuoteChanged
from orders.domain.ledger import Draft
from orders.domain.quote import digest_of
from orders.domain.states import CHECKOUT, ORDER, PAYMENT, PAYMENT_ACTION, may, next_state
from orders.events import OrderCancelled, OrderConfirmed, PaymentChanged
from orders.models import Checkout, Order, OrderGroup, Payment
from orders.operations import books, endings, supplements
from orders.operations.checkouts import checkout_locked, hold_until, holder_of, quote_of
from orders.operations.placing import TOLD, place_seen
from orders.operations.refunds import request_refund, send_refund
from orders.operations.withheld import left_to_ship
from orders.payments import Intent
from orders.queries.checkouts import missing_from, variant_ids
from orders.queries.refunds import left_of

log = structlog.get_logger(__name__)
ORDER_MONEY = "order"
PENDING = (Payment.State.CREATED, Payment.State.NEEDS_ACTION)
GRACE = timedelta(minutes=10)
SECURED = (Payment.State.AUTHORISED, Payment.State.CAPTURED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the press of the order button led: placed (group), action (payment.action), pending or failed."""

    kind: str
    payment: Payment
    group: OrderGroup | None = None


def submit_order(
    *,
    checkout_id: int,
    quote_digest: str,
    provider: str,
    method: Mapping[str, str],
    return_url: str,
    now: datetime,
    terms: Mapping[str, Terms] | None = None,
) -> Outcome:
    """Carry out the press of the order button; pressing it again leads to the same order.

    `terms` are those of the checkout's variants where they were read a moment ago.

    :raises QuoteChanged: if the sum is no longer the one the button was pressed for; the new one is stored.
    :raises CheckoutIncomplete, CheckoutClosed, OutOfStock, NotForSale: before anything is charged.
    :raises ProviderDown: if it is not known how the payment went; pressing again goes on from there.
    """
    payment = start_payment(
        checkout_id=checkout_id,
        quote_digest=quote_digest,
        provider=provider,
        method=method,
        return_url=return_url,
        now=now,
        terms=terms,
    )
    if payment.group_id is not None:
        return outcome_of(payment)
    return outcome_of(_settle(payment, now))


def outcome_of(payment: Payment) -> Outcome:
    """Return what to tell the shopper of a payment; one that is paid later is "placed" once it is taken."""
    if payment.supplement_id is not None and payment.state in SECURED:
        return Outcome("placed", payment, payment.group)
    if payment.group_id is not None and payment.supplement_id is None:
        return Outcome("placed", payment, payment.group)
    kinds = {Payment.State.NEEDS_ACTION: "action", Payment.State.CREATED: "pending"}
    return Outcome(kinds.get(payment.state, "failed"), payment)


def start_payment(
    *,
    checkout_id: int,
    quote_digest: str,
    provider: str,
    method: Mapping[str, str],
    return_url: str,
    now: datetime,
    terms: Mapping[str, Terms] | None = None,
) -> Payment:
    """Fix the quote and open a payment for it; a payment on its way is returned instead of a second one.

    The provider has not been asked yet: `settle_payment` does that.
    """
    providers.provider(provider)
    payment, changed = _open_payment(
        checkout_id, quote_digest, provider, {**method, "return_url": return_url}, terms, now
    )
    if payment is None:
        raise QuoteChanged(digest=changed["digest"], total_minor=changed["total_minor"])
    return payment


@transaction.atomic
def _open_payment(
    checkout_id: int,
    quote_digest: str,
    provider: str,
    method: dict[str, str],
    terms: Mapping[str, Terms] | None,
    now: datetime,
) -> tuple[Payment | None, dict[str, Any]]:
    """Return the payment, or None with the new quote's digest and total, which is then stored as shown."""
    checkout = _lock_checkout(checkout_id)
    if checkout.state == Checkout.State.PLACED:  # another press got here while this one waited for the lock
        return checkout.group.payments.get(purpose=ORDER_MONEY), {}
    if checkout.state == Checkout.State.PAYING:
        return _payment_on_its_way(checkout, quote_digest), {}
    if checkout.state != Checkout.State.OPEN or checkout.expires_at <= now:
        raise CheckoutClosed(state=checkout.state)
    missing = missing_from(checkout, terms=terms, now=now)
    if missing:
        raise CheckoutIncomplete(missing=list(missing))
    quote = quote_of(checkout, now)
    as_shown = ["quote", "quote_digest"] if quote != checkout.quote else []  # large; seldom other than shown
    checkout.quote, checkout.quote_digest = quote, digest_of(quote)
    if checkout.quote_digest != quote_digest:
        update(checkout, "quote", "quote_digest")
        return None, {"digest": checkout.quote_digest, "total_minor": quote["total_minor"]}
    checkout.expires_at = hold_until(now)
    checkout.state = next_state(CHECKOUT, checkout.state, "pay")
    update(checkout, *as_shown, "expires_at", "state")
    _hold_longer(checkout, now)
    payment = Payment(
        checkout=checkout,
        provider=provider,
        idempotency_key=f"{checkout.public_id}:{len(_payments_of(checkout.pk)) + 1}",
        amount_minor=quote["total_minor"],
        currency=quote["currency"],
        method=method,
        created_at=now,
        changed_at=now,
    )
    return insert([payment])[0], {}


def _payment_on_its_way(checkout: Checkout, quote_digest: str) -> Payment:
    if checkout.quote_digest != quote_digest:
        raise QuoteChanged(digest=checkout.quote_digest, total_minor=checkout.quote["total_minor"])
    payment = checkout.payments.filter(state__in=(*PENDING, *SECURED)).order_by("-pk").first()
    if payment is None:
        raise CheckoutClosed(state=checkout.state)
    return payment


def _hold_longer(checkout: Checkout, now: datetime) -> None:
    """Hold the goods a little beyond the checkout, so that a late payment is cancelled before they go."""
    until = checkout.expires_at + GRACE
    if catalogue.extend_reservations(holder=holder_of(checkout), until=until) == len(checkout.lines):
        return  # what was held for these lines is held still
    ids = variant_ids(checkout)
    items = [(ids[line["variant"]], line["quantity"]) for line in checkout.lines]
    catalogue.reserve_stock(holder=holder_of(checkout), items=items, until=until, now=now)


def settle_payment(*, payment_id: int, now: datetime) -> Payment:
    """Move a payment as far as it will go: ask the provider, place the order, take the money.

    Money that no order can be made for is let go or sent back. Safe to repeat at any time.

    :raises ProviderDown: when the provider does not answer; what was reached stays.
    """
    return _settle(_payment(payment_id), now)


def _settle(payment: Payment, now: datetime) -> Payment:
    """Settle a payment as it was read or opened a moment ago; each step locks and reads it afresh."""
    if payment.state in PENDING:
        intent = _ask(payment)
        payment = _secure_and_place(payment, intent, now) or record_intent(
            payment_id=payment.pk, intent=intent, now=now, checkout_id=payment.checkout_id
        )
    if payment.supplement_id is not None:
        return _settle_supplement(payment, now)
    if payment.state in SECURED and payment.group_id is None:
        payment = _place_or_give_back(payment, now)
    if payment.state == Payment.State.AUTHORISED and payment.group_id is not None:
        group, payment = payment.group, _capture(payment, now)
        payment.group = group
    return payment


def _settle_supplement(payment: Payment, now: datetime) -> Payment:
    """Take money that is paid later, if it is still wanted; else let it go, or send it back."""
    if payment.state == Payment.State.AUTHORISED:
        is_wanted = not payment.is_surplus and supplements.take(supplement_id=payment.supplement_id or 0)
        payment = _capture(payment, now) if is_wanted else _let_go(payment, now)
    # it may have been called off while the provider took it
    called_off = supplements.is_called_off(payment.supplement_id or 0)
    if payment.state == Payment.State.CAPTURED and (payment.is_surplus or called_off):
        because = "called_off" if called_off else "paid_twice"
        return give_back(payment_id=payment.pk, because=because, now=now)
    return payment


def _let_go(payment: Payment, now: datetime) -> Payment:
    intent = providers.provider(payment.provider).cancel(
        payment.provider_ref, key=f"{payment.idempotency_key}:cancel"
    )
    return record_intent(payment_id=payment.pk, intent=intent, now=now, checkout_id=payment.checkout_id)


def _ask(payment: Payment) -> Intent:
    provider = providers.provider(payment.provider)
    if payment.provider_ref:
        return provider.fetch(payment.provider_ref)
    return provider.authorise(
        key=payment.idempotency_key,
        payment=payment.public_id,
        amount=_amount(payment),
        method=payment.method,
        return_url=payment.method.get("return_url", ""),
    )


def _secure_and_place(payment: Payment, intent: Intent, now: datetime) -> Payment | None:
    """Write down that the money is authorised and place the order, in one transaction.

    None where that is not the way, or where no order can be made of it: then nothing is written, what the provider
    said is recorded for itself, and what becomes of the money is decided as ever.
    """
    if payment.supplement_id is not None or intent.state != Payment.State.AUTHORISED:
        return None

    def secure(checkout: Checkout) -> Payment | None:
        locked = _payment_locked(payment.pk)[0]
        locked.checkout = checkout
        return locked if _hear(locked, intent, now) else None

    try:
        done = place_seen(
            payment.checkout,
            quote_digest=payment.checkout.quote_digest,
            key=payment.idempotency_key,
            now=now,
            secure=secure,
        )
    except Conflict:
        return None
    return done.payment if done.payment is not None and done.payment.pk == payment.pk else None


def _hear(payment: Payment, intent: Intent, now: datetime) -> bool:
    """Take over what the provider says of a locked payment, without writing it; tell whether it is news."""
    if intent.ref and not payment.provider_ref:
        payment.provider_ref = intent.ref
    is_news = may(PAYMENT, payment.state, PAYMENT_ACTION.get(intent.state, ""))
    if is_news:
        payment.state = next_state(PAYMENT, payment.state, PAYMENT_ACTION[intent.state])
        payment.failure = "" if payment.state in SECURED else intent.failure or payment.failure
        payment.action = dict(intent.action)
    elif intent.state == payment.state == Payment.State.NEEDS_ACTION and intent.failure:
        payment.failure = intent.failure  # a card was refused in the provider's form; another may follow
    payment.changed_at = now
    return is_news


def _place_or_give_back(payment: Payment, now: datetime) -> Payment:
    try:
        done = place_seen(
            payment.checkout,
            quote_digest=payment.checkout.quote_digest,
            key=payment.idempotency_key,
            now=now,
        )
    except Conflict as reason:
        log.warning("An order could not be placed.", payment=payment.public_id, reason=reason.code)
        return give_back(payment_id=payment.pk, because=reason.code, now=now)
    if done.payment is not None and done.payment.pk == payment.pk:
        return done.payment
    placed = _payment(payment.pk)
    if placed.group_id is None:  # another payment of the same checkout got there first
        return give_back(payment_id=payment.pk, because="paid_twice", now=now)
    return placed


def _capture(payment: Payment, now: datetime) -> Payment:
    intent = providers.provider(payment.provider).capture(
        payment.provider_ref, key=f"{payment.idempotency_key}:capture", amount=_amount(payment)
    )
    return record_intent(payment_id=payment.pk, intent=intent, now=now, checkout_id=payment.checkout_id)


def give_back(*, payment_id: int, because: str, now: datetime) -> Payment:
    """Let go of money that no order stands for: an authorisation is cancelled, a capture sent back."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.supplement_id is None:
        _leave_checkout(payment, because, now)
    provider = providers.provider(payment.provider)
    if payment.state in (*PENDING, Payment.State.AUTHORISED) and payment.provider_ref:
        intent = provider.cancel(payment.provider_ref, key=f"{payment.idempotency_key}:cancel")
        payment = record_intent(payment_id=payment.pk, intent=intent, now=now)
    elif payment.state in PENDING:  # the provider has never heard of it
        payment = record_intent(payment_id=payment.pk, intent=Intent("", Payment.State.CANCELLED), now=now)
    if payment.state == Payment.State.CAPTURED and left_of(payment) > 0:
        refund = request_refund(
            payment_id=payment.pk,
            order=None,
            amount=Money(left_of(payment), payment.currency),
            key=f"unplaced:{payment.public_id}",
            because=because,
            now=now,
        )
        send_refund(refund_id=refund.pk, now=now)
    return Payment.objects.get(pk=payment_id)


def step_back(*, payment_id: int, now: datetime) -> Payment:
    """Let the shopper choose another way to pay: the payment is cancelled, the checkout open again.

    One that went through in the meantime is settled instead, and its order stands.

    :raises ProviderDown: when the provider does not answer; nothing is changed then.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.state in PENDING:
        payment = record_intent(payment_id=payment.pk, intent=_ask(payment), now=now)
    if payment.state in PENDING:
        intent = providers.provider(payment.provider).cancel(
            payment.provider_ref, key=f"{payment.idempotency_key}:cancel"
        )
        payment = record_intent(payment_id=payment.pk, intent=intent, now=now)
    return settle_payment(payment_id=payment.pk, now=now)


@transaction.atomic
def _leave_checkout(payment: Payment, because: str, now: datetime) -> None:
    """End the checkout of a payment that is given back, unless an order stands or another payment runs."""
    checkout = _lock_checkout(payment.checkout_id)
    if checkout.state == Checkout.State.PAYING and not _has_other(checkout, payment):
        checkout.state = next_state(CHECKOUT, checkout.state, "abandon")
        checkout.save(update_fields=["state"])
        catalogue.release_reservations(holder=holder_of(checkout), now=now)
    Payment.objects.filter(pk=payment.pk).update(failure=because, changed_at=now)


@transaction.atomic
def record_intent(
    *, payment_id: int, intent: Intent, now: datetime, checkout_id: int | None = None
) -> Payment:
    """Write down what the provider said of a payment; what is older news than what we know changes nothing.

    `checkout_id` is given where it is known; a payment never changes its checkout.
    """
    if checkout_id is None:
        checkout_id = Payment.objects.values_list("checkout_id", flat=True).get(pk=payment_id)
    checkout = _lock_checkout(checkout_id)
    payment = _payment_locked(payment_id)[0]
    payment.checkout = checkout
    is_news = _hear(payment, intent, now)
    if is_news and payment.supplement_id is not None and payment.state in SECURED:
        payment.is_surplus = payment.is_surplus or supplements.is_surplus(payment)
    before = payment.captured_minor
    payment.captured_minor = max(before, min(intent.captured_minor, payment.amount_minor))
    update(payment, *TOLD)
    drafts = (
        [books.capture_draft(payment, payment.captured_minor - before, now)]
        if payment.captured_minor > before
        else []
    )
    if is_news:
        orders = _after_news(payment, checkout, drafts, now)
        told = [OrderConfirmed(order.public_id, order.merchant.public_id) for order in orders]
        outbox.publish_all([*told, PaymentChanged(payment.public_id, payment.state)])
    books.post(drafts, now=now)
    return payment


def _after_news(payment: Payment, checkout: Checkout, drafts: list[Draft], now: datetime) -> list[Order]:
    """Draw the consequences of a payment's new state; add what is to be posted, return the orders it confirms."""
    if payment.supplement_id is not None:
        drafts += supplements.after_news(payment, now)
    elif payment.state == Payment.State.CAPTURED and payment.group_id is not None:
        orders = _confirm_orders(payment)
        drafts += books.sale_drafts(orders, now)
        return orders
    elif payment.state == Payment.State.CANCELLED and payment.group_id is not None:
        _cancel_unpaid(payment, now)
    elif payment.state in (Payment.State.FAILED, Payment.State.CANCELLED):
        _reopen(checkout, payment, now)
    return []


def _confirm_orders(payment: Payment) -> list[Order]:
    """Confirm the orders that wait for a payment; return them."""
    confirmed = []
    for order in _orders_locked(payment.group_id):
        if may(ORDER, order.state, "confirm"):
            order.state = next_state(ORDER, order.state, "confirm")
            update(order, "state")
            confirmed.append(order)
    return confirmed


def _reopen(checkout: Checkout, payment: Payment, now: datetime) -> None:
    """Let the shopper choose another way to pay, in a checkout that runs on."""
    if checkout.state == Checkout.State.PAYING and not _has_other(checkout, payment):
        checkout.state = next_state(CHECKOUT, checkout.state, "reopen")
        checkout.expires_at = max(checkout.expires_at, hold_until(now))
        checkout.save(update_fields=["state", "expires_at"])
        catalogue.extend_reservations(holder=holder_of(checkout), until=checkout.expires_at)


def _cancel_unpaid(payment: Payment, now: datetime) -> None:
    """The authorisation ended before the money was taken: the orders end with it, the goods go back."""
    orders = Order.objects.select_for_update(of=("self",)).select_related("merchant")
    for order in orders.filter(group_id=payment.group_id).order_by("pk"):
        if may(ORDER, order.state, "cancel"):
            end_order(order, because="not_paid", now=now)
            endings.note_ended(order=order, refund=None, is_paid=False, now=now)


def end_order(order: Order, *, because: str, now: datetime) -> None:
    """Mark a locked order as cancelled, put what was still to be sent back on the shelf and tell about it."""
    left = left_to_ship(order)
    order.state = next_state(ORDER, order.state, "cancel")
    order.cancelled_at, order.cancel_reason = now, because
    order.save(update_fields=["state", "cancelled_at", "cancel_reason"])
    lines = order.lines.filter(variant__isnull=False, public_id__in=[line for line in left if left[line]])
    for line in lines.order_by("variant_id"):
        catalogue.adjust_stock(
            variant_id=line.variant_id,
            delta=left[line.public_id],
            reason="cancelled",
            reference=order.public_id,
            now=now,
        )
    outbox.publish(OrderCancelled(order.public_id, order.merchant.public_id, because))


def expire_payment(*, payment_id: int, now: datetime) -> Payment:
    """Give up a payment that the shopper left: cancelled at the provider, or settled if it went through."""
    payment = Payment.objects.select_related("checkout", "supplement").get(pk=payment_id)
    if payment.state in PENDING and payment.provider_ref:
        payment = record_intent(payment_id=payment.pk, intent=_ask(payment), now=now)
    if payment.state in PENDING and _is_over(payment, now):
        return give_back(payment_id=payment.pk, because="abandoned", now=now)
    return settle_payment(payment_id=payment.pk, now=now)


def _is_over(payment: Payment, now: datetime) -> bool:
    ends = payment.supplement.pay_by if payment.supplement else payment.checkout.expires_at
    return bool(ends <= now)


def _has_other(checkout: Checkout, payment: Payment) -> bool:
    live = checkout.payments.filter(purpose=ORDER_MONEY, state__in=(*PENDING, *SECURED))
    others = live.exclude(pk=payment.pk)
    return others.exists()


def _amount(payment: Payment) -> Money:
    return Money(payment.amount_minor, payment.currency)


def _lock_checkout(checkout_id: int) -> Checkout:
    checkout = checkout_locked.first(checkout_id)
    if checkout is None:
        raise NotFound(field="checkout")
    return checkout


def _payment(payment_id: int) -> Payment:
    found = _payment_read.first(payment_id)
    if found is None:
        raise NotFound(field="payment")
    return found


@prepared
def _payment_read(payment_id: int) -> QuerySet[Payment]:
    return Payment.objects.filter(pk=payment_id).select_related("group", "checkout")


@prepared
def _payments_of(checkout_id: int) -> QuerySet[Payment]:
    return Payment.objects.filter(checkout_id=checkout_id).values_list("pk")


@prepared
def _payment_locked(payment_id: int) -> QuerySet[Payment]:
    return Payment.objects.select_for_update().filter(pk=payment_id)


@prepared
def _orders_locked(group_id: int) -> QuerySet[Order]:
    orders = Order.objects.select_for_update(of=("self",)).select_related("merchant")
    return orders.filter(group_id=group_id).order_by("pk")


__all__ = [
    "Outcome",
    "expire_payment",
    "give_back",
    "outcome_of",
    "record_intent",
    "settle_payment",
    "start_payment",
    "step_back",
    "submit_order",
]
