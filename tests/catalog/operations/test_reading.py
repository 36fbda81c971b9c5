"""Read models: true in the transaction of the change, the same however often they are computed."""

from __future__ import annotations

from datetime import date

import pytest

from catalog import operations
from catalog.domain.drafts import RateDraft
from catalog.models import (
    Category,
    ExchangeRate,
    Generation,
    ListingIndex,
    MarketNumber,
    ShippingRate,
    WishItem,
)
from catalog.operations.reading import sum_generations
from catalog.pages import generation_of
from catalog.queries.facts import facts_of_many
from compliance.rulebook import answer
from compliance.rulebook.categories import categories, parents
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.operations import update_merchant
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from tests.catalog.factories import NOW, TODAY, allow, make_listing, make_merchant, variant_of

pytestmark = pytest.mark.usefixtures("taxonomy")


def test_the_tree_is_the_rulebooks() -> None:
    operations.ensure_categories()
    assert Category.objects.count() == len(categories()) + len(parents())


def test_every_selling_market_has_a_bit_of_its_own() -> None:
    make_listing()
    numbers = list(MarketNumber.objects.values_list("number", flat=True))
    assert (len(numbers), len(set(numbers))) == (len(selling_markets()), len(selling_markets()))


def test_refreshing_twice_gives_the_same_row() -> None:
    listing = make_listing()
    rows = []
    for _ in range(2):
        operations.refresh_listings(listing_ids=[listing.pk], now=NOW)
        rows.append(ListingIndex.objects.filter(pk=listing.pk).values().get())
    assert rows[0] == rows[1]


def test_a_generation_survives_being_summed_up() -> None:
    make_listing()
    before = generation_of(["all", "rates", "tree"])
    sum_generations()
    assert (generation_of(["all", "rates", "tree"]), Generation.objects.filter(scope="all").count()) == (
        before,
        1,
    )


def test_lists_learn_that_something_sold_out() -> None:
    listing = make_listing(on_hand=1)
    variant = variant_of(listing)
    operations.reserve_stock(holder="c:1", items=[(variant.pk, 1)], until=NOW, now=NOW.replace(hour=1))
    outbox.relay()
    assert ListingIndex.objects.get(pk=listing.pk).in_stock is False


def test_a_suspended_merchant_is_in_no_list(django_capture_on_commit_callbacks, settings) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    listing = make_listing()
    update_merchant(merchant_id=listing.merchant_id, status="suspended")
    operations.refresh_listings(listing_ids=[listing.pk], now=NOW)
    assert not ListingIndex.objects.filter(pk=listing.pk).exists()


def test_shipping_decides_where_a_listing_is_offered() -> None:
    listing = make_listing()
    operations.set_shipping_rates(
        merchant_id=listing.merchant_id, rates=[RateDraft("FR", 490, "EUR", 1, 2)], now=NOW
    )
    listing.refresh_from_db()
    assert listing.offered_in == ["FR"]


@pytest.mark.parametrize(
    ("rate", "field"),
    [
        (RateDraft("XX", 1, "EUR", 1, 2), "market"),
        (RateDraft("DE", -1, "EUR", 1, 2), "price_minor"),
        (RateDraft("DE", 1, "EUR", 3, 2), "max_days"),
        (RateDraft("DE", 1, "QQQ", 1, 2), "currency"),
    ],
)
def test_a_shipping_rate_that_cannot_be_is_refused(rate: RateDraft, field: str) -> None:
    merchant = make_merchant()
    with pytest.raises(Invalid) as caught:
        operations.set_shipping_rates(merchant_id=merchant.pk, rates=[rate], now=NOW)
    assert (caught.value.field, merchant.shipping_rates.count()) == (field, 4)


def test_the_rulebook_takes_the_facts_of_a_listing() -> None:
    listing = make_listing(
        brand="Lys", origin="CN", manufacturer={"name": "Maker", "address": "Street 1", "country": "CN"},
        disclosures={"material": {"en": "oak"}}, traits=("wood",), attestations=("no_bpa",),
        local_contacts=[{"market": "GB", "role": "importer", "name": "I", "address": "A"}],
    )  # fmt: skip
    [facts] = facts_of_many([listing.pk]).values()
    answer("clearance", {"market": "DE", "on": TODAY.isoformat(), "listing": facts, "channel": "online"})
    assert (facts["disclosures"]["origin_country"], facts["price"]["minor"]) == ("CN", 4900)


def test_rates_are_loaded_with_their_day_and_once() -> None:
    first, second = (operations.load_rates(today=date(2026, 11, 23)) for _ in range(2))
    newest = ExchangeRate.objects.filter(currency="USD").latest("on")
    assert (first > 100, second, newest.on) == (True, 0, date(2026, 10, 30))


def test_rates_of_the_past_are_those_of_the_past() -> None:
    operations.load_rates(today=date(2020, 6, 15))
    assert ExchangeRate.objects.latest("on").on == date(2020, 6, 15)


def test_a_guests_wishes_move_to_the_account() -> None:
    merchant = make_merchant()
    both, one = make_listing(merchant), make_listing(merchant)
    for owner, listing in (("guest:x", both), ("guest:x", one), ("user:1", both)):
        operations.add_wish(owner=owner, listing=listing.public_id, now=NOW)
    assert operations.merge_wishes(guest="guest:x", owner="user:1") == 1
    assert set(WishItem.objects.values_list("owner", "listing")) == {("user:1", both.pk), ("user:1", one.pk)}


def test_a_draft_cannot_be_wished_for() -> None:
    listing = make_listing()
    operations.archive_listing(listing_id=listing.pk, now=NOW)
    with pytest.raises(NotFound):
        operations.add_wish(owner="user:1", listing=listing.public_id, now=NOW)


def test_a_rate_is_added_replaced_and_put_back() -> None:
    merchant = make_merchant()
    listing = make_listing(merchant)
    allow(listing, "DE", "AT")
    before = ShippingRate.objects.filter(merchant=merchant).count()
    for price in (700, 800):
        operations.save_shipping_rates(
            merchant_id=merchant.pk, rates=[RateDraft("AT", price, "EUR", 2, 4)], now=NOW
        )
    listing.refresh_from_db()
    assert (sorted(listing.offered_in), ShippingRate.objects.filter(merchant=merchant).count()) == (
        ["AT", "DE"],
        before + 1,
    )
    row = ShippingRate.objects.get(merchant=merchant, market="AT")
    gone = operations.remove_shipping_rates(merchant_id=merchant.pk, rate_ids=[row.pk], now=NOW)
    listing.refresh_from_db()
    assert (listing.offered_in, gone) == (["DE"], [RateDraft("AT", 800, "EUR", 2, 4)])
    operations.save_shipping_rates(merchant_id=merchant.pk, rates=gone, now=NOW)
    listing.refresh_from_db()
    assert sorted(listing.offered_in) == ["AT", "DE"]


def test_nobody_takes_another_merchants_rate_away() -> None:
    mine, theirs = make_merchant(), make_merchant()
    row = ShippingRate.objects.filter(merchant=theirs).first()
    assert operations.remove_shipping_rates(merchant_id=mine.pk, rate_ids=[row.pk], now=NOW) == []


@pytest.mark.parametrize(
    ("field", "contact"),
    [
        ("market", {"market": "XX", "role": "importer", "name": "A", "address": "B"}),
        ("role", {"market": "GB", "role": "friend", "name": "A", "address": "B"}),
        ("address", {"market": "GB", "role": "importer", "name": "A", "address": " "}),
        ("email", {"market": "GB", "role": "importer", "name": "A", "address": "B", "email": "nobody"}),
    ],
)
def test_a_contact_nobody_could_reach_is_refused(field: str, contact: dict[str, str]) -> None:
    listing = make_listing()
    with pytest.raises(Invalid) as caught:
        operations.update_listing(listing_id=listing.pk, local_contacts=[contact], now=NOW)
    assert caught.value.field == field


def test_a_listing_is_sent_only_to_markets_there_are() -> None:
    listing = make_listing()
    operations.update_listing(listing_id=listing.pk, ships_to=["FR", "DE", "FR"], now=NOW)
    listing.refresh_from_db()
    with pytest.raises(Invalid):
        operations.update_listing(listing_id=listing.pk, ships_to=["XX"], now=NOW)
    assert listing.ships_to == ["DE", "FR"]
