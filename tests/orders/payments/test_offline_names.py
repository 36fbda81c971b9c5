"""Refunds of the offline provider are told apart, whatever order the database keeps them in."""

from __future__ import annotations

import pytest

from marketplace.kernel.money import Money
from orders.payments.offline import OfflineProvider
from orders.payments.protocol import RefundResult

pytestmark = pytest.mark.django_db


def test_each_refund_keeps_its_name_and_its_sum():
    bank = OfflineProvider()
    ref = bank.authorise(
        key="k", payment="PM-1", amount=Money(1000, "EUR"), method={"token": "card_ok"}, return_url=""
    ).ref
    bank.capture(ref, key="c", amount=Money(1000, "EUR"))
    asked = {"RF-Z": 300, "RF-A": 200}
    told = {
        name: bank.refund(ref, key=f"refund:{name}", refund=name, amount=Money(sum_, "EUR")).ref
        for name, sum_ in asked.items()
    }
    moved = {one.ref: -one.amount_minor for one in bank.movements() if one.kind == "refund"}
    assert {name: moved[told[name]] for name in asked} == asked
    assert bank.find_refund(ref, refund="RF-Z") == RefundResult(told["RF-Z"], "done")
