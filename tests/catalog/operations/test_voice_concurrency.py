"""Two people say something of the same goods at once: both count, and neither waits for the other for ever."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from catalog import operations
from catalog.models import Listing, ReviewInvitation
from catalog.operations import reviews
from catalog.operations.spoken import lock_listings
from tests.catalog.factories import NOW, make_listing
from tests.catalog.operations.test_voice import received, said
from tests.races import end_behind

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("taxonomy"),
]
with_control = pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "control"])


def _no_lock(listing_ids: Iterable[int]) -> None:
    """What the controls put in the place of the lock."""


@with_control
def test_reviews_written_at_once_all_count(is_locked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: who comes second has counted before the first was there to be seen."""
    listing = make_listing()
    for line in ("LN-1", "LN-2"):
        received(listing, line)
    if not is_locked:
        monkeypatch.setattr(reviews, "lock_listings", _no_lock)
    ended = end_behind(
        lambda: operations.write_review(line="LN-1", said=said(stars=5), now=NOW),
        lambda: operations.write_review(line="LN-2", said=said(stars=2), now=NOW).stars,
    )
    listing.refresh_from_db()
    counted = (Decimal("3.50"), 2) if is_locked else (Decimal("2.00"), 1)
    assert (ended, (listing.rating_average, listing.rating_count)) == (2, counted)


@with_control
def test_goods_that_come_back_while_a_review_is_written_wait_for_it(
    is_locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: one holds the listing and wants the invitation, the other the other way round."""
    listing = make_listing()
    line = received(listing)
    if not is_locked:
        monkeypatch.setattr(reviews, "lock_listings", _no_lock)
    errors: list[str] = []

    def write() -> None:
        try:
            operations.write_review(line=line, said=said(), now=NOW)
        except Exception as error:
            errors.append(type(error).__name__)
            raise

    try:
        ended = end_behind(
            lambda: lock_listings([listing.pk]),
            lambda: operations.mark_sent_back(lines=[line], now=NOW),
            then=write,
        )
    except Exception as error:
        ended = type(error).__name__
    fell = [one for one in (ended, *errors) if one == "OperationalError"]
    assert bool(fell) is not is_locked
    if is_locked:
        assert (ended, Listing.objects.get().rating_count) == (1, 1)
        assert ReviewInvitation.objects.get().sent_back_at == NOW
