"""Orders and parcels are judged on their news and by the sweep; what they miss stands with the merchant."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from compliance.checks import subjects
from compliance.checks.models import Finding
from orders import operations, subscribers
from orders.models import Order, Parcel
from orders.operations import Packed, letters
from orders.queries.subject_facts import order_ids_after, order_records, shipment_records
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def order() -> Order:
    """Return a paid order of two things to Germany."""
    return bought("tex.apparel")


@pytest.fixture
def toys() -> Order:
    """Return a paid order of two toys to Germany."""
    return bought("toy.under3")


def bought(category: str) -> Order:
    load_rates()
    group = pay(make_checkout([(make_variant(make_merchant(), category=category), 2)])).group
    assert group is not None
    return group.orders.get()


def rules(subject: str) -> set[str]:
    return set(Finding.objects.open().filter(subject=subject).values_list("rule", flat=True))


def ship(order: Order) -> Parcel:
    line = order.lines.get()
    return operations.ship_parcel(
        order_id=order.pk,
        packed=[Packed(line.public_id, 2)],
        carrier="ups",
        tracking_number="1Z5R89390357567127",
        recorded_by="test",
        now=NOW + DAY,
    )


def test_an_order_without_its_confirmation_is_found_and_closed_when_it_leaves(order: Order):
    key = order.public_id
    subjects.judge(about="order", ids=[key], now=NOW + 2 * DAY)
    before = rules(f"order:{key}")
    letters.send_confirmation(group_id=order.group.public_id, now=NOW + 2 * DAY)
    subjects.judge(about="order", ids=[key], now=NOW + 2 * DAY)
    (owner,) = set(Finding.objects.values_list("owner", flat=True))
    assert ("eu.order.confirmation" in before, rules(f"order:{key}"), owner) == (
        True,
        set(),
        order.merchant.public_id,
    )


def test_a_promise_that_was_not_kept_is_found_by_the_sweep_until_it_arrives(order: Order):
    letters.send_confirmation(group_id=order.group.public_id, now=NOW)
    late = NOW + 60 * DAY
    subjects.sweep(about="order", now=late)
    found = rules(f"order:{order.public_id}")
    parcel = ship(order)
    operations.record_delivery(
        parcel_id=parcel.pk, delivered_at=late, received_by="consumer", recorded_by="test", now=late
    )
    still_walked = order_ids_after("", 10)
    subscribers.judge_order({"order": order.public_id}, uuid.uuid4())
    assert found & {"eu.order.promise_kept", "eu.order.delivered_in_time"}
    assert (still_walked, order_ids_after("", 10), rules(f"order:{order.public_id}")) == (
        [order.public_id],
        [],
        set(),
    )


def test_only_the_law_of_the_shoppers_market_counts(order: Order):
    record = order_records([order.public_id], NOW)[order.public_id]
    assert (record.markets, record.facts["confirmed"], record.facts["hours_since_placed"]) == (
        ("DE",),
        False,
        0,
    )


def test_a_parcel_without_a_batch_is_found_where_the_law_asks_for_one(toys: Order):
    parcel = ship(toys)
    record = shipment_records([parcel.public_id], NOW + DAY)[parcel.public_id]
    subjects.judge(about="shipment", ids=[parcel.public_id], now=NOW + DAY)
    found = rules(f"shipment:{parcel.public_id}")
    parcel.lines.update(batch="B-7")
    subjects.judge(about="shipment", ids=[parcel.public_id], now=NOW + DAY)
    assert ("TOY" in record.facts["groups"], record.facts["tracked"]) == (True, True)
    assert (found, rules(f"shipment:{parcel.public_id}")) == ({"eu.shipment.batch"}, set())


def test_a_lost_parcel_is_to_be_made_good(toys: Order):
    parcel = ship(toys)
    Parcel.objects.filter(pk=parcel.pk).update(state="lost")
    parcel.lines.update(batch="B-7")
    early, late = ({}, {})
    for days, into in ((3, early), (20, late)):
        subjects.judge(about="shipment", ids=[parcel.public_id], now=NOW + days * DAY)
        into["rules"] = rules(f"shipment:{parcel.public_id}")
    assert (early["rules"], late["rules"]) == (set(), {"eu.shipment.loss_settled"})
