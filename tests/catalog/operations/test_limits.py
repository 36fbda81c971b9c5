"""A limited listing is sold on: last in lists, on no front page, beside nothing, never promoted; and comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from catalog.demo import loading
from catalog.models import Listing, ListingIndex
from catalog.operations.reading import take_limits
from catalog.queries import lists, shop
from catalog.queries.lists import Scope
from marketplace.accounts.place import place_of
from marketplace.kernel import clock

pytestmark = pytest.mark.django_db
PLACE = place_of("DE", "en", "EUR")


@pytest.fixture
def shelf() -> Listing:
    """Return one of three things on the shelf, the one that stands first."""
    cache.clear()
    loading.load(now=clock.now(), only=("crane-silk-scarf", "olive-soap", "long-day-tote"), pictures=1)
    return Listing.objects.get(
        pk=ListingIndex.objects.order_by("-rank", "-listing_id").values_list("pk", flat=True)[0]
    )


def limit(listing: Listing, is_limited: bool = True) -> int:
    ids = [listing.public_id]
    found = take_limits(
        public_ids=ids,
        limited=lambda _: {listing.public_id: ["DE"]} if is_limited else {},
        now=clock.now() + timedelta(seconds=1),
    )
    listing.refresh_from_db()
    return found


def shown() -> list[int]:
    found = shop.list_listings(shop.Filters(), PLACE, clock.today())
    return [card.listing_id for card in found.cards]


def test_it_is_found_and_sold_but_stands_last(shelf: Listing):
    before = shown()
    limit(shelf)
    after = shown()
    assert (before[0], after[-1], sorted(before)) == (shelf.pk, shelf.pk, sorted(after))
    assert "DE" in shelf.offered_in


def test_elsewhere_it_stands_where_it_stood(shelf: Listing):
    fr = place_of("FR", "en", "EUR")
    before = [card.listing_id for card in shop.list_listings(shop.Filters(), fr, clock.today()).cards]
    limit(shelf)
    assert [card.listing_id for card in shop.list_listings(shop.Filters(), fr, clock.today()).cards] == before


def test_it_stands_last_among_what_words_find(shelf: Listing):
    words = "silk soap tote scarf olive long day"
    for word in words.split():
        before = shop.list_listings(shop.Filters(query=word), PLACE, clock.today()).cards
        limit(shelf)
        after = shop.list_listings(shop.Filters(query=word), PLACE, clock.today()).cards
        assert {one.listing_id for one in before} == {one.listing_id for one in after}
        assert shelf.pk not in [one.listing_id for one in after][:-1]


def test_pages_go_on_over_the_border_of_what_is_limited(shelf: Listing):
    limit(shelf)
    seen, after = [], ""
    for _ in range(5):
        found = shop.list_listings(shop.Filters(size=1, after=after), PLACE, clock.today())
        seen += [card.listing_id for card in found.cards]
        after = found.following
        if not after:
            break
    assert (seen, len(seen)) == (shown(), len(set(seen)))


def test_it_is_on_no_front_page_and_beside_nothing(shelf: Listing):
    limit(shelf)
    front = [card.listing_id for card in shop.newest(PLACE, clock.today(), 13)]
    beside = lists.best_ids(Scope("category", shelf.category_id), PLACE, 5)
    assert (shelf.pk in front, shelf.pk in beside) == (False, False)


def test_it_comes_back_when_it_is_mended(shelf: Listing):
    limit(shelf)
    assert (limit(shelf, False), shown()[0], limit(shelf, False)) == (1, shelf.pk, 0)


def test_it_loses_its_paid_place_and_gets_no_new_one(shelf: Listing):
    Listing.objects.filter(pk=shelf.pk).update(is_promoted=True)
    limit(shelf)
    with pytest.raises(IntegrityError), transaction.atomic():
        Listing.objects.filter(pk=shelf.pk).update(is_promoted=True)
    assert (shelf.is_promoted, shelf.limited_in) == (False, ["DE"])
