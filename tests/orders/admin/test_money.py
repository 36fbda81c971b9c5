"""Money in the admin: a merchant sees and exports what is theirs, the operator the books and all payouts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import MerchantMember, User
from marketplace.kernel.money import Money
from orders import operations
from orders.models import BankAccount, Order
from orders.operations import history
from orders.operations.fulfilment import Packed
from orders.queries.books import trial_balance
from tests.orders import factories
from tests.orders.admin.test_orders import staff_of

pytestmark = pytest.mark.django_db(transaction=True)
LATER = factories.NOW + timedelta(days=40)
BANK = {"holder": "Seller", "number": "FR76 3000 6000 0112 3456 7890 189", "bank_code": ""}


@pytest.fixture
def sold(rates: None) -> Iterator[Order]:
    """An order that arrived, of which a part was refunded."""
    merchant = factories.make_merchant()
    variant = factories.make_variant(merchant)
    variant.listing.texts.update(title="=1+1 lamp")
    with time_machine.travel(factories.NOW, tick=False):
        factories.pay(factories.make_checkout([(variant, 2)]))
    order = Order.objects.select_related("merchant").get()
    line = order.lines.get()
    parcel = operations.ship_parcel(
        order_id=order.pk, packed=[Packed(line.public_id, 2)], carrier="dhl", tracking_number="",
        recorded_by="test", now=factories.NOW,
    )  # fmt: skip
    operations.record_delivery(
        parcel_id=parcel.pk,
        delivered_at=factories.NOW,
        received_by="consumer",
        recorded_by="test",
        now=factories.NOW,
    )
    refund = operations.request_refund(
        order=order, amount=Money(500, "EUR"), key="k", because="test", now=factories.NOW
    )
    operations.send_refund(refund_id=refund.pk, now=factories.NOW)
    with time_machine.travel(LATER, tick=False):
        yield order


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def operator() -> Client:
    user = User.objects.create_superuser("boss@example.com", "correct horse battery")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_merchant_sees_what_is_held_gives_an_account_and_is_paid(sold: Order):
    client, own = staff_of(sold.merchant), sold.merchant.public_id
    assert client.get(reverse("merchant-money-start")).url == reverse("merchant-money", args=[own])
    assert sold.public_id in page(client, "merchant-money", own)
    wrong = client.post(
        reverse("merchant-money", args=[own]), {**BANK, "number": "FR7630006000011234567890188"}
    )
    assert (wrong.status_code, BankAccount.objects.count()) == (422, 0)
    assert client.post(reverse("merchant-money", args=[own]), BANK).status_code == 302
    operations.run_payouts(now=LATER)
    assert "PO-" in page(client, "merchant-money", own)


def test_a_statement_as_a_page_a_sheet_and_a_table_without_formulas(sold: Order):
    client, where = staff_of(sold.merchant), [sold.merchant.public_id, "2026-11", "EUR"]
    assert sold.public_id in page(client, "merchant-statement", *where, "html")
    assert client.get(reverse("merchant-statement", args=[*where, "pdf"])).content.startswith(b"%PDF")
    table = client.get(reverse("merchant-statement", args=[*where, "csv"])).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["kind"] for row in rows] == ["sale", "refund_requested"]
    assert rows[0]["product"] == "'=1+1 lamp"
    line = sold.lines.get()
    assert Money.of(rows[0]["commission"], "EUR").minor == line.commission_minor
    for wrong in (["2026-13", "EUR", "html"], ["2026-11", "XXX", "html"], ["2026-11", "EUR", "xls"]):
        assert client.get(reverse("merchant-statement", args=[where[0], *wrong])).status_code == 404


def test_papers_are_for_their_merchant_and_their_shopper(sold: Order):
    note = sold.invoices.get(kind="credit_note").label
    where = reverse("merchant-paper", args=[sold.merchant.public_id, note])
    assert staff_of(sold.merchant).get(where).content.startswith(b"%PDF")
    stranger = staff_of(factories.make_merchant())
    assert [
        stranger.get(where).status_code,
        stranger.get(reverse("merchant-money", args=[sold.merchant.public_id])).status_code,
    ] == [404, 404]
    guest = Client()
    shown = guest.get(reverse("order", args=[sold.group.token])).content.decode()
    link = reverse("order-document", args=[sold.group.token, sold.public_id, f"credit-note-{note}"])
    assert link in shown
    assert guest.get(link).content.startswith(b"%PDF")
    assert guest.get(link.replace("000001", "000002")).status_code == 404


def test_who_only_looks_changes_no_account(sold: Order):
    user = User.objects.create_user("eye@staff.example", "correct horse battery", is_staff=True)
    MerchantMember.objects.create(user=user, merchant=sold.merchant, role=MerchantMember.Role.VIEWER)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(reverse("merchant-money", args=[sold.merchant.public_id]), BANK)
    assert (answer.status_code, BankAccount.objects.count()) == (403, 0)


def test_the_operator_sees_the_books_and_pays(sold: Order):
    client = operator()
    assert "rf-table" in page(client, "money-books")
    assert client.post(reverse("money-check")).status_code == 302
    assert sold.public_id in page(client, "money-payouts")
    assert client.post(reverse("money-pay")).status_code == 302
    data = {"merchant": sold.merchant.public_id, "amount": "5.00", "currency": "EUR", "reference": "a"}
    assert [client.post(reverse("money-payouts"), data).status_code for _ in range(2)] == [302, 302]
    wrong = client.post(reverse("money-payouts"), {**data, "merchant": "M-NOBODY"})
    assert wrong.status_code == 422
    assert sum(row.balance_minor for row in trial_balance().rows if row.account == "bank") == 500


def test_the_command_prints_the_trial_balance_and_fails_on_a_difference(sold: Order):
    out = io.StringIO()
    call_command("trial_balance", "--check", stdout=out)
    assert "debits less credits" in out.getvalue()
    type(sold.group.payments.get()).objects.update(refunded_minor=0)
    with pytest.raises(CommandError):
        call_command("trial_balance", "--check", stdout=out)


def test_money_from_before_the_books_is_brought_in_once(sold: Order):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE orders_posting, orders_ledgerentry, orders_refundline CASCADE")
    assert [history.post_history(now=LATER), history.post_history(now=LATER)] == [1, 0]
    assert operations.check_books(now=LATER).differences == ()
