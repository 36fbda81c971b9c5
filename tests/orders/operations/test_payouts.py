"""Merchants are paid per line once nothing speaks against it, in one sum, exactly once; what bounces is due again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from marketplace.accounts.models import Merchant
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money
from orders import operations
from orders.domain.bank import BadAccount
from orders.models import OfflineTransfer, Order, Payout
from orders.operations import payout_holds, payouts
from orders.operations.fulfilment import Packed
from orders.queries.books import account_named, statement
from orders.queries.payouts import NOT_ARRIVED, REFUND, WITHDRAWAL, held_lines, held_sums
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay
from tests.orders.operations.test_books import balances
from tests.races import end_behind

pytestmark = pytest.mark.django_db(transaction=True)
GOOD, CLOSED, RETURNED = "FR7630006000011234567890189", "DE64500105170000000013", "DE04500105170000000026"
LATER = NOW + timedelta(days=40)


@pytest.fixture(autouse=True)
def nobody_else_holds() -> Iterator[None]:
    """Leave the registry as upper apps filled it."""
    yield
    payout_holds.unregister("test")


def bought(number: str = GOOD, quantity: int = 2) -> Order:
    load_rates()
    merchant = make_merchant()
    if number:
        operations.set_bank_account(
            merchant_id=merchant.pk, holder="Seller", number=number, given_by="test", now=NOW
        )
    pay(make_checkout([(make_variant(merchant), quantity)]))
    return Order.objects.select_related("merchant").get()


def arrive(order: Order, at: datetime = NOW + timedelta(days=3)) -> None:
    line = order.lines.get()
    parcel = operations.ship_parcel(
        order_id=order.pk, packed=[Packed(line.public_id, line.quantity)], carrier="dhl", tracking_number="",
        recorded_by="test", now=NOW,
    )  # fmt: skip
    operations.record_delivery(
        parcel_id=parcel.pk, delivered_at=at, received_by="consumer", recorded_by="test", now=at
    )


def reasons(now: datetime) -> tuple[str, ...]:
    (one,) = held_lines(held_sums(), now=now)
    return one.reasons


def due(merchant: Merchant) -> int:
    return -account_named("payable", "EUR", merchant=merchant)


def ask(order: Order, minor: int, key: str = "k") -> None:
    row = operations.request_refund(
        order=order, amount=Money(minor, "EUR"), key=key, because="test", now=LATER
    )
    operations.send_refund(refund_id=row.pk, now=LATER)


def test_a_line_waits_for_its_delivery_and_for_the_end_of_its_own_time_to_withdraw():
    order = bought()
    assert reasons(NOW) == (NOT_ARRIVED,)
    arrive(order)
    last = NOW + timedelta(days=3 + 14)
    assert reasons(last) == (WITHDRAWAL,)
    assert reasons(last + timedelta(days=3)) == ()


def test_what_is_due_is_paid_once_however_often_it_runs():
    order = bought()
    arrive(order)
    assert operations.run_payouts(now=NOW).released == 0
    share = -balances()["held"]
    runs = [operations.run_payouts(now=LATER) for _ in range(3)]
    assert [(one.released, one.prepared, one.sent) for one in runs] == [(1, 1, 1), (0, 0, 0), (0, 0, 0)]
    assert list(Payout.objects.values_list("state", "amount_minor")) == [("accepted", share)]
    assert list(OfflineTransfer.objects.values_list("amount_minor", "state")) == [(share, "accepted")]
    assert (balances()["bank"], due(order.merchant)) == (-share, 0)
    assert operations.check_books(now=LATER).differences == ()


def test_a_reason_of_another_app_holds_a_line_until_it_is_gone():
    order = bought()
    arrive(order)
    line = order.lines.get().public_id
    payout_holds.register("test", lambda lines, today: {line: "a claim is open"} if line in lines else {})
    assert operations.run_payouts(now=LATER).released == 0
    payout_holds.unregister("test")
    assert operations.run_payouts(now=LATER).released == 1


def test_a_refund_on_its_way_holds_its_order():
    order = bought()
    arrive(order)
    operations.request_refund(order=order, amount=Money(5, "EUR"), key="k", because="test", now=LATER)
    assert reasons(LATER) == (REFUND,)


@pytest.mark.parametrize(("number", "failure"), [(CLOSED, "account_closed"), (RETURNED, "returned")])
def test_what_bounces_is_due_again_and_paid_to_a_new_account(number: str, failure: str):
    order = bought(number)
    arrive(order)
    for _ in range(2):
        operations.run_payouts(now=LATER)
    payout = Payout.objects.get()
    if payout.state == "accepted":  # the other bank sends it back afterwards
        told = payouts.bank().fetch(payout.provider_ref)
        operations.record_transfer(payout_id=payout.pk, transfer=told, now=LATER)
    payout.refresh_from_db()
    assert (payout.state, payout.failure, due(order.merchant)) == ("bounced", failure, payout.amount_minor)
    assert operations.run_payouts(now=LATER).prepared == 0

    operations.set_bank_account(
        merchant_id=order.merchant_id, holder="Seller", number=GOOD, given_by="test", now=LATER
    )
    operations.run_payouts(now=LATER)
    assert (Payout.objects.count(), due(order.merchant)) == (2, 0)
    assert operations.check_books(now=LATER).differences == ()


def test_a_refund_after_the_payout_is_owed_by_the_merchant_less_its_commission_and_carried():
    order = bought()
    arrive(order)
    operations.run_payouts(now=LATER)
    line = order.lines.get()
    ask(order, order.total_minor)
    share = Payout.objects.get().amount_minor
    assert due(order.merchant) == -share
    assert (balances().get("commission", 0), line.commission_minor > 0) == (0, True)
    assert operations.run_payouts(now=LATER).prepared == 0

    operations.record_pay_in(
        merchant_id=order.merchant_id, amount=Money(share, "EUR"), key="their-1", now=LATER
    )
    operations.record_pay_in(
        merchant_id=order.merchant_id, amount=Money(share, "EUR"), key="their-1", now=LATER
    )
    assert due(order.merchant) == 0
    with pytest.raises(Invalid):
        operations.record_pay_in(
            merchant_id=order.merchant_id, amount=Money(0, "EUR"), key="nothing", now=LATER
        )


def test_without_a_bank_account_what_is_due_waits():
    order = bought("")
    arrive(order)
    run = operations.run_payouts(now=LATER)
    assert (run.released, run.prepared, due(order.merchant) > 0) == (1, 0, True)


def test_two_payouts_at_once_are_one():
    order = bought()
    arrive(order)
    operations.release_lines(now=LATER)

    def prepare() -> object:
        made = operations.prepare_payout(merchant_id=order.merchant_id, currency="EUR", now=LATER)
        return made and made.amount_minor

    assert end_behind(prepare, prepare) is None
    assert Payout.objects.count() == 1


def test_a_line_that_is_refunded_while_it_is_released_is_paid_out_without_it():
    order = bought()
    arrive(order)
    total = order.total_minor

    def refund() -> None:
        operations.request_refund(
            order=order, amount=Money(total, "EUR"), key="all", because="test", now=LATER
        )

    assert end_behind(refund, lambda: operations.release_lines(now=LATER)) == 0
    assert (due(order.merchant), balances().get("held", 0)) == (0, 0)


@pytest.mark.parametrize(
    ("number", "bank_code", "field"),
    [
        ("DE21500105170000000014", "", "number"),
        ("12345678", "", "bank_code"),
        ("1", "BANKFRPP", "number"),
    ],
)
def test_numbers_that_cannot_be_right_are_refused(number: str, bank_code: str, field: str):
    merchant = make_merchant()
    with pytest.raises(BadAccount) as error:
        operations.set_bank_account(
            merchant_id=merchant.pk, holder="S", number=number, bank_code=bank_code, given_by="t", now=NOW
        )
    assert error.value.field == field


def test_a_statement_explains_every_cent_of_the_month():
    order = bought()
    arrive(order)
    ask(order, 1000)
    operations.run_payouts(now=LATER)
    months = [statement(order.merchant, month=month.date(), currency="EUR") for month in (NOW, LATER)]
    line = order.lines.get()
    sale = next(row for row in months[0].rows if row.kind == "sale")
    assert (sale.gross_minor, sale.commission_minor, sale.percent) == (
        line.total_minor,
        line.commission_minor,
        "12",
    )
    assert (
        sale.gross_minor - sale.kept_minor - sale.commission_minor - sale.commission_tax_minor
        == sale.held_minor
    )
    first, second = months
    assert (second.held_before, second.payable_before) == (first.held_after, first.payable_after)
    assert [row.kind for row in second.rows][:1] == ["refund_requested"]
    assert second.payable_after == due(order.merchant) == 0
