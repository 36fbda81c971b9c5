"""Remember what a shopper likes; by account, or by the token in a guest's cookie."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.models import Listing, WishItem
from marketplace.kernel.errors import Conflict, NotFound

MOST = 500


@transaction.atomic
def add_wish(*, owner: str, listing: str, now: datetime) -> WishItem:
    """Put a listing (its public id) on a wish list; twice changes nothing.

    :raises NotFound: if there is no such listing on offer anywhere.
    :raises Conflict: if the list is full.
    """
    found = Listing.objects.filter(public_id=listing, state=Listing.State.ACTIVE).first()
    if found is None:
        raise NotFound
    if WishItem.objects.filter(owner=owner).count() >= MOST:
        raise Conflict("A wish list holds %(most)s things.", most=MOST)
    return WishItem.objects.get_or_create(owner=owner, listing=found, defaults={"added_at": now})[0]


@transaction.atomic
def remove_wish(*, owner: str, listing: str) -> bool:
    """Take a listing off a wish list; return whether it was on it."""
    return bool(WishItem.objects.filter(owner=owner, listing__public_id=listing).delete()[0])


@transaction.atomic
def merge_wishes(*, guest: str, owner: str) -> int:
    """Give a guest's wishes to the account that signed in; return how many were new."""
    had = set(WishItem.objects.filter(owner=owner).values_list("listing_id", flat=True))
    new = WishItem.objects.filter(owner=guest).exclude(listing_id__in=had).update(owner=owner)
    WishItem.objects.filter(owner=guest).delete()
    return new
