"""Work in the background: ids in, one operation called. Every task may run twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celery import shared_task
from django.db import transaction

from catalog.operations.brands import watch_certificates
from catalog.operations.rates import load_rates
from catalog.operations.reading import chunks, settle_listings, sum_generations
from catalog.operations.reductions import turn_reductions
from catalog.operations.voice_news import tell_merchants
from marketplace.kernel import clock, jobs


@shared_task
def refresh_catalogue() -> None:
    """Take in new exchange rates, sum up the generations."""
    jobs.run_slot(name="refresh-catalogue", work=_refresh)


def _refresh() -> dict[str, Any]:
    now = clock.now()
    return {
        "rates": load_rates(today=now.date()),
        "generations_summed": sum_generations(),
    }


@shared_task
def turn_prices() -> None:
    """End the reductions whose time is over, begin those whose time has come."""
    jobs.run_slot(name="turn-prices", work=lambda: turn_reductions(now=clock.now()))


@shared_task
def announce_certificates() -> None:
    """Tell merchants of certificates that end soon; judge what leaned on those that ended."""
    jobs.run_slot(name="watch-certificates", work=lambda: watch_certificates(today=clock.now().date()))


@shared_task
def tell_of_voice() -> None:
    """Write to merchants of reviews and questions that gathered since their last letter."""
    jobs.run_slot(name="tell-of-voice", work=lambda: tell_merchants(now=clock.now()))


@shared_task
def bulk_settle_listings(listing_ids: list[int]) -> None:
    """Judge and refresh a chunk of listings."""
    settle_listings(listing_ids=listing_ids, now=clock.now())


def settle_in_background(listing_ids: Sequence[int]) -> None:
    """Hand listings to the workers in chunks, once the open transaction is committed."""
    for ids in chunks(listing_ids):
        transaction.on_commit(lambda ids=list(ids): bulk_settle_listings.delay(ids))
