"""A seller that does nothing holds no money back: what the carrier brought counts as back, and no law without a number means never."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.accounts.place import Place
from returns import operations
from returns.carriers.protocol import DELIVERED, Scan
from returns.domain import policy
from returns.models import OwedRefund, Return
from returns.operations import Counted, Filed
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
CN = Place("CN", "en", "CNY", "Asia/Shanghai")
JP = Place("JP", "en", "JPY", "Asia/Tokyo")
ADDRESSES = {
    "CN": {"name": "Li Wei", "street": "Nanjing Road 1", "postcode": "200001", "city": "Shanghai", "region": "Shanghai", "country": "CN", "phone": "021 5555 0100"},
    "JP": {"name": "Sato Yuki", "street": "1-1 Chiyoda", "postcode": "100-0001", "city": "Tokyo", "region": "Tokyo", "country": "JP", "phone": "03 5555 0100"},
}  # fmt: skip
DAY = timedelta(days=1)
BACK = LATER + timedelta(days=3)


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for country, address in ADDRESSES.items():
        monkeypatch.setitem(factories.ADDRESSES, country, address)


def withdrawn(place: Place) -> Return:
    """One thing that its buyer abroad withdrew from, with our label on it."""
    declare(factories.delivered([(make_variant(make_merchant()), 1)], place=place))
    ret = Return.objects.get()
    operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER)
    return ret


def brought(ret: Return, at: Any = BACK) -> None:
    """The carrier says that the parcel is with the seller."""
    parcel = ret.parcels.get()
    scan = Scan(number=parcel.tracking_number, code=DELIVERED, at=at, place="Brest", payload={})
    operations.record_scans(carrier=parcel.carrier, scans=[scan], now=at)


def test_what_the_carrier_brought_is_back_though_the_seller_counts_nothing():
    ret = withdrawn(CN)
    before = OwedRefund.objects.get().state

    brought(ret)
    owed = OwedRefund.objects.get()
    operations.pay_due(today=owed.due_on, now=BACK + timedelta(days=8))

    assert (before, owed.state, owed.due_on) == ("waiting", "due", BACK.date() + timedelta(days=7))
    assert OwedRefund.objects.get().state == "requested"


def test_where_the_law_names_no_number_of_days_it_is_paid_soon_after_the_goods_are_back():
    ret = withdrawn(JP)
    before = OwedRefund.objects.get().state

    operations.receive_return(
        return_id=ret.pk,
        counted={ret.lines.get().line.public_id: Counted(good=1)},
        complete=True,
        by="seller",
        now=BACK,
    )

    owed = OwedRefund.objects.get()
    assert (before, owed.state, owed.due_on) == ("waiting", "due", date(2026, 12, 4))


def sent_by_own_means(place: Place) -> Return:
    """A return on its way from where the time to pay counts from the return of the goods; no carrier of ours has it."""
    declare(factories.delivered([(make_variant(make_merchant()), 1)], place=place))
    ret = Return.objects.get()
    operations.record_own_sending(
        return_id=ret.pk, carrier="Post", tracking_number="RE1", proof=None, sent_on=LATER.date(), now=LATER
    )
    return ret


@pytest.mark.parametrize(("place", "days"), [(CN, 7), (JP, policy.REFUND_SOON.days)])
def test_a_seller_that_never_looks_has_what_was_sent_with_a_proof(place: Place, days: int):
    sent_by_own_means(place)
    last = LATER + policy.ARRIVES_WITHIN
    assert (operations.presume_arrived(now=last - DAY), OwedRefund.objects.get().due_on) == (0, None)
    assert [operations.presume_arrived(now=last) for _night in range(2)] == [1, 0]
    owed = OwedRefund.objects.get()
    assert (owed.state, owed.due_on) == ("due", (last + timedelta(days=days)).date())


def test_a_seller_that_says_that_nothing_came_has_nothing():
    ret = sent_by_own_means(CN)
    line = ret.lines.get().line.public_id
    operations.receive_return(
        return_id=ret.pk, counted={line: Counted(empty=1)}, complete=True, by="seller", now=LATER + DAY
    )
    assert operations.presume_arrived(now=LATER + 2 * policy.ARRIVES_WITHIN) == 0
    assert OwedRefund.objects.get().state == "waiting"


def test_what_our_carrier_has_is_never_presumed():
    ret = withdrawn(CN)
    scan = Scan(number=ret.parcels.get().tracking_number, code="accepted", at=LATER, place="", payload={})
    operations.record_scans(carrier="rightful", scans=[scan], now=LATER)
    assert Return.objects.get().state == "in_transit"
    assert operations.presume_arrived(now=LATER + 2 * policy.ARRIVES_WITHIN) == 0


def test_a_seller_that_is_silent_twice_is_held_to_the_money_where_the_law_names_no_end():
    group = factories.delivered([(make_variant(make_merchant()), 1)], place=CN)
    order = group.orders.get()
    at = LATER + timedelta(days=20)  # the days to hand it back at once are over
    filed = Filed("defective", 1, "It broke.", at.date(), "repair", "en")
    claim = operations.file_claim(order=order, line=order.lines.get().public_id, filed=filed, key="c", now=at)
    held_to = []
    for _round in range(2):
        at += policy.CLAIM_ANSWER + 2 * DAY
        operations.lapse_claims(today=at.date(), now=at)
        at += policy.CLAIM_DECIDE + 2 * DAY
        operations.decide_silent(today=at.date(), now=at)
        held_to.append(claim.remedies.latest("pk").kind)
        if held_to[-1] == "repair":
            at += policy.REMEDY_WITHIN + 2 * DAY
            operations.report_failure(claim_id=claim.pk, wanted="repair", text="Nothing came.", now=at)
    assert held_to == ["repair", "termination"]
