"""How many statements it takes to read what stands behind a basket or a checkout."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ExchangeRate
from catalog.queries.rights import terms_of_variants
from marketplace.kernel import clock
from orders.queries.goods import goods_of
from tests.orders.factories import load_rates, make_merchant, make_variant


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_goods_and_terms_take_as_many_statements_for_three_things_as_for_one(number: int):
    load_rates()
    merchant, today = make_merchant(), clock.now().date()
    ids = [make_variant(merchant).public_id for _ in range(number)]

    goods_of(ids, market="DE", language="en", currency="EUR", on=today)  # the day's rates are read once
    with CaptureQueriesContext(connection) as read:
        goods = goods_of(ids, market="DE", language="en", currency="EUR", on=today)
    with CaptureQueriesContext(connection) as asked:
        terms = terms_of_variants(ids)

    assert (sorted(goods), sorted(terms), len(read), len(asked)) == (sorted(ids), sorted(ids), 1, 1)


@pytest.mark.django_db
def test_goods_are_priced_with_the_rates_of_the_moment():
    load_rates()
    today = clock.now().date()
    thing = make_variant(make_merchant(), price=10_000).public_id

    def offer() -> Decimal:
        return goods_of([thing], market="US", language="en", currency="USD", on=today)[thing].net

    before = offer()
    rate = ExchangeRate.objects.filter(currency="USD").latest("on").rate
    ExchangeRate.objects.create(currency="USD", on=today, rate=rate * 2)
    assert round(offer(), 4) == round(before * 2, 4)
