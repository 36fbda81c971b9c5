"""Keep the European Central Bank's reference rates, each with its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from catalog.models import ExchangeRate, Generation
from compliance.rulebook.rates import DatedRate, ecb_history
from marketplace.accounts.models import Merchant


@transaction.atomic
def load_rates(*, today: date, days: int = 40) -> int:
    """Write the rates of the last days from the history that ships with the product; return how many are new.

    If that history ends before the window, its last days are taken: the newest rate known on a day is the
    one that counts on it, and every page says of which day it is.
    """
    wanted = {*settings.CURRENCIES, *Merchant.objects.values_list("currency", flat=True).distinct()}
    rows = [
        ExchangeRate(currency=r.currency, on=r.on, rate=r.rate)
        for r in _window(today, days)
        if r.currency in wanted
    ]
    before = ExchangeRate.objects.count()
    ExchangeRate.objects.bulk_create(rows, ignore_conflicts=True)
    new = ExchangeRate.objects.count() - before
    if new:
        Generation.objects.create(scope="rates")
    return new


def _window(today: date, days: int) -> Iterator[DatedRate]:
    """Yield the rates of the last days up to today; the history comes newest day first."""
    newest: date | None = None
    for rate in ecb_history():
        if rate.on > today:
            continue
        newest = newest or rate.on
        if rate.on < newest - timedelta(days=days):
            return
        yield rate
