"""Merchants read of new reviews and questions: of the first at once, of what follows within the hour in one letter."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from catalog.events import VoiceGathered
from catalog.models import VoiceNews
from catalog.operations.moderation import find_content, listing_of
from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox

BETWEEN = timedelta(hours=1)  # our own measure: so often a merchant is written to about what people say


@transaction.atomic
def gather_voice(*, subject: str, now: datetime) -> int:
    """Note that a merchant is to read of something said; return of how many it is told now. Twice changes nothing."""
    merchant_id = listing_of(find_content(subject)).merchant_id
    VoiceNews.objects.bulk_create(
        [VoiceNews(merchant_id=merchant_id, subject=subject, gathered_at=now)], ignore_conflicts=True
    )
    return tell_merchant(merchant_id=merchant_id, now=now)


@transaction.atomic
def tell_merchant(*, merchant_id: int, now: datetime) -> int:
    """Have a letter written of what gathered, unless the last one is too young; return of how much it tells."""
    _lock(merchant_id)
    rows = VoiceNews.objects.filter(merchant=merchant_id)
    if rows.filter(told_at__gt=now - BETWEEN).exists():
        return 0
    waiting = rows.select_for_update().filter(told_at=None).order_by("pk").values_list("subject", flat=True)
    subjects = tuple(waiting)
    if subjects:
        VoiceNews.objects.filter(subject__in=subjects).update(told_at=now)
        outbox.publish(VoiceGathered(merchant_id, subjects))
    return len(subjects)


def _lock(merchant_id: int) -> None:
    """Let one at a time decide whether a merchant is written to."""
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)


def tell_merchants(*, now: datetime) -> int:
    """Have letters written to all merchants for whom something gathered; return of how much they tell."""
    waiting = VoiceNews.objects.filter(told_at=None).order_by("merchant").values_list("merchant", flat=True)
    return sum(tell_merchant(merchant_id=one, now=now) for one in waiting.distinct())
