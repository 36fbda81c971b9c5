"""Payment providers behind one small protocol. Every call takes an idempotency key; none runs in a transaction."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from orders.payments.protocol import (
    BadWebhook,
    Dispute,
    Intent,
    Movement,
    News,
    Provider,
    ProviderDown,
    RefundResult,
    UnknownProvider,
)

__all__ = [
    "BadWebhook",
    "Dispute",
    "Intent",
    "Movement",
    "News",
    "Provider",
    "ProviderDown",
    "RefundResult",
    "UnknownProvider",
    "provider",
]


def provider(code: str) -> Provider:
    """Return the provider of a code that this site offers.

    :raises UnknownProvider: for any other.
    """
    if code not in settings.PAYMENT_PROVIDERS:
        raise UnknownProvider(field="provider", provider=code)
    return _made(code, settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_WEBHOOK_SECRET)


@cache
def _made(code: str, secret_key: str, api_base: str, webhook_secret: str) -> Provider:
    if code == "stripe":
        from orders.payments.stripe_provider import StripeProvider

        return StripeProvider(secret_key, api_base, tuple(s for s in webhook_secret.split(",") if s))
    if code == "offline":
        from orders.payments.offline import OfflineProvider

        return OfflineProvider()
    raise UnknownProvider(field="provider", provider=code)
