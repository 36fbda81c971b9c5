"""Announcing that something goes back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.kernel.models import Event
from orders.domain.errors import WrongState
from returns import operations
from returns.domain.errors import NothingChosen, TooManyAnnounced
from returns.domain.parts import Part
from returns.models import LineTally, OwedRefund, Return
from tests.returns import factories
from tests.returns.factories import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def open_one(order, count=2, reason="withdrawal"):
    line = order.lines.get().public_id
    return operations.open_return(
        order=order, lines={line: count}, reason=reason, subject="W-TEST2345", paid_by="consumer", now=LATER
    )


def test_a_return_is_announced_with_a_unit_for_each_piece():
    order = factories.only_order(factories.delivered())
    ret = open_one(order)
    assert (ret.state, ret.merchant_id, ret.market) == ("announced", order.merchant_id, "DE")
    assert [(line.announced, line.received) for line in ret.lines.all()] == [(2, 0)]
    units = ret.lines.get().units.values_list("reception", "acceptance")
    assert list(units) == [("awaiting", "pending")] * 2
    assert Event.objects.filter(name="returns.ReturnOpened").count() == 1


def test_no_more_goes_back_than_was_bought():
    order = factories.only_order(factories.delivered())
    open_one(order, 2)
    with pytest.raises(TooManyAnnounced) as refused:
        open_one(order, 2)
    assert refused.value.data["left"] == 1
    assert LineTally.objects.get().returning == 2


def test_a_return_that_is_called_off_frees_its_pieces():
    order = factories.only_order(factories.delivered())
    ret = operations.cancel_return(return_id=open_one(order, 3).pk, now=LATER)
    assert ret.state == "cancelled"
    assert open_one(order, 3).state == "announced"


def test_what_is_called_off_is_not_called_off_again():
    ret = open_one(factories.only_order(factories.delivered()))
    operations.cancel_return(return_id=ret.pk, now=LATER)
    with pytest.raises(WrongState):
        operations.cancel_return(return_id=ret.pk, now=LATER)


def test_a_return_of_nothing_is_refused():
    order = factories.only_order(factories.delivered())
    with pytest.raises(NothingChosen):
        open_one(order, 0)


def test_the_database_refuses_too_many():
    order = factories.only_order(factories.delivered())
    open_one(order, 3)
    with pytest.raises(IntegrityError), transaction.atomic():
        LineTally.objects.update(returning=4)


def test_a_refund_is_owed_once_per_key():
    order = factories.only_order(factories.delivered())
    line = order.lines.get().public_id
    rows = [
        operations.owe_refund(
            order=order, subject="W-TEST2345", parts=[Part(line, 1, "goods", 500)], due_on=LATER.date(),
            rulings=[], key="W-TEST2345:1", now=LATER,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert rows[0] == rows[1]
    assert OwedRefund.objects.count() == 1


def test_what_is_owed_is_asked_for_once():
    order = factories.only_order(factories.delivered())
    owed = operations.owe_refund(
        order=order, subject="W-TEST2345", parts=[Part("", 0, "goods", 500)], due_on=LATER.date(),
        rulings=[], key="k", now=LATER,
    )  # fmt: skip
    first = operations.request_owed(owed_id=owed.pk, now=LATER)
    again = operations.request_owed(owed_id=owed.pk, now=LATER)
    assert (first.state, first.refund) == ("requested", again.refund)
    assert order.refunds.get().amount_minor == 500


def test_what_is_owed_cannot_be_rewritten():
    order = factories.only_order(factories.delivered())
    operations.owe_refund(
        order=order,
        subject="s",
        parts=[Part("", 0, "goods", 500)],
        due_on=None,
        rulings=[],
        key="k",
        now=LATER,
    )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE returns_owedrefund SET amount_minor = 1")


def test_the_database_knows_the_states():
    ret = open_one(factories.only_order(factories.delivered()))
    with pytest.raises(IntegrityError), transaction.atomic():
        Return.objects.filter(pk=ret.pk).update(state="somewhere")
