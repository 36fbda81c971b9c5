"""A file is written while others work on the same listings: nothing of theirs is lost."""

from __future__ import annotations

import pytest
from django.db.models import F

from catalog import operations
from catalog.models import Stock
from tests.catalog.factories import NOW, draft, make_merchant
from tests.races import end_behind

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("taxonomy"),
]


def test_shelves_hold_what_the_file_says_although_one_was_sold_meanwhile() -> None:
    merchant = make_merchant()
    operations.save_listings(merchant_id=merchant.pk, items=[draft("lamp", on_hand=5)], now=NOW)

    end_behind(
        lambda: Stock.objects.update(on_hand=F("on_hand") - 1),
        lambda: operations.save_listings(merchant_id=merchant.pk, items=[draft("lamp", on_hand=10)], now=NOW),
    )

    assert Stock.objects.get().on_hand == 10


def test_what_a_file_does_not_say_stays_as_somebody_changed_it_meanwhile() -> None:
    merchant = make_merchant()
    (saved,) = operations.save_listings(merchant_id=merchant.pk, items=[draft("lamp", origin="DE")], now=NOW)

    end_behind(
        lambda: operations.update_listing(listing_id=saved.listing_id, now=NOW, origin="FR"),
        lambda: operations.save_listings(
            merchant_id=merchant.pk, items=[draft("lamp")], now=NOW, keep_unsaid=True
        ),
    )

    row = operations.update_listing(listing_id=saved.listing_id, now=NOW)
    assert row.origin == "FR"
