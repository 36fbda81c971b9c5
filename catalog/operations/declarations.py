"""What the law asks a merchant to confirm: declared by a person, on a day, and taken back by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import transaction

from catalog.events import ListingChanged
from catalog.models import Declaration, Listing
from catalog.operations.reading import settle_listings
from compliance import rulebook
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid

if TYPE_CHECKING:
    from marketplace.accounts.models import User


def statements() -> Mapping[str, str]:
    """Return what the law may ask to be confirmed, by key, as English msgids."""
    return _statements(rulebook.default().version)


@lru_cache(maxsize=2)
def _statements(version: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for rule in rulebook.default().rules.values():
        for known in rule.versions:
            if "attestation" in known.params:
                found[known.params["attestation"]] = known.params["statement"]
    return dict(sorted(found.items()))


@transaction.atomic
def declare(*, listing_id: int, key: str, by: User, now: datetime) -> Declaration:
    """Record that a person confirms a statement for a listing; it is judged again at once. Twice changes nothing.

    :raises Invalid: if the law knows no such statement.
    """
    if key not in statements():
        raise Invalid("The law knows no such statement.", field="statement", value=key)
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    row, is_new = Declaration.objects.get_or_create(
        listing=listing,
        key=key,
        withdrawn_at=None,
        defaults={
            "statement": statements()[key], "declared_by": by, "declared_name": by.get_full_name()[:254],
            "declared_at": now,
        },
    )  # fmt: skip
    if is_new or key not in listing.attestations:
        _write(listing, {*listing.attestations, key}, now)
    return row


@transaction.atomic
def take_back_declaration(*, listing_id: int, key: str, by: User, now: datetime) -> Listing:
    """Take a declaration back, also one that came with a file. What was declared, and by whom, stays on record."""
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    Declaration.objects.filter(listing=listing, key=key, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_name=by.get_full_name()[:254]
    )
    if key in listing.attestations:
        _write(listing, {*listing.attestations} - {key}, now)
    return listing


def _write(listing: Listing, keys: set[str], now: datetime) -> None:
    listing.attestations = sorted(keys)
    listing.save(update_fields=["attestations"])
    settle_listings(listing_ids=[listing.pk], now=now)
    outbox.publish(ListingChanged((listing.pk,), listing.merchant_id, "edited"))
