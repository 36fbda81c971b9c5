"""Reductions as merchants announce them: only with the prior price that the law computes from the history.

A reduction begins at once, or waits as a plan that begins by itself. What the law forbids in a market where
the listing would be seen is refused, now and again when a plan's time comes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from catalog.domain.drafts import check_price
from catalog.domain.errors import NotAReduction, UnlawfulReduction
from catalog.models import Listing, Offer, PlannedReduction
from catalog.operations.prices import announce_reduction, end_due_reductions
from catalog.queries.reductions import Prior, Proposed, priors_of
from marketplace.kernel.errors import Conflict, Invalid, RightfulError
from marketplace.kernel.money import Money

if TYPE_CHECKING:
    from marketplace.accounts.models import User


@transaction.atomic
def reduce_price(
    *,
    offer_id: int,
    price_minor: int,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    prior_minor: int | None = None,
    by: User | None = None,
) -> Offer | PlannedReduction:
    """Announce a reduction, from now on or from a later instant; return the offer or the plan.

    `prior_minor` is the prior price the merchant means to announce, if they say one: it must be the law's.

    :raises NotAReduction: if the price is not below the regular one.
    :raises UnlawfulReduction: naming the markets, if the law does not allow it or has another prior price.
    :raises Invalid: naming the field, for a time that cannot be.
    """
    offer = _lock(offer_id)
    begins = starts_at if starts_at and starts_at > now else now
    _check_times(starts_at, ends_at, begins, now)
    check_price(price_minor, offer.currency)
    if price_minor >= offer.price_minor:
        raise NotAReduction(field="price", price=price_minor, present=offer.price_minor)
    refuse_unlawful(offer=offer, price_minor=price_minor, starts_at=begins, prior_minor=prior_minor)
    PlannedReduction.objects.filter(offer=offer).delete()
    if begins == now:
        return announce_reduction(
            variant_id=offer.variant_id,
            currency=offer.currency,
            price_minor=price_minor,
            now=now,
            until=ends_at,
        )
    return PlannedReduction.objects.create(
        offer=offer, price_minor=price_minor, starts_at=begins, ends_at=ends_at, planned_by=by, planned_at=now
    )


def _lock(offer_id: int) -> Offer:
    listing_id = Offer.objects.values_list("variant__listing_id", flat=True).get(pk=offer_id)
    Listing.objects.select_for_update().get(pk=listing_id)
    return Offer.objects.select_for_update(of=("self",)).select_related("variant__listing").get(pk=offer_id)


def _check_times(
    starts_at: datetime | None, ends_at: datetime | None, begins: datetime, now: datetime
) -> None:
    if starts_at is not None and (now - starts_at).total_seconds() > 3600:
        raise Invalid("A reduction cannot begin in the past.", field="starts_at")
    if ends_at is not None and ends_at <= begins:
        raise Invalid("A reduction ends after it begins.", field="ends_at")


def refuse_unlawful(
    *, offer: Offer, price_minor: int, starts_at: datetime, prior_minor: int | None = None
) -> tuple[Prior, ...]:
    """Return what the law says of a reduction, if it may be announced with this prior price.

    :raises UnlawfulReduction: otherwise, with the markets and the law's prior price.
    """
    proposed = Proposed(offer.pk, Money(price_minor, offer.currency), starts_at)
    answers = priors_of([proposed])[offer.pk]
    unlawful = [one for one in answers if not one.is_lawful]
    if unlawful:
        raise _refused("The law does not allow this reduction.", unlawful, offer, field="price")
    other = [one for one in answers if one.must_show and one.prior and one.prior.minor != prior_minor]
    if prior_minor is not None and other:
        raise _refused("This is not the prior price that the law asks for.", other, offer, field="prior")
    return answers


def _refused(detail: str, found: list[Prior], offer: Offer, *, field: str) -> UnlawfulReduction:
    return UnlawfulReduction(
        detail,
        field=field,
        markets=[market for one in found for market in one.markets],
        why=found[0].why,
        prior_minor=found[0].prior.minor if found[0].prior else None,
        currency=offer.currency,
    )


@transaction.atomic
def call_off_reduction(*, plan_id: int) -> PlannedReduction:
    """Take a planned reduction back before it begins; return what was planned.

    :raises Conflict: if it has begun, or was taken back already.
    """
    plan = PlannedReduction.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Conflict("This reduction has begun, or was taken back already.")
    plan.delete()
    return plan


def turn_reductions(*, now: datetime) -> dict[str, int]:
    """End every reduction whose time is over and begin those whose time has come; return how many of each."""
    ended = end_due_reductions(now=now)
    due = PlannedReduction.objects.filter(starts_at__lte=now, refused_at=None).order_by("pk")
    begun = [_begin(plan_id, now) for plan_id in due.values_list("pk", flat=True)]
    return {"ended": ended, "begun": sum(begun), "refused": len(begun) - sum(begun)}


@transaction.atomic
def _begin(plan_id: int, now: datetime) -> bool:
    """Begin one planned reduction; return whether it began. One that became unlawful stays, marked refused."""
    offer_id = PlannedReduction.objects.values_list("offer_id", flat=True).get(pk=plan_id)
    offer = _lock(offer_id)
    plan = PlannedReduction.objects.select_for_update().filter(pk=plan_id, refused_at=None).first()
    if plan is None:
        return False
    try:
        with transaction.atomic():
            reduce_price(offer_id=offer.pk, price_minor=plan.price_minor, now=now, ends_at=plan.ends_at)
    except RightfulError:
        PlannedReduction.objects.filter(pk=plan.pk).update(refused_at=now)
        return False
    return True
