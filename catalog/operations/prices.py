"""Write prices. What was once a price stays in the history for ever; the law of reductions is judged on it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.domain.drafts import check_price
from catalog.domain.errors import NotAReduction
from catalog.events import ListingChanged, PriceChanged
from catalog.models import Listing, Offer, PriceRecord, Variant
from catalog.operations.reading import settle_listings
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid

Kind = PriceRecord.Kind


@transaction.atomic
def set_price(*, variant_id: int, currency: str, price_minor: int, now: datetime) -> Offer:
    """Set a variant's regular price in a currency, from now on. A running reduction ends with it.

    :raises Invalid: if the price is not above zero or the currency is unknown.
    """
    check_price(price_minor, currency)
    listing = _lock_listing(variant_id)
    offer = Offer.objects.filter(variant_id=variant_id, currency=currency).first()
    if offer and offer.price_minor == price_minor and offer.reduced_from is None:
        return offer
    offer = offer or Offer(variant_id=variant_id, currency=currency)
    _write(offer, price_minor, Kind.REGULAR, now)
    _tell(listing, now)
    return offer


@transaction.atomic
def withdraw_price(*, variant_id: int, currency: str, now: datetime) -> None:
    """Stop offering a variant in a currency; the history says from when."""
    listing = _lock_listing(variant_id)
    if Offer.objects.filter(variant_id=variant_id, currency=currency).delete()[0]:
        _record(variant_id, currency, None, Kind.REGULAR, now)
        _tell(listing, now)


@transaction.atomic
def announce_reduction(
    *, variant_id: int, currency: str, price_minor: int, now: datetime, until: datetime | None = None
) -> Offer:
    """Announce a reduced price from now on; the prior price beside it is computed from the history.

    A second, lower reduction while one runs is a further step of the same announcement: it keeps its
    beginning and its regular price.

    :raises NotAReduction: if the price is not below the present one.
    """
    check_price(price_minor, currency)
    if until is not None and until <= now:
        raise Invalid("A reduction ends after it begins.", field="until")
    listing = _lock_listing(variant_id)
    offer = Offer.objects.select_for_update().filter(variant_id=variant_id, currency=currency).first()
    if offer is None or price_minor >= offer.price_minor:
        raise NotAReduction(price=price_minor, present=offer.price_minor if offer else None)
    _write(
        offer, price_minor, Kind.REDUCED, now,
        regular_minor=offer.regular_minor or offer.price_minor,
        reduced_from=offer.reduced_from or now, reduced_until=until,
    )  # fmt: skip
    _tell(listing, now)
    return offer


@transaction.atomic
def end_reduction(*, offer_id: int, now: datetime) -> Offer:
    """Return to the regular price. Ending a reduction that is not running changes nothing."""
    offer = Offer.objects.get(pk=offer_id)
    listing = _lock_listing(offer.variant_id)
    offer = Offer.objects.select_for_update().get(pk=offer_id)
    if offer.regular_minor is not None:
        _write(offer, offer.regular_minor, Kind.REGULAR, now)
        _tell(listing, now)
    return offer


def end_due_reductions(*, now: datetime) -> int:
    """End every reduction whose time is over, each in a transaction of its own; return how many."""
    due = list(Offer.objects.filter(reduced_until__lte=now).order_by("pk").values_list("pk", flat=True))
    for offer_id in due:
        end_reduction(offer_id=offer_id, now=now)
    return len(due)


def _lock_listing(variant_id: int) -> Listing:
    variant = Variant.objects.only("listing_id").get(pk=variant_id)
    return Listing.objects.select_for_update().get(pk=variant.listing_id)


def _write(
    offer: Offer, price_minor: int, kind: str, now: datetime, *, regular_minor: int | None = None,
    reduced_from: datetime | None = None, reduced_until: datetime | None = None,
) -> None:  # fmt: skip
    offer.price_minor, offer.regular_minor = price_minor, regular_minor
    offer.reduced_from, offer.reduced_until = reduced_from, reduced_until
    offer.save()
    _record(offer.variant_id, offer.currency, price_minor, kind, now)


def _record(variant_id: int, currency: str, price_minor: int | None, kind: str, now: datetime) -> None:
    PriceRecord.objects.create(
        variant_id=variant_id,
        currency=currency,
        price_minor=price_minor,
        kind=kind,
        valid_from=now,
        recorded_at=now,
    )
    outbox.publish(PriceChanged(variant_id, currency, price_minor, kind))


def _tell(listing: Listing, now: datetime) -> None:
    settle_listings(listing_ids=[listing.pk], now=now)
    outbox.publish(ListingChanged((listing.pk,), listing.merchant_id, "price"))
