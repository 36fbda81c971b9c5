"""Mending one thing on many listings at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from catalog.models import Listing, ShippingRate
from catalog.operations.listings import update_listing
from compliance.rulebook import fields as registry
from compliance.rulebook import warning_texts
from compliance.rulebook.markets import selling_markets
from marketplace.kernel.errors import Invalid, RightfulError

PARTIES = ("manufacturer", "responsible_person")


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
    return [_disclose(row, field, cleaned, now) for row in _of(listings, merchant_ids)]


def withdraw_from_markets(
    *, listings: Sequence[str], merchant_ids: Collection[int], markets: Collection[str], now: datetime
) -> list[Mended]:
    """Send listings (public ids) of these merchants no longer to some markets; each stands for itself.

    A listing that would be sent nowhere is left as it is and told: it is archived instead.
    """
    return [_withdraw(row, set(markets), now) for row in _of(listings, merchant_ids)]


def show_warning_on_many(
    *, listings: Sequence[str], merchant_ids: Collection[int], code: str, now: datetime
) -> list[Mended]:
    """Show a standard warning on listings; every buyer reads its official wording in the market's language.

    :raises Invalid: for a code that the rulebook does not know.
    """
    if not warning_texts.languages_with(code):
        raise Invalid("There is no such warning.", field="code", value=code)
    return [_warn(row, code, now) for row in _of(listings, merchant_ids)]


def take_from_brand(
    *, listings: Sequence[str], merchant_ids: Collection[int], party: str, now: datetime
) -> list[Mended]:
    """Let the record of the brand say who made listings or answers for them, in place of their own words.

    :param party: manufacturer or responsible_person. A listing whose brand's record is silent is left as it is.
    """
    if party not in PARTIES:
        raise Invalid("Choose whose details are to be taken.", field="party", value=party)
    rows = _of(listings, merchant_ids).select_related("brand__shared")
    return [_take(row, party, now) for row in rows]


def _of(listings: Sequence[str], merchant_ids: Collection[int]) -> QuerySet[Listing]:
    rows = Listing.objects.filter(public_id__in=list(listings), merchant__in=list(merchant_ids))
    return rows.order_by("pk")


def _withdraw(listing: Listing, markets: set[str], now: datetime) -> Mended:
    rated = {*ShippingRate.objects.filter(merchant=listing.merchant_id).values_list("market", flat=True)}
    sent = {m for m in selling_markets() if not listing.ships_to or {m, m[:2]} & set(listing.ships_to)}
    left = {m for m in sent if {m, m[:2]} & rated} - markets
    if not left:
        return Mended(listing.public_id, Invalid(_("It would be sent nowhere: archive it instead.")))
    return _update(listing, now, ships_to=sorted(left))


def _warn(listing: Listing, code: str, now: datetime) -> Mended:
    shown = listing.disclosures.get("warning_codes") or []
    if code in shown:
        return Mended(listing.public_id, None)
    return _update(listing, now, disclosures={**listing.disclosures, "warning_codes": [*shown, code]})


def _take(listing: Listing, party: str, now: datetime) -> Mended:
    brand = listing.brand
    records = [brand, brand.shared] if brand else []
    if not any(record and getattr(record, party) for record in records):
        return Mended(listing.public_id, Invalid(_("The record of its brand does not say it.")))
    return _update(listing, now, **{party: {}})


def _update(listing: Listing, now: datetime, **changes: Any) -> Mended:
    try:
        update_listing(listing_id=listing.pk, now=now, **changes)
    except RightfulError as problem:
        return Mended(listing.public_id, problem)
    return Mended(listing.public_id, None)


def _disclose(listing: Listing, field: str, value: Any, now: datetime) -> Mended:
    if listing.disclosures.get(field):
        return Mended(listing.public_id, None)
    return _update(listing, now, disclosures={**listing.disclosures, field: value})
