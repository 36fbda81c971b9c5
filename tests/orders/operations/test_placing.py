"""Placing: one order per merchant, everything frozen, every sum exact, numbers without gaps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Offer, PriceRecord, Stock, StockMovement
from marketplace.kernel.commands import KeyReused
from marketplace.kernel.models import Event
from orders import operations
from orders.domain.errors import CheckoutClosed, PaymentNotReady
from orders.domain.quote import PARTS
from orders.domain.snapshot import digest_of
from orders.models import (
    ContractSnapshot,
    Invoice,
    Order,
    OrderGroup,
    OrderLine,
    Payment,
    PaymentEvent,
    SentMail,
)
from tests.orders.factories import DE, NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db
SUMS = (*(f"{part}_minor" for part in PARTS), "total_minor", "border_minor")


@pytest.fixture(autouse=True)
def _rates(db: None) -> None:
    load_rates()


def test_one_order_per_merchant_and_every_sum_is_exact() -> None:
    fr, cn = make_merchant("FR"), make_merchant("CN", "CNY", prices_include_tax=False)
    wants = [
        (make_variant(fr, price=1199), 3),
        (make_variant(fr, price=333), 7),
        (make_variant(cn, price=9990), 2),
    ]
    group = pay(make_checkout(wants)).group
    assert group is not None
    orders = list(group.orders.order_by("pk"))
    assert [len(order.lines.all()) for order in sorted(orders, key=lambda o: -o.lines.count())] == [2, 1]
    for name in SUMS:
        assert getattr(group, name) == sum(getattr(order, name) for order in orders)
        for order in orders:
            assert getattr(order, name) == sum(getattr(line, name) for line in order.lines.all())
    assert group.total_minor == Payment.objects.get().captured_minor


def test_numbers_of_a_merchant_have_no_gaps_even_when_one_fails() -> None:
    merchant = make_merchant()
    tea = make_variant(merchant, stock=9)
    for _ in range(2):
        pay(make_checkout([(tea, 1)]))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.next_number(f"order:{merchant.public_id}")
        raise ZeroDivisionError
    pay(make_checkout([(tea, 1)]))
    assert list(merchant.orders.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_the_goods_leave_the_shelf_once() -> None:
    tea = make_variant(make_merchant(), stock=10)
    pay(make_checkout([(tea, 4)]))
    stock = Stock.objects.get(variant=tea)
    moved = sum(StockMovement.objects.filter(variant=tea).values_list("delta", flat=True))
    assert (stock.on_hand, stock.reserved, moved) == (6, 0, 6)


def test_the_basket_keeps_what_was_put_in_meanwhile() -> None:
    merchant = make_merchant()
    tea, cup = make_variant(merchant), make_variant(merchant)
    checkout = make_checkout([(tea, 2)])
    operations.add_to_basket(
        basket_id=checkout.basket_id, variant=cup.public_id, quantity=1, place=DE, now=NOW
    )
    pay(checkout)
    assert list(checkout.basket.lines.values_list("variant__sku", "quantity")) == [(cup.sku, 1)]


def test_the_contract_is_frozen_with_its_digest() -> None:
    merchant = make_merchant(vat_id="FR40303265045")
    tea = make_variant(merchant, disclosures={"material": {"en": "Cotton", "de": "Baumwolle"}})
    order = pay(make_checkout([(tea, 2)])).group.orders.get()  # type: ignore[union-attr]
    snapshot = order.snapshot
    content = snapshot.content
    assert snapshot.digest == digest_of(content)
    assert content["order"]["number"] == order.number
    assert content["order"]["button"] == "zahlungspflichtig bestellen"
    assert content["seller"]["vat_id"] == "FR40303265045"
    assert content["lines"][0]["promised"]["disclosures"] == {"material": "Baumwolle"}
    assert content["totals"]["total_minor"] == order.total_minor
    assert content["law"]["texts"]["model_withdrawal_form.title"] == "Muster-Widerrufsformular"


def test_the_law_of_the_day_is_frozen_on_the_line() -> None:
    order = pay(make_checkout([(make_variant(make_merchant()), 1)])).group.orders.get()  # type: ignore[union-attr]
    line = order.lines.get()
    rules = {ruling["rule"] for ruling in line.rulings}
    assert {"eu.withdrawal.period", "de.guarantee.period"} <= rules
    assert all(ruling["cites"] for ruling in line.rulings)
    assert line.rights["concluded_at"] == NOW.isoformat()
    assert [right["key"] for right in line.rights["card"]][:1] == ["withdrawal"]


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (ContractSnapshot, {"digest": "0" * 64}),
        (ContractSnapshot, {"content": {}}),
        (OrderLine, {"title": "Something else"}),
    ],
)
def test_what_was_agreed_cannot_be_rewritten(model: type, change: dict[str, object]) -> None:
    pay(make_checkout([(make_variant(make_merchant()), 1)]))
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all()._raw_delete("default")


def test_other_papers_cannot_be_rewritten_either() -> None:
    order = pay(make_checkout([(make_variant(make_merchant()), 1)])).group.orders.get()  # type: ignore[union-attr]
    operations.issue_invoice(order=order, now=NOW)
    event = PaymentEvent.objects.create(provider="stripe", event_id="evt_1", kind="x", payload={"a": 1})
    SentMail.objects.create(key="k", message_id="m")
    for rows, change in (
        (Invoice.objects.all(), {"total_minor": 1}),
        (PaymentEvent.objects.all(), {"payload": {}}),
        (SentMail.objects.all(), {"key": "other"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    PaymentEvent.objects.filter(pk=event.pk).update(applied_at=NOW)
    snapshot = ContractSnapshot.objects.get()
    ContractSnapshot.objects.update(pdf="contracts/a.pdf")
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractSnapshot.objects.filter(pk=snapshot.pk).update(pdf="contracts/b.pdf")


def test_the_news_is_told_in_the_same_transaction() -> None:
    group = pay(make_checkout([(make_variant(make_merchant()), 1)])).group
    names = list(Event.objects.order_by("recorded_at").values_list("name", flat=True))
    for name in (
        "orders.OrderPlaced",
        "orders.GroupPlaced",
        "orders.OrderConfirmed",
        "orders.PaymentChanged",
    ):
        assert name in names
    placed = Event.objects.get(name="orders.GroupPlaced")
    assert placed.payload["group"] == group.public_id  # type: ignore[union-attr]


def test_the_same_key_brings_the_same_order_and_another_payload_is_refused() -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])
    digest = checkout.quote_digest
    group = pay(checkout).group
    again = operations.place_order(checkout_id=checkout.pk, quote_digest=digest, key="mine", now=NOW)
    assert (again, OrderGroup.objects.count()) == (group, 1)
    with pytest.raises(KeyReused):
        operations.place_order(checkout_id=checkout.pk, quote_digest="other", key="mine", now=NOW)


def test_without_money_there_is_no_order() -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 1)])
    with pytest.raises(CheckoutClosed):
        operations.place_order(checkout_id=checkout.pk, quote_digest=checkout.quote_digest, key="k", now=NOW)
    operations.start_payment(
        checkout_id=checkout.pk, quote_digest=checkout.quote_digest, provider="offline",
        method={"token": "card_ok"}, return_url="", now=NOW,
    )  # fmt: skip
    with pytest.raises(PaymentNotReady):
        operations.place_order(checkout_id=checkout.pk, quote_digest=checkout.quote_digest, key="k", now=NOW)
    assert Order.objects.count() == 0


def test_a_reduction_is_frozen_with_the_prior_price_and_the_history_it_rests_on() -> None:
    merchant = make_merchant("DE")
    tea = make_variant(merchant, price=900)
    for days, price, kind in ((60, 1500, "regular"), (20, 1200, "regular"), (2, 900, "reduced")):
        PriceRecord.objects.create(
            variant=tea, currency="EUR", price_minor=price, kind=kind, valid_from=NOW - timedelta(days=days)
        )
    Offer.objects.filter(variant=tea).update(reduced_from=NOW - timedelta(days=2), regular_minor=1200)
    group = pay(make_checkout([(tea, 1)])).group
    assert group is not None
    evidence = group.orders.get().lines.get().prior_price
    assert evidence["answer"]["prior_price"] == "12.00"
    assert [span["price"] for span in evidence["facts"]["history"]] == ["15.00", "12.00", "9.00"]
    assert any(ruling["rule"].startswith("eu.price.") for ruling in evidence["rulings"])


def test_what_is_not_reduced_carries_no_prior_price() -> None:
    group = pay(make_checkout([(make_variant(make_merchant()), 1)])).group
    assert group is not None
    assert group.orders.get().lines.get().prior_price == {}
