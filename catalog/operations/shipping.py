"""Say where a merchant sends goods, at what price and how fast."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from catalog.domain.drafts import RateDraft
from catalog.events import ShippingChanged
from catalog.models import Generation, Listing, ShippingRate
from catalog.operations.reading import refresh_listings
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import exponent

COLUMNS = [
    "price_minor",
    "extra_item_minor",
    "free_from_minor",
    "currency",
    "min_days",
    "max_days",
    "carrier",
]
AT_ONCE = 500  # listings refreshed in the same transaction; more are left to the event's subscriber


@transaction.atomic
def set_shipping_rates(*, merchant_id: int, rates: Sequence[RateDraft], now: datetime) -> list[ShippingRate]:
    """Replace a merchant's shipping rates; its listings are then offered exactly where a rate leads.

    A rate for "US" serves every subdivision without one of its own.

    :raises Invalid: for a market nobody sells to, an unknown currency, a negative price or days turned round.
    """
    _lock(merchant_id, rates)
    ShippingRate.objects.filter(merchant_id=merchant_id).delete()
    rows = ShippingRate.objects.bulk_create([_row(merchant_id, rate) for rate in rates])
    _tell(merchant_id, now)
    return rows


@transaction.atomic
def save_shipping_rates(*, merchant_id: int, rates: Sequence[RateDraft], now: datetime) -> list[ShippingRate]:
    """Add rates, or replace those of the same market and service; the others stay as they are.

    :raises Invalid: as `set_shipping_rates` does.
    """
    _lock(merchant_id, rates)
    rows = ShippingRate.objects.bulk_create(
        [_row(merchant_id, rate) for rate in rates],
        update_conflicts=True,
        unique_fields=["merchant", "market", "service"],
        update_fields=COLUMNS,
    )
    _tell(merchant_id, now)
    return rows


@transaction.atomic
def remove_shipping_rates(*, merchant_id: int, rate_ids: Collection[int], now: datetime) -> list[RateDraft]:
    """Take rates away; return them, so that they can be put back. Listings are then no longer sent that way."""
    _lock(merchant_id, ())
    rows = ShippingRate.objects.filter(merchant_id=merchant_id, pk__in=rate_ids).order_by("pk")
    drafts = [draft_of(row) for row in rows]
    rows.delete()
    if drafts:
        _tell(merchant_id, now)
    return drafts


def draft_of(row: ShippingRate) -> RateDraft:
    """Return a rate as it is handed in."""
    return RateDraft(row.market, service=row.service, **{name: getattr(row, name) for name in COLUMNS})


def _lock(merchant_id: int, rates: Sequence[RateDraft]) -> None:
    Merchant.objects.select_for_update().get(pk=merchant_id)
    for position, rate in enumerate(rates):
        _check(rate, position)


def _tell(merchant_id: int, now: datetime) -> None:
    ids = list(
        Listing.objects.filter(merchant_id=merchant_id)
        .order_by("pk")
        .values_list("pk", flat=True)[: AT_ONCE + 1]
    )
    if len(ids) <= AT_ONCE:
        refresh_listings(listing_ids=ids, now=now, words=False)
    Generation.objects.create(scope=f"seller:{merchant_id}")
    outbox.publish(ShippingChanged(merchant_id))


def _check(rate: RateDraft, position: int) -> None:
    exponent(rate.currency)
    problems = {
        "market": rate.market not in selling_markets(),
        "price_minor": rate.price_minor < 0 or rate.extra_item_minor < 0,
        "max_days": not 0 <= rate.min_days <= rate.max_days <= 365,
    }
    for name, is_wrong in problems.items():
        if is_wrong:
            raise Invalid(
                "Rate %(nth)s is not possible.",
                field=name,
                position=position,
                nth=position + 1,
                market=rate.market,
            )


def _row(merchant_id: int, rate: RateDraft) -> ShippingRate:
    return ShippingRate(
        merchant_id=merchant_id,
        market=rate.market,
        service=rate.service,
        price_minor=rate.price_minor,
        extra_item_minor=rate.extra_item_minor,
        free_from_minor=rate.free_from_minor,
        currency=rate.currency,
        min_days=rate.min_days,
        max_days=rate.max_days,
        carrier=rate.carrier,
    )
