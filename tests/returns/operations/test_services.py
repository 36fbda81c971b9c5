"""Services that begin at the shopper's request: whoever withdraws pays for the days until then, and not a cent more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.accounts.place import Place
from marketplace.kernel import outbox
from orders import operations as orders
from orders.models import Invoice, OrderGroup, OrderLine, Refund
from orders.operations import Packed
from orders.queries import after_sales
from orders.queries.books import trial_balance
from orders.queries.refunds import lines_left
from returns import operations
from returns.domain.parts import sum_of
from returns.models import OwedRefund, Return
from returns.queries import law
from returns.queries.services import Used, days_used
from tests.orders import factories as bought
from tests.returns.factories import ADDRESSES, BOUGHT, DE, US_CA, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
PRICE, DAYS = 6000, 30


def course(**more: Any) -> Any:
    return make_variant(
        make_merchant(),
        price=PRICE,
        category="dig.software_ebook",
        disclosures={"service_days": DAYS},
        **more,
    )


def buy(*wants: Any, place: Place = DE, asks: bool = True) -> OrderGroup:
    """A paid checkout with a service in it, and the request to begin where it is asked for."""
    address = ADDRESSES[place.market.split("-")[0]]
    checkout = bought.make_checkout([(one, 1) for one in wants], place=place, address=address, now=BOUGHT)
    for one in wants:
        if asks and one.listing.disclosures:
            checkout = orders.give_consent(
                checkout_id=checkout.pk,
                variant=one.public_id,
                kind="service_request",
                language="de",
                now=BOUGHT,
            )
    checkout = orders.show_quote(checkout_id=checkout.pk, now=BOUGHT)
    group = bought.pay(checkout, now=BOUGHT).group
    assert group is not None
    return group


def begin(group: OrderGroup, *, after: timedelta = timedelta(0)) -> None:
    """The seller begins: a parcel without a number."""
    for order in group.orders.all():
        packed = [Packed(line.public_id, line.quantity) for line in order.lines.all()]
        orders.ship_parcel(
            order_id=order.pk, packed=packed, carrier="other", tracking_number="", recorded_by="s",
            now=BOUGHT + after,
        )  # fmt: skip


def paid_back(now) -> int:
    operations.pay_due(today=now.date() + 60 * DAY, now=now)
    orders.reconcile_payments(now=now + DAY)
    outbox.relay()
    return sum(Refund.objects.filter(state="done").values_list("amount_minor", flat=True))


def books_differ() -> list[object]:
    return [
        *filter(None, trial_balance().off_by.values()),
        *orders.check_books(now=BOUGHT + 40 * DAY).differences,
    ]


def price_of(group: OrderGroup) -> int:
    return OrderLine.objects.get(order__group=group, rights__contract_type="service").unit_price_minor


def test_the_request_is_asked_for_and_frozen_with_its_words():
    line = buy(course()).orders.get().lines.get()
    said = line.consent["service_request"]
    assert (line.rights["contract_type"], line.rights["service_days"], said["ground"]) == (
        "service", DAYS, "eu.return.service_value",
    )  # fmt: skip
    assert line.title in said["text"]


@pytest.mark.parametrize(("used", "share"), [(0, 0), (3, 3), (13, 13)])
def test_the_days_until_the_withdrawal_are_paid_and_the_rest_comes_back(used: int, share: int):
    group = buy(course())
    begin(group)
    now = BOUGHT + used * DAY
    withdrawal = declare(group, now=now)
    price = price_of(group)
    owed = OwedRefund.objects.get()
    kept = price * share // DAYS
    assert (withdrawal.lines.get().state, Return.objects.count()) == ("effective", 0)
    assert (owed.amount_minor, owed.state) == (group.total_minor - kept, "due")
    assert [part["amount_minor"] for part in owed.parts if part["kind"] == "service_used"] == (
        [-kept] if kept else []
    )
    assert (paid_back(now), books_differ()) == (group.total_minor - kept, [])


def test_what_was_used_stays_the_sellers_and_the_credit_note_is_of_the_rest():
    group = buy(course())
    begin(group)
    declare(group, now=BOUGHT + 10 * DAY)
    back = paid_back(BOUGHT + 10 * DAY)
    left = sum(one.total for one in lines_left(OrderLine.objects.filter(order__group=group)))
    assert (Invoice.objects.get(kind="credit_note").total_minor, left) == (back, group.total_minor - back)


def test_before_it_began_all_of_it_comes_back():
    group = buy(course())
    declare(group, now=BOUGHT + 5 * DAY)
    assert sum(OwedRefund.objects.values_list("amount_minor", flat=True)) == group.total_minor


@pytest.mark.parametrize(("is_stored", "kept"), [(True, PRICE // 3), (False, 0)])
def test_without_the_stored_request_nothing_is_kept(is_stored: bool, kept: int):
    group = buy(course())
    begin(group)
    order = after_sales.order_with_parts(group.orders.get().pk)
    (line,) = order.lines.all()
    line.consent = line.consent if is_stored else {}
    parts, _ = law.refund_amount(order, {line.pk: 1}, services={line.pk: [Used(1, 10)]})
    assert sum_of(parts) == group.total_minor - kept * line.unit_price_minor // PRICE


def test_where_the_law_knows_no_such_payment_none_is_asked_and_nothing_is_kept():
    buy(course(), place=US_CA, asks=False)
    assert OrderLine.objects.get().consent == {}


def test_goods_beside_a_service_go_back_and_the_service_does_not():
    merchant = make_merchant()
    service = make_variant(
        merchant, price=PRICE, category="dig.software_ebook", disclosures={"service_days": DAYS}
    )
    group = buy(service, make_variant(merchant, price=1000))
    begin(group)
    declare(group, now=BOUGHT + 6 * DAY)
    (line,) = Return.objects.get().lines.all()
    assert line.line.rights["contract_type"] == "goods"
    total = sum(OwedRefund.objects.exclude(state="void").values_list("amount_minor", flat=True))
    assert total == group.total_minor - price_of(group) * 6 // DAYS


def test_never_more_than_the_whole_is_kept():
    group = buy(course())
    begin(group)
    order = after_sales.order_with_parts(group.orders.get().pk)
    line = order.lines.get()
    assert [days_used(order, line, until=BOUGHT.date() + n * DAY) for n in (-1, 0, 29, 31, 400)] == [
        0, 0, 29, 30, 30,
    ]  # fmt: skip
