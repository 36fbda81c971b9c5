"""Mending one thing on many listings at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import Listing
from catalog.operations.listings import update_listing
from compliance.rulebook import fields as registry
from marketplace.kernel.errors import Invalid, RightfulError


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one listing: None if it was mended, else why not."""

    listing: str
    problem: RightfulError | None


def disclose_on_many(
    *, listings: Sequence[str], merchant_ids: Collection[int], field: str, value: Any, now: datetime
) -> list[Mended]:
    """Write one disclosure on many listings (public ids) of these merchants; each stands for itself.

    What is disclosed already is kept. Listings of other merchants are left out in silence.

    :raises Invalid: if the value does not fit the field; nothing is written then.
    """
    cleaned = registry.clean(field, value)
    if cleaned is None:
        raise Invalid("Fill in what is to be written.", field="value")
    rows = Listing.objects.filter(public_id__in=list(listings), merchant__in=list(merchant_ids)).order_by(
        "pk"
    )
    return [_disclose(row, field, cleaned, now) for row in rows]


def _disclose(listing: Listing, field: str, value: Any, now: datetime) -> Mended:
    if listing.disclosures.get(field):
        return Mended(listing.public_id, None)
    try:
        update_listing(listing_id=listing.pk, now=now, disclosures={**listing.disclosures, field: value})
    except RightfulError as problem:
        return Mended(listing.public_id, problem)
    return Mended(listing.public_id, None)
