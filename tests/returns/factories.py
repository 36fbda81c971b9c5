"""Real orders that have arrived: bought, paid, sent and delivered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from marketplace.accounts.place import Place
from orders import operations as orders
from orders.models import Order, OrderGroup
from orders.operations import Packed
from tests.orders import factories
from tests.orders.factories import DE, US_CA, make_merchant, make_variant

__all__ = ["DE", "GB", "US_CA", "make_merchant", "make_variant"]
BOUGHT = factories.NOW  # Monday, 23 November 2026
SENT = BOUGHT + timedelta(hours=4)
ARRIVED = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)  # well within the period
GB = Place("GB", "en", "GBP", "Europe/London")
ADDRESSES = {
    "DE": factories.ADDRESS,
    "GB": {"name": "Ann Baker", "street": "1 High Street", "postcode": "SW1A 1AA", "city": "London", "country": "GB", "phone": "020 7946 0000"},
    "US": {"name": "Joe Miller", "street": "1 Main Street", "postcode": "90012", "city": "Los Angeles", "region": "CA", "country": "US", "phone": "213 555 0100"},
}  # fmt: skip


def buy(wants: Iterable[tuple[Any, int]], *, place: Place = DE, now: datetime = BOUGHT) -> OrderGroup:
    """A paid checkout, nothing of it sent."""
    address = ADDRESSES[place.market.split("-")[0]]
    checkout = factories.make_checkout(wants, place=place, address=address, now=now)
    group = factories.pay(checkout, now=now).group
    assert group is not None
    return group


def send(order: Order, *, now: datetime = SENT, packed: list[Packed] | None = None) -> Any:
    """A parcel with everything that is left, or with what is named."""
    left = orders.left_to_ship(order)
    rest = [Packed(line, count) for line, count in left.items() if count]
    return orders.ship_parcel(
        order_id=order.pk, packed=packed or rest, carrier="other", tracking_number="ABC-12345",
        recorded_by="test", now=now,
    )  # fmt: skip


def deliver(order: Order, *, at: datetime = ARRIVED, sent: datetime = SENT) -> None:
    """Everything of an order arrives at once."""
    parcel = send(order, now=sent)
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=at, received_by="consumer", recorded_by="test", now=at
    )


def delivered(
    wants: Iterable[tuple[Any, int]] | None = None,
    *,
    place: Place = DE,
    at: datetime = ARRIVED,
    bought: datetime = BOUGHT,
) -> OrderGroup:
    """A checkout of which everything arrived; three of one thing if nothing is said."""
    group = buy(wants or [(make_variant(make_merchant()), 3)], place=place, now=bought)
    for order in group.orders.order_by("pk"):
        deliver(order, at=at, sent=bought + timedelta(hours=4))
    return group


def only_order(group: OrderGroup) -> Order:
    return group.orders.get()
