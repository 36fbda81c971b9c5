"""Parcels that go back: what shoppers say of their own, and what carriers say of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from returns import operations
from returns.models import Return, ReturnParcel
from returns.queries.parcels import InboxFilter, inbox
from tests.returns import factories
from tests.returns.factories import LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def returned(merchant: Any, key: str) -> Return:
    declare(factories.delivered([(make_variant(merchant), 1)]), key=key)
    return Return.objects.latest("pk")


def test_two_returns_travel_in_one_parcel_of_the_shoppers_own():
    merchant = make_merchant()
    returns = [returned(merchant, key=f"k{n}") for n in range(2)]

    for ret in returns:
        operations.record_own_sending(
            return_id=ret.pk, carrier="Post", tracking_number="RE123456785FR", proof=None, sent_on=LATER.date(), now=LATER
        )  # fmt: skip

    page = inbox([merchant.pk], InboxFilter(text="re123456785fr"), today=LATER.date())
    assert {ret.pk for ret in page.rows} == {ret.pk for ret in returns}
    assert set(Return.objects.values_list("state", flat=True)) == {"in_transit"}


def test_a_number_that_a_carrier_gave_stands_on_one_parcel():
    ret = returned(make_merchant(), key="k")
    parcel = operations.issue_label(return_id=ret.pk, method="drop_off", now=LATER)

    with pytest.raises(IntegrityError), transaction.atomic():
        ReturnParcel.objects.create(
            ret=ret,
            method="drop_off",
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            booked_at=LATER,
        )
