"""Baskets: what shoppers put in, what changes under them, what happens at sign-in."""

from __future__ import annotations

import pytest

from catalog.models import Listing, Offer, Stock
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from orders import operations
from orders.domain.errors import BadQuantity, NotForSale
from orders.models import Basket
from orders.queries.baskets import changes_in, view_basket
from tests.orders.factories import DE, NOW, US_CA, load_rates, make_basket, make_merchant, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    load_rates()


def quantities(basket: Basket) -> dict[str, int]:
    return dict(basket.lines.values_list("variant__sku", "quantity"))


def test_adding_the_same_thing_twice_adds_up() -> None:
    tea = make_variant(make_merchant())
    basket = make_basket([(tea, 2), (tea, 3)])
    assert quantities(basket) == {tea.sku: 5}


def test_the_price_seen_contains_the_tax_of_the_shoppers_market() -> None:
    tea = make_variant(make_merchant("FR"), price=1200)  # 10.00 net at home, 20 %
    line = make_basket([(tea, 1)]).lines.get()
    assert (line.seen_price_minor, line.seen_currency, line.seen_market) == (1190, "EUR", "DE")


def test_a_price_in_another_currency_is_converted_at_the_rate_of_the_day() -> None:
    tea = make_variant(make_merchant("FR"), price=1200)
    line = make_basket([(tea, 1)], place=US_CA).lines.get()
    assert (line.seen_price_minor, line.seen_currency) == (1100, "USD")


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_quantities_have_bounds(quantity: int) -> None:
    tea, basket = make_variant(make_merchant()), make_basket([])
    with pytest.raises(BadQuantity):
        operations.add_to_basket(
            basket_id=basket.pk, variant=tea.public_id, quantity=quantity, place=DE, now=NOW
        )


def test_more_than_there_is_cannot_be_put_in() -> None:
    with pytest.raises(NotForSale) as refusal:
        make_basket([(make_variant(make_merchant(), stock=2), 3)])
    assert refusal.value.data["available"] == 2


def test_what_may_not_go_to_the_market_cannot_be_put_in() -> None:
    tea = make_variant(make_merchant(), offered_in=["FR"])
    with pytest.raises(NotForSale) as refusal:
        make_basket([(tea, 1)])
    assert refusal.value.data == {"variant": tea.public_id, "market": "DE"}


def test_nothing_stands_behind_a_made_up_id() -> None:
    basket = make_basket([])
    with pytest.raises(NotFound):
        operations.add_to_basket(basket_id=basket.pk, variant="V-NOTHING1", quantity=1, place=DE, now=NOW)


def test_a_quantity_of_nothing_takes_the_line_out() -> None:
    tea = make_variant(make_merchant())
    basket = make_basket([(tea, 2)])
    operations.set_quantity(basket_id=basket.pk, variant=tea.public_id, quantity=4, place=DE, now=NOW)
    assert quantities(basket) == {tea.sku: 4}
    operations.set_quantity(basket_id=basket.pk, variant=tea.public_id, quantity=0, place=DE, now=NOW)
    assert quantities(basket) == {}


def test_a_changed_price_is_shown_and_taken_only_when_accepted() -> None:
    tea = make_variant(make_merchant("FR"), price=1200)
    basket = make_basket([(tea, 1)])
    Offer.objects.filter(variant=tea).update(price_minor=2400)
    (change,) = changes_in(basket, place=DE, on=NOW.date()).changes
    assert (change.what, change.seen, change.now) == ("price", Money(1190, "EUR"), Money(2380, "EUR"))
    operations.accept_changes(basket_id=basket.pk, place=DE, now=NOW)
    assert changes_in(basket, place=DE, on=NOW.date()).changes == ()


def test_another_market_chosen_by_the_shopper_is_no_change_of_price() -> None:
    basket = make_basket([(make_variant(make_merchant()), 1)])
    assert changes_in(basket, place=US_CA, on=NOW.date()).changes == ()


def test_what_ran_short_is_shown_and_lowered_when_accepted() -> None:
    merchant = make_merchant()
    few, gone = make_variant(merchant), make_variant(merchant)
    basket = make_basket([(few, 5), (gone, 1)])
    Stock.objects.filter(variant=few).update(on_hand=3)
    Listing.objects.filter(pk=gone.listing_id).update(offered_in=[])
    view = view_basket(basket, place=DE, on=NOW.date())
    assert [(change.variant, change.what) for change in view.changes] == [
        (few.public_id, "quantity"),
        (gone.public_id, "gone"),
    ]
    assert not view.may_check_out
    operations.accept_changes(basket_id=basket.pk, place=DE, now=NOW)
    assert quantities(basket) == {few.sku: 3}


def test_a_guests_basket_joins_the_accounts_at_sign_in() -> None:
    merchant = make_merchant()
    tea, cup, pot = make_variant(merchant), make_variant(merchant), make_variant(merchant)
    user = User.objects.create_user("ada@example.com", "correct horse")
    own = operations.get_or_create_basket(token=None, user=user, now=NOW)
    for variant in (tea, cup):
        operations.add_to_basket(basket_id=own.pk, variant=variant.public_id, quantity=1, place=DE, now=NOW)
    guest = make_basket([(tea, 2), (pot, 1)])
    merged = operations.merge_baskets(token=guest.token, user=user, now=NOW)
    assert (merged.pk, quantities(merged)) == (own.pk, {tea.sku: 3, cup.sku: 1, pot.sku: 1})
    assert operations.find_basket(token=guest.token, user=None) is None


def test_merging_twice_changes_nothing_more() -> None:
    user = User.objects.create_user("ada@example.com", "correct horse")
    guest = make_basket([(make_variant(make_merchant()), 2)])
    first = quantities(operations.merge_baskets(token=guest.token, user=user, now=NOW))
    assert quantities(operations.merge_baskets(token=guest.token, user=user, now=NOW)) == first


def test_a_token_does_not_open_an_accounts_basket() -> None:
    user = User.objects.create_user("ada@example.com", "correct horse")
    own = operations.get_or_create_basket(token=None, user=user, now=NOW)
    assert operations.find_basket(token=own.token, user=None) is None


def test_the_basket_page_shows_sellers_sums_and_the_landed_price() -> None:
    fr, cn = make_merchant("FR"), make_merchant("CN", "CNY", prices_include_tax=False)
    basket = make_basket([(make_variant(fr, price=1200), 2), (make_variant(cn, price=7800), 1)])
    view = view_basket(basket, place=DE, on=NOW.date())
    assert [(seller.name, seller.goods) for seller in view.sellers] == [
        (fr.name, Money(2380, "EUR")),
        (cn.name, Money(1190, "EUR")),
    ]
    assert view.quote is not None
    assert (view.goods, view.quote["total_minor"], view.may_check_out) == (
        Money(3570, "EUR"),
        2380 + 490 + 1190 + 63 + 357,  # goods and shipping as shown; EUR 3 flat duty with its tax
        True,
    )


def test_the_basket_page_asks_the_database_the_same_number_of_times(
    django_assert_max_num_queries: object,
) -> None:
    merchant = make_merchant()
    basket = make_basket([(make_variant(merchant), 1) for _ in range(3)])
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        view_basket(basket, place=DE, on=NOW.date())
