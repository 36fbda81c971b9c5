"""What providers tell of their own accord: verified, stored once, applied; in any order, any number of times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from orders import payments as providers
from orders.models import Payment, PaymentEvent
from orders.operations.chargebacks import record_dispute
from orders.operations.payments import record_intent, settle_payment
from orders.operations.refunds import is_known_refund, record_refund
from orders.payments import Dispute, News

log = structlog.get_logger(__name__)


def receive_webhook(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Take a provider's message: verified, stored once, applied. Tell whether it was new.

    :raises BadWebhook: if it is not from the provider, or stale.
    """
    news = providers.provider(provider).read_webhook(body=body, headers=headers)
    event = _store_event(provider, news, now)
    if event is None:
        return False
    _apply_news(event, news, now)
    return True


def _store_event(provider: str, news: News, now: datetime) -> PaymentEvent | None:
    """Return the stored event, or None if it was applied before."""
    payment = (
        Payment.objects.filter(provider=provider, public_id=news.payment).first() if news.payment else None
    )
    try:
        with transaction.atomic():
            return PaymentEvent.objects.create(
                provider=provider,
                event_id=news.event_id,
                payment=payment,
                kind=news.kind,
                payload=news.payload,
                received_at=now,
            )
    except IntegrityError:
        known = PaymentEvent.objects.get(provider=provider, event_id=news.event_id)
        return known if known.applied_at is None else None


def _apply_news(event: PaymentEvent, news: News, now: datetime) -> None:
    """Apply a message and then mark it; a crash in between lets the provider's next delivery apply it again."""
    if event.payment_id is not None and news.intent is not None:
        record_intent(payment_id=event.payment_id, intent=news.intent, now=now)
        try:
            settle_payment(payment_id=event.payment_id, now=now)
        except providers.ProviderDown:
            log.warning("Left to the reconciling job.", payment=news.payment)
    if news.refund and news.refund_result is not None and is_known_refund(news.refund):
        record_refund(refund_id=news.refund, result=news.refund_result, now=now)
    if news.dispute is not None:
        _apply_dispute(event.provider, news.dispute, now)
    PaymentEvent.objects.filter(pk=event.pk).update(applied_at=now)


def _apply_dispute(provider: str, dispute: Dispute, now: datetime) -> None:
    """Apply what is said of a chargeback; one of a payment that is none of ours is left alone."""
    found = Payment.objects.filter(provider=provider, provider_ref=dispute.payment_ref).exclude(
        provider_ref=""
    )
    payment = found.values_list("pk", flat=True).first()
    if payment is None:
        log.warning("A chargeback of an unknown payment.", provider=provider, dispute=dispute.ref)
        return
    record_dispute(payment_id=payment, dispute=dispute, now=now)
