"""The last unit and many hands: real threads, real connections."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from catalog import operations
from catalog.domain.errors import OutOfStock
from catalog.models import Stock
from catalog.operations import stock as stock_operations
from tests.catalog.factories import NOW, make_listing, make_merchant, variant_of

HANDS = 50
pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def grab(variant_ids: list[int], hands: int = HANDS) -> Counter[str]:
    """Let many hands reserve one of each at the same moment; return how it ended for them."""
    ready = Barrier(hands)

    def one(n: int) -> str:
        items = [(pk, 1) for pk in (variant_ids if n % 2 else reversed(variant_ids))]
        try:
            connection.ensure_connection()
            ready.wait()
            operations.reserve_stock(
                holder=f"checkout:{n}", items=items, until=NOW + timedelta(minutes=30), now=NOW
            )
            return "held"
        except OutOfStock:
            return "out of stock"
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return Counter(pool.map(one, range(hands)))


@pytest.fixture
def last_one() -> int:
    operations.ensure_categories()
    return variant_of(make_listing(on_hand=1)).pk


def test_the_last_unit_is_held_exactly_once(last_one: int) -> None:
    assert grab([last_one]) == {"held": 1, "out of stock": HANDS - 1}


def test_without_the_lock_and_the_constraint_it_is_promised_more_than_once(
    last_one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: take away what keeps the promise, and the test above would fail."""
    together = Barrier(10)

    def read_without_lock(variant_ids: object) -> dict[int, Stock]:
        rows = {row.pk: row for row in Stock.objects.filter(pk__in=list(variant_ids))}  # type: ignore[call-overload]
        together.wait()
        return rows

    monkeypatch.setattr(stock_operations, "_locked", read_without_lock)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_stock DROP CONSTRAINT catalog_stock_not_oversold")
    try:
        held = grab([last_one], hands=10)["held"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM catalog_stockreservation; UPDATE catalog_stock SET reserved = 0")
            cursor.execute(
                "ALTER TABLE catalog_stock ADD CONSTRAINT catalog_stock_not_oversold CHECK (reserved <= on_hand)"
            )
    assert held > 1


def test_baskets_of_the_same_things_in_other_orders_never_block_each_other() -> None:
    operations.ensure_categories()
    merchant = make_merchant()
    variants = [variant_of(make_listing(merchant, on_hand=20)).pk for _ in range(3)]
    assert grab(variants) == {"held": 20, "out of stock": HANDS - 20}
