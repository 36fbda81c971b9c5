"""Stock: promises are kept, under any number of hands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from catalog import operations
from catalog.domain.errors import OutOfStock, ReservationLost
from catalog.models import Stock, StockMovement, StockReservation
from marketplace.kernel.errors import Invalid
from marketplace.kernel.models import Event
from tests.catalog.factories import NOW, make_listing, make_merchant, variant_of

UNTIL = NOW + timedelta(minutes=30)
pytestmark = pytest.mark.usefixtures("taxonomy")


def reserve(holder: str, *items: tuple[int, int], now=NOW):
    return operations.reserve_stock(holder=holder, items=items, until=now + timedelta(minutes=30), now=now)


def counts(variant) -> tuple[int, int]:
    return Stock.objects.values_list("on_hand", "reserved").get(pk=variant.pk)


def test_a_reservation_holds_goods() -> None:
    variant = variant_of(make_listing(on_hand=5))
    reserve("checkout:1", (variant.pk, 3))
    assert counts(variant) == (5, 3)


def test_every_shortage_is_told_at_once() -> None:
    merchant = make_merchant()
    few, none, many = (variant_of(make_listing(merchant, on_hand=n)) for n in (2, 0, 9))
    with pytest.raises(OutOfStock) as caught:
        reserve("checkout:1", (few.pk, 3), (none.pk, 1), (many.pk, 9))
    assert [(s["variant"], s["asked"], s["left"]) for s in caught.value.data["shortages"]] == [
        (few.public_id, 3, 2),
        (none.public_id, 1, 0),
    ]


def test_a_refused_reservation_holds_nothing() -> None:
    merchant = make_merchant()
    few, many = (variant_of(make_listing(merchant, on_hand=n)) for n in (2, 9))
    with pytest.raises(OutOfStock):
        reserve("checkout:1", (many.pk, 9), (few.pk, 3))
    assert counts(many) == (9, 0)


def test_reserving_again_replaces_what_was_held() -> None:
    variant = variant_of(make_listing(on_hand=5))
    reserve("checkout:1", (variant.pk, 4))
    reserve("checkout:1", (variant.pk, 5))
    assert counts(variant) == (5, 5)


def test_what_lapsed_is_given_to_the_next() -> None:
    variant = variant_of(make_listing(on_hand=1))
    reserve("checkout:1", (variant.pk, 1))
    reserve("checkout:2", (variant.pk, 1), now=NOW + timedelta(hours=1))
    assert list(StockReservation.objects.order_by("pk").values_list("holder", "state")) == [
        ("checkout:1", "released"),
        ("checkout:2", "held"),
    ]


def test_a_sale_takes_goods_off_the_shelf_and_says_so() -> None:
    variant = variant_of(make_listing(on_hand=5))
    reserve("checkout:1", (variant.pk, 3))
    operations.take_reservation(holder="checkout:1", reference="G-1", now=NOW)
    assert (
        counts(variant),
        list(StockMovement.objects.order_by("pk").values_list("delta", "reason", "reference")),
    ) == (
        (2, 0),
        [(5, "set", ""), (-3, "sold", "G-1")],
    )


def test_nothing_held_cannot_be_sold() -> None:
    with pytest.raises(ReservationLost):
        operations.take_reservation(holder="checkout:1", reference="G-1", now=NOW)


def test_only_what_was_wanted_is_sold_and_nothing_beside_it() -> None:
    merchant = make_merchant()
    cup, pot = (variant_of(make_listing(merchant, on_hand=5)) for _ in range(2))
    reserve("checkout:1", (cup.pk, 1), (pot.pk, 2))
    for wanted in ({cup.pk: 1}, {cup.pk: 1, pot.pk: 1}, {}):
        with pytest.raises(ReservationLost):
            operations.take_reservation(holder="checkout:1", reference="G-1", now=NOW, wanted=wanted)
    assert (counts(cup), counts(pot)) == ((5, 1), (5, 2))
    operations.take_reservation(holder="checkout:1", reference="G-1", now=NOW, wanted={cup.pk: 1, pot.pk: 2})
    assert (counts(cup), counts(pot)) == ((4, 0), (3, 0))


def test_release_is_idempotent() -> None:
    variant = variant_of(make_listing(on_hand=5))
    reserve("checkout:1", (variant.pk, 3))
    released = [operations.release_reservations(holder="checkout:1", now=NOW) for _ in range(2)]
    assert (released, counts(variant)) == ([1, 0], (5, 0))


def test_expired_holds_are_released_by_the_job() -> None:
    variant = variant_of(make_listing(on_hand=5))
    reserve("checkout:1", (variant.pk, 3))
    assert operations.release_expired(now=UNTIL) == ["checkout:1"]
    assert counts(variant) == (5, 0)


def test_the_shelf_cannot_hold_fewer_than_are_promised() -> None:
    variant = variant_of(make_listing(on_hand=5))
    reserve("checkout:1", (variant.pk, 3))
    with pytest.raises(Invalid) as caught:
        operations.set_stock(variant_id=variant.pk, on_hand=2, now=NOW)
    assert caught.value.data == {"reserved": 3}


def test_selling_out_is_news() -> None:
    variant = variant_of(make_listing(on_hand=2))
    reserve("checkout:1", (variant.pk, 1))
    reserve("checkout:2", (variant.pk, 1))
    news = Event.objects.filter(name="catalog.AvailabilityChanged").values_list("payload", flat=True)
    assert list(news) == [{"variant_ids": [variant.pk]}]


@pytest.mark.parametrize(
    "verb", ["UPDATE catalog_stockmovement SET delta = 9", "DELETE FROM catalog_stockmovement"]
)
def test_movements_are_never_rewritten(verb: str) -> None:
    make_listing(on_hand=5)
    with pytest.raises(DatabaseError, match="append-only"):
        connection.cursor().execute(verb)
