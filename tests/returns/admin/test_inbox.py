"""The merchant's inbox: filters, a scanner, counting, inspecting, several at once; the operator's overview."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Role, User
from returns import operations
from returns.models import OwedRefund, Return, ReturnParcel, ReturnUnit, ValueLoss, Withdrawal
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
INBOX = "/admin/returns/inbox"


@pytest.fixture
def merchant():
    return make_merchant()


@pytest.fixture
def staff(client, merchant):
    user = User.objects.create_user("staff@example.com", "correct horse battery", is_staff=True)
    accounts.add_member(merchant=merchant, user=user, role="owner")
    client.force_login(user)
    return user


@pytest.fixture
def officer(client):
    user = User.objects.create_user("officer@example.com", "correct horse battery", is_staff=True)
    Role.objects.create(user=user, kind=Role.Kind.OFFICER)
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(LATER, tick=False):
        yield


def returned(merchant, key="k1", count=3):
    group = factories.delivered([(make_variant(merchant), count)])
    declare(group, key=key)
    return Return.objects.latest("pk")


def test_a_scanned_number_leads_straight_to_its_return(client, staff, merchant):
    ret = returned(merchant)
    number = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER).tracking_number
    for text in (ret.public_id, ret.order.public_id, number.lower()):
        assert client.get(INBOX, {"q": text})["Location"] == f"{INBOX}/{ret.public_id}"


def test_what_lies_with_the_merchant_comes_next_the_oldest_first(client, staff, merchant):
    returns = [
        returned(whose, key=f"k{n}", count=1)
        for n, whose in enumerate((merchant, merchant, merchant, make_merchant()))
    ]
    for ret in returns[1:]:
        operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER)
    ReturnParcel.objects.update(state="delivered")

    asked = ("", returns[1].public_id, returns[2].public_id, "RT-NOBODYS1")
    led = [client.get(f"{INBOX}/next", {"after": after})["Location"] for after in asked]

    assert led == [f"{INBOX}/{returns[n].public_id}" for n in (1, 2, 1, 1)]
    Return.objects.update(state="closed")
    assert client.get(f"{INBOX}/next")["Location"] == INBOX


def test_returns_of_others_do_not_exist(client, staff):
    ret = returned(make_merchant())
    assert ret.public_id not in client.get(INBOX).content.decode()
    assert client.get(f"{INBOX}/{ret.public_id}").status_code == 404
    assert client.post(f"{INBOX}/{ret.public_id}/receive").status_code == 404


def test_counting_and_inspecting_by_form(client, staff, merchant):
    ret = returned(merchant)
    line = ret.lines.get().line.public_id
    assert client.get(f"{INBOX}/{ret.public_id}").status_code == 200
    client.post(
        f"{INBOX}/{ret.public_id}/receive", {f"good.{line}": "2", f"wrong.{line}": "1", "complete": "1"}
    )
    units = list(ReturnUnit.objects.order_by("pk"))
    assert [unit.reception for unit in units] == ["received", "received", "wrong_item"]
    form = {f"grade.{unit.public_id}": "A" for unit in units[:2]} | {f"resell.{units[0].public_id}": "1"}
    client.post(f"{INBOX}/{ret.public_id}/inspect", form)
    assert list(ReturnUnit.objects.order_by("pk").values_list("acceptance", "resellable")) == [
        ("accepted", True), ("accepted", False), ("pending", False),
    ]  # fmt: skip
    client.post(f"{INBOX}/{ret.public_id}/units/{units[2].pk}", {"way": "send_back"})
    assert ReturnUnit.objects.get(pk=units[2].pk).reception == "sent_back"


def test_several_at_once_are_shown_before_they_are_done(client, staff, merchant):
    chosen = [returned(merchant, key=f"k{n}", count=1).public_id for n in range(2)]
    client.post(f"{INBOX}/bulk", {"way": "receive", "chosen": chosen})
    assert set(Return.objects.values_list("state", flat=True)) == {"announced"}
    client.post(f"{INBOX}/bulk", {"way": "receive", "chosen": chosen, "confirmed": "1"})
    assert set(Return.objects.values_list("state", flat=True)) == {"received"}
    client.post(f"{INBOX}/bulk", {"way": "inspect", "chosen": chosen, "confirmed": "1"})
    assert set(Return.objects.values_list("state", flat=True)) == {"inspected"}


def test_an_unannounced_parcel_is_taken_in(client, staff, merchant):
    order = factories.delivered([(make_variant(merchant), 1)]).orders.get()
    line = order.lines.get().public_id
    assert client.get(f"{INBOX}/unannounced", {"order": order.public_id}).status_code == 200
    client.post(f"{INBOX}/unannounced", {"order": order.public_id, f"good.{line}": "1", "count": "1"})
    assert Return.objects.get().reason == "unannounced"


FILTERS = [
    {}, {"state": "announced"}, {"reason": "withdrawal"}, {"market": "DE"}, {"due": "late"}, {"due": "due"}, {"q": "RT-22222222"},
    {"q": "R-22222222"}, {"q": "RR470000018XZ"}, {"state": "announced", "reason": "withdrawal"},
]  # fmt: skip


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_each_filter_asks_few_queries_however_many_returns(client, staff, merchant, wanted):
    counts = []
    for n in range(2):
        returned(merchant, key=f"k{n}", count=1)
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(INBOX, wanted)
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert counts[0] < 12


def test_the_operator_sees_what_is_late_and_decides(client, officer, merchant):
    group = factories.delivered([(make_variant(merchant), 3)])
    declare(group)
    ret = Return.objects.get()
    line = ret.lines.get().line.public_id
    operations.receive_return(
        return_id=ret.pk, counted={line: operations.Counted(good=3)}, complete=True, by="m", now=LATER
    )
    loss = operations.claim_loss(
        return_id=ret.pk,
        line=line,
        amount_minor=500,
        why="Worn.",
        evidence=("a.jpg", b"x"),
        by="m",
        now=LATER,
    )
    operations.answer_loss(loss_id=loss.pk, agree=False, reply="No.", now=LATER)
    declare(None, key="k2", as_written="The lamp.")
    with time_machine.travel(LATER.replace(year=2027), tick=False):
        page = client.get("/admin/returns/late").content.decode()
        assert merchant.name in page
        assert "The lamp." in page
        client.post(f"/admin/returns/late/losses/{loss.pk}", {"way": "drop", "decision": "No proof."})
        found = Withdrawal.objects.get(state="unmatched")
        client.post(f"/admin/returns/late/declarations/{found.pk}", {"way": "close", "because": "Not ours."})
        for owed in OwedRefund.objects.filter(state="due"):
            client.post(f"/admin/returns/late/refunds/{owed.pk}/pay")
    assert ValueLoss.objects.get().state == "dropped"
    assert set(OwedRefund.objects.exclude(state="void").values_list("state", flat=True)) == {"requested"}


def test_a_letter_is_recorded_and_counts_from_its_postmark(client, officer):
    order = factories.delivered().orders.get()
    form = {
        "order": order.public_id, "means": "post", "declared_on": "2026-11-27", "name": "Ada", "email": "a@example.com", "text": "I withdraw.",
    }  # fmt: skip
    assert client.post("/admin/returns/late/record", form).status_code == 302
    found = Withdrawal.objects.get()
    assert (found.means, found.declared_at.date().isoformat(), found.state) == ("post", "2026-11-27", "open")


def test_merchants_do_not_come_to_the_operators_page(client, staff):
    assert client.get("/admin/returns/late").status_code == 403
