"""A seller that does nothing holds no money back: what the carrier brought counts as back, and no law without a number means never."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.accounts.place import Place
from returns import operations
from returns.carriers.protocol import DELIVERED, Scan
from returns.models import OwedRefund, Return
from returns.operations import Counted
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
