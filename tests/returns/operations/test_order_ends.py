"""An order of which nothing is left to send comes to its end, however it was withdrawn from."""

from __future__ import annotations

import pytest

from catalog.models import Stock
from orders import operations as orders
from orders.operations import Packed
from tests.returns import factories
from tests.returns.factories import ARRIVED, LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def bought():
    variant = make_variant(make_merchant())
    group = factories.buy([(variant, 3)])
    order = group.orders.get()
    return variant, group, order, order.lines.get().public_id


def state_of(order):
    order.refresh_from_db()
    return order.state


def test_withdrawn_from_piece_by_piece_before_anything_left_it_is_cancelled():
    variant, group, order, line = bought()
    declare(group, {line: 1}, key="a")
    assert state_of(order) == "confirmed"
    declare(group, {line: 2}, key="b")
    assert (state_of(order), Stock.objects.get(variant=variant).on_hand) == ("cancelled", 10)


@pytest.mark.parametrize(("arrives", "expected"), [(False, "shipped"), (True, "delivered")])
def test_when_the_rest_is_withdrawn_from_what_has_left_is_all(arrives, expected):
    _, group, order, line = bought()
    parcel = factories.send(order, packed=[Packed(line, 2)])
    if arrives:
        orders.record_delivery(
            parcel_id=parcel.pk, delivered_at=ARRIVED, received_by="consumer", recorded_by="test", now=ARRIVED
        )
    assert state_of(order) == "confirmed"
    declare(group, {line: 1}, now=LATER)
    assert state_of(order) == expected
