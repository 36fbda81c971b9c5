"""Prices: what was once a price stays in the history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from catalog import operations
from catalog.domain.errors import NotAReduction
from catalog.models import ListingIndex, Offer, PriceRecord
from marketplace.kernel.errors import Invalid
from tests.catalog.factories import NOW, make_listing, variant_of

LATER, DAY = NOW + timedelta(days=40), timedelta(days=1)
pytestmark = pytest.mark.usefixtures("taxonomy")


def history(variant) -> list[tuple[int, str]]:
    return list(PriceRecord.objects.filter(variant=variant).order_by("pk").values_list("price_minor", "kind"))


def test_every_price_is_recorded_once() -> None:
    variant = variant_of(make_listing())
    for minor in (4900, 5200, 5200):
        operations.set_price(variant_id=variant.pk, currency="EUR", price_minor=minor, now=LATER)
    assert history(variant) == [(4900, "regular"), (5200, "regular")]


def test_a_reduction_remembers_where_it_came_from() -> None:
    variant = variant_of(make_listing())
    operations.announce_reduction(
        variant_id=variant.pk, currency="EUR", price_minor=3900, now=LATER, until=LATER + DAY
    )
    offer = Offer.objects.get(variant=variant)
    assert (offer.price_minor, offer.regular_minor, offer.reduced_from) == (3900, 4900, LATER)


def test_a_further_step_keeps_the_beginning() -> None:
    variant = variant_of(make_listing())
    operations.announce_reduction(variant_id=variant.pk, currency="EUR", price_minor=3900, now=LATER)
    operations.announce_reduction(variant_id=variant.pk, currency="EUR", price_minor=2900, now=LATER + DAY)
    offer = Offer.objects.get(variant=variant)
    assert (offer.regular_minor, offer.reduced_from) == (4900, LATER)


def test_a_reduction_ends_by_itself() -> None:
    variant = variant_of(make_listing())
    operations.announce_reduction(
        variant_id=variant.pk, currency="EUR", price_minor=3900, now=LATER, until=LATER + DAY
    )
    assert operations.end_due_reductions(now=LATER + DAY) == 1
    assert history(variant) == [(4900, "regular"), (3900, "reduced"), (4900, "regular")]


def test_a_rise_is_no_reduction() -> None:
    variant = variant_of(make_listing())
    with pytest.raises(NotAReduction):
        operations.announce_reduction(variant_id=variant.pk, currency="EUR", price_minor=4900, now=LATER)


def test_a_price_is_above_zero() -> None:
    variant = variant_of(make_listing())
    with pytest.raises(Invalid) as caught:
        operations.set_price(variant_id=variant.pk, currency="EUR", price_minor=0, now=LATER)
    assert caught.value.field == "price"


@pytest.mark.parametrize(
    "verb", ["UPDATE catalog_pricerecord SET price_minor = 1", "DELETE FROM catalog_pricerecord"]
)
def test_the_history_is_never_rewritten(verb: str) -> None:
    make_listing()
    with pytest.raises(DatabaseError, match="append-only"):
        connection.cursor().execute(verb)


def test_the_index_sorts_prices_of_all_currencies_together() -> None:
    yen = make_listing(price={"JPY": 1_000_000})
    assert ListingIndex.objects.get(listing=yen).price > 400_000
