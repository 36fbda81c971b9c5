"""Exchanges that end otherwise than was agreed: nobody loses a piece or money, and a declaration is always taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext

from catalog.models import Stock
from marketplace.accounts.place import Place
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from orders import operations as orders
from orders import payments as providers
from orders.domain.errors import WrongState
from orders.models import Payment, Refund, Supplement
from orders.payments import ProviderDown
from returns import operations
from returns.domain import policy
from returns.domain.errors import NotExchangeable
from returns.models import Exchange, LineTally, OwedRefund, Return, ReturnUnit, Withdrawal
from returns.operations import Counted, Verdict
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_claiming import accepted
from tests.returns.operations.test_declaring import declare
from tests.returns.operations.test_exchanging import (
    Case,
    again,
    books_differ,
    come_back,
    pay,
    send_back,
    ship,
    went_back,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
DAY = timedelta(days=1)
CH = Place("CH", "de", "CHF", "Europe/Zurich")  # no law names a day for the money there
SWISS = {
    "name": "Ueli Meier", "street": "Bahnhofstrasse 1", "postcode": "8001", "city": "Zürich", "country": "CH",
    "phone": "044 123 45 67",
}  # fmt: skip
OFFLINE = type(providers.provider("offline"))


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setitem(factories.ADDRESSES, "CH", SWISS)
    with time_machine.travel(LATER, tick=False):  # what reacts to news reads the clock
        yield


def of_supplement() -> Payment:
    return Payment.objects.get(purpose="supplement")


def receive(exchange: Exchange, good: int, *, now=LATER, **more) -> Return:
    counted = {exchange.line.public_id: Counted(good=good, **more)}
    ret = operations.receive_return(
        return_id=again(exchange).ret.pk, counted=counted, complete=True, by="seller", now=now
    )
    outbox.relay()
    return ret


def inspect(exchange: Exchange, *accept: bool, now=LATER) -> None:
    units = ReturnUnit.objects.filter(return_line__ret=again(exchange).ret, reception="received").order_by(
        "pk"
    )
    verdicts = [
        Verdict(unit.public_id, ok, "A" if ok else "D", resellable=ok, note="" if ok else "Torn.")
        for unit, ok in zip(units, accept, strict=True)
    ]
    operations.inspect_return(return_id=again(exchange).ret.pk, verdicts=verdicts, by="seller", now=now)
    outbox.relay()


def all_paid(now=LATER + DAY) -> None:
    orders.reconcile_payments(now=now)
    outbox.relay()


# -- a withdrawal while the difference is being paid


def test_a_withdrawal_is_stored_while_the_difference_is_being_taken(monkeypatch):
    case = Case(price=1500)
    exchange = case.ask()
    with monkeypatch.context() as patch:
        patch.setattr(OFFLINE, "capture", lambda *_, **__: (_ for _ in ()).throw(ProviderDown()))
        with pytest.raises(ProviderDown):
            pay(exchange)
    withdrawal = declare(case.group)
    assert (withdrawal.lines.get().binding, again(exchange).because) == (3, "withdrawn")
    all_paid()
    assert (of_supplement().state, of_supplement().captured_minor, Supplement.objects.get().state) == (
        "cancelled", 0, "cancelled",
    )  # fmt: skip
    assert (Withdrawal.objects.get().receipt_sent_at is not None, books_differ()) == (True, [])


def test_money_that_was_taken_behind_a_withdrawal_goes_back_at_once(monkeypatch):
    case = Case(price=1500)
    exchange, real = case.ask(), OFFLINE.capture

    def withdrawn_meanwhile(self: Any, ref: str, **more: Any) -> Any:
        taken = real(self, ref, **more)
        declare(case.group)
        return taken

    monkeypatch.setattr(OFFLINE, "capture", withdrawn_meanwhile)
    pay(exchange)
    assert (again(exchange).because, went_back(), Refund.objects.get().payment) == (
        "withdrawn", [exchange.difference_minor], of_supplement(),
    )  # fmt: skip
    assert books_differ() == []


def test_a_withdrawal_is_stored_before_the_news_of_the_paid_difference(monkeypatch):
    case = Case(price=1500)
    exchange = case.ask()
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "relay", lambda *_, **__: None)
        pay(exchange)
    withdrawal = declare(case.group)
    outbox.relay()
    assert (again(exchange).state, again(exchange).is_paid) == ("cancelled", True)
    own = OwedRefund.objects.get(payment=of_supplement().public_id)
    assert (own.amount_minor, withdrawal.lines.get().binding) == (exchange.difference_minor, 3)
    all_paid()
    assert (went_back(), books_differ()) == ([exchange.difference_minor], [])  # the rest waits for the goods


def test_a_shopper_cannot_call_it_off_while_the_difference_is_being_taken(monkeypatch):
    case = Case(price=1500)
    exchange = case.ask()
    monkeypatch.setattr(OFFLINE, "capture", lambda *_, **__: (_ for _ in ()).throw(ProviderDown()))
    with pytest.raises(ProviderDown):
        pay(exchange)
    with pytest.raises(WrongState):
        operations.cancel_exchange(exchange_id=exchange.pk, now=LATER)
    assert again(exchange).state == "to_pay"


# -- a key is one wish


def test_a_key_of_another_wish_leads_to_no_exchange_of_somebody_else():
    first, second = Case(), Case()
    first.ask(key="a")
    with pytest.raises(Invalid):
        second.ask(key="a")
    with pytest.raises(Invalid):
        first.ask(2, key="a")
    assert Exchange.objects.count() == 1


# -- goods on their way count for a withdrawal


def test_pieces_on_their_way_for_an_exchange_are_not_asked_for_again():
    case = Case()
    exchange = case.ask(2)
    send_back(exchange)
    withdrawal = declare(case.group, {case.line.public_id: 2})
    assert (again(exchange).because, withdrawal.lines.get().binding) == ("withdrawn", 2)
    ret = Return.objects.get()
    assert (ret.reason, ret.subject, LineTally.objects.get().returning) == (
        "withdrawal", withdrawal.public_id, 2,
    )  # fmt: skip


def test_pieces_that_are_withdrawn_from_beside_an_exchange_come_in_a_return_of_their_own():
    case = Case()
    exchange = case.ask(1)
    send_back(exchange)
    declare(case.group, {case.line.public_id: 2})
    assert again(exchange).state == "waiting"
    assert sorted(Return.objects.values_list("reason", "lines__announced")) == [
        ("exchange", 1), ("withdrawal", 2),
    ]  # fmt: skip


# -- what came is judged piece by piece


def test_of_pieces_that_are_judged_differently_the_accepted_ones_are_paid():
    case = Case(price=1500)
    exchange = case.ask(3)
    pay(exchange)
    receive(exchange, 3)
    inspect(exchange, True, False, True)
    all_paid()
    tally = LineTally.objects.get()
    assert (again(exchange).state, again(exchange).because, case.held()) == ("rejected", "Torn.", (5, 0))
    assert (tally.withdrawn, tally.returning) == (2, 2)  # the torn one is the shopper's again
    assert sum(went_back()) == exchange.difference_minor + 2 * case.line.unit_price_minor
    assert (Stock.objects.get(variant=case.old).on_hand, books_differ()) == (9, [])


def test_a_rejected_piece_may_be_withdrawn_from_and_sent_again():
    case = Case(pieces=1)
    exchange = case.ask()
    come_back(exchange, accept=False)
    assert (again(exchange).state, LineTally.objects.get().returning) == ("rejected", 0)
    declare(case.group)
    assert Return.objects.filter(reason="withdrawal").get().lines.get().announced == 1


def test_pieces_that_are_here_are_looked_at_before_missing_ones_end_the_exchange():
    case = Case()
    exchange = case.ask(2)
    receive(exchange, 1)
    assert again(exchange).state == "waiting"
    inspect(exchange, True)
    all_paid()
    tally = LineTally.objects.get()
    assert (again(exchange).state, again(exchange).because) == ("rejected", "none_came")
    assert (tally.withdrawn, tally.returning, went_back()) == (1, 1, [case.line.unit_price_minor])


# -- money waits for goods


def sold_out_on_the_way(case: Case) -> Exchange:
    """An exchange that ran out while the goods were on their way back: their price waits for them."""
    exchange = case.ask(2)
    send_back(exchange)
    operations.run_out(exchange_id=exchange.pk, why="", by="seller", now=LATER)
    return again(exchange)


def test_an_empty_box_releases_no_money():
    case = Case(place=CH)
    exchange = sold_out_on_the_way(case)
    assert OwedRefund.objects.get().state == "waiting"
    receive(exchange, 0, empty=2)
    assert OwedRefund.objects.get().state == "waiting"


def test_what_came_of_what_sold_out_is_paid_and_the_rest_waits():
    case = Case(place=CH)
    exchange = sold_out_on_the_way(case)
    receive(exchange, 1)
    live = OwedRefund.objects.exclude(state="void").order_by("pk")
    assert list(live.values_list("state", "amount_minor")) == [
        ("due", case.line.unit_price_minor), ("waiting", case.line.unit_price_minor),
    ]  # fmt: skip


def test_an_empty_box_for_a_withdrawal_is_not_paid_at_once():
    case = Case()
    declare(case.group)
    ret = Return.objects.get()
    operations.record_own_sending(
        return_id=ret.pk, carrier="Post", tracking_number="E1", proof=None, sent_on=LATER.date(), now=LATER
    )
    assert OwedRefund.objects.get().state == "due"  # by the proof that it was sent
    operations.receive_return(
        return_id=ret.pk,
        counted={case.line.public_id: Counted(empty=3)},
        complete=True,
        by="seller",
        now=LATER,
    )
    operations.inspect_return(return_id=ret.pk, verdicts=[], by="seller", now=LATER)
    outbox.relay()
    assert (OwedRefund.objects.get().state, Refund.objects.count()) == ("due", 0)


def test_an_empty_box_of_a_claim_releases_no_money():
    case = Case()
    claim = accepted(case.group, wanted="termination", is_serious=True)
    owed = OwedRefund.objects.get(subject=claim.public_id)
    assert owed.state == "waiting"
    ret = claim.remedies.get().ret
    operations.receive_return(
        return_id=ret.pk,
        counted={case.line.public_id: Counted(empty=1)},
        complete=True,
        by="seller",
        now=LATER,
    )
    outbox.relay()
    owed.refresh_from_db()
    assert (owed.state, claim.remedies.get().goods_back_at) == ("waiting", None)


# -- one at a time


def test_a_second_exchange_of_one_claim_is_refused_with_a_reason():
    case = Case()
    claim = accepted(case.group, wanted="replacement")
    case.ask(1, claim_id=claim.pk)
    with pytest.raises(NotExchangeable) as raised:
        case.ask(1, key="k2", claim_id=claim.pk)
    assert (raised.value.data["reason"], Exchange.objects.count()) == ("one_open", 1)


# -- the new piece is not sent


def ready(case: Case) -> Exchange:
    exchange = case.ask(1)
    if exchange.state == "to_pay":
        pay(exchange)
    come_back(exchange)
    return again(exchange)


def late(exchange: Exchange, days: int) -> Any:
    return LATER + policy.EXCHANGE_SHIP + timedelta(days=days)


def test_what_is_not_sent_in_time_the_shopper_may_end_and_gets_all_back():
    case = Case(price=1500)
    exchange = ready(case)
    with pytest.raises(WrongState):
        operations.give_up_exchange(exchange_id=exchange.pk, now=late(exchange, 0))
    operations.give_up_exchange(exchange_id=exchange.pk, now=late(exchange, 1))
    all_paid(late(exchange, 2))
    assert (again(exchange).state, again(exchange).because, case.held()) == ("sold_out", "not_sent", (5, 0))
    assert sum(went_back()) == case.line.unit_price_minor + exchange.difference_minor
    assert (LineTally.objects.get().withdrawn, books_differ()) == (1, [])


def test_what_is_never_sent_ends_by_itself():
    case = Case()
    exchange = ready(case)
    letter = mail.outbox[-1].body
    with translation.override(case.group.language):
        assert gettext(
            "If it does not, you can end the exchange on its page and get your money back."
        ) in " ".join(letter.split())
    last = again(exchange).due_on + policy.EXCHANGE_OVERDUE
    assert last - LATER.date() == policy.EXCHANGE_SHIP + policy.EXCHANGE_OVERDUE
    assert operations.follow_exchanges(now=LATER + policy.EXCHANGE_SHIP + policy.EXCHANGE_OVERDUE) == 0
    assert operations.follow_exchanges(now=LATER + policy.EXCHANGE_SHIP + policy.EXCHANGE_OVERDUE + DAY) == 1
    outbox.relay()
    assert (again(exchange).state, again(exchange).because) == ("sold_out", "not_sent")
    assert went_back() == [case.line.unit_price_minor]


def test_before_it_is_given_up_it_can_be_withdrawn_from_and_it_is_not_sent_then():
    case = Case()
    exchange = ready(case)
    declare(case.group)
    assert again(exchange).because == "withdrawn"
    with pytest.raises(WrongState):
        ship(exchange)


def test_a_claim_whose_other_variant_is_never_sent_goes_on_as_a_claim():
    case = Case()
    claim = accepted(case.group, wanted="replacement")
    exchange = case.ask(1, claim_id=claim.pk)
    receive(exchange, 1)
    assert again(exchange).state == "ready"
    operations.give_up_exchange(exchange_id=exchange.pk, now=late(exchange, 1))
    assert (again(exchange).state, again(exchange).because, LineTally.objects.get().withdrawn) == (
        "cancelled", "not_sent", 0,
    )  # fmt: skip
