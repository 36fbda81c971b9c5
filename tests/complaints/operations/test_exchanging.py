"""An exchange that was decided: the shopper chooses, and the one way of exchanging carries it out, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from catalog.models import Stock
from complaints import operations
from complaints.domain.errors import Incomplete
from complaints.models import Settlement, Ticket
from complaints.queries.exchanges import WHY_NOT, exchange_choice
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from returns import operations as returns
from returns.domain.errors import DifferenceChanged
from returns.models import Exchange
from tests.complaints.factories import make_agent, make_order_ticket
from tests.orders.operations.test_concurrency import at_once
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_exchanging import other_of

pytestmark = pytest.mark.usefixtures("fixed_rates")


@pytest.fixture
def fixed_rates(db: None) -> None:
    from tests.orders.factories import load_rates

    load_rates()


class Case:
    """Two pieces that arrived, a complaint about them, and another variant at the same price."""

    def __init__(self, *, price: int = 3000, stock: int = 5) -> None:
        self.old = factories.make_variant(factories.make_merchant(), price=3000)
        self.order = factories.delivered([(self.old, 2)]).orders.get()
        self.new = other_of(self.old, price=price, stock=stock)
        self.line = self.order.lines.get()
        self.ticket: Ticket = make_order_ticket(self.order, of_line=True, now=LATER)

    def decide(self) -> Settlement:
        verdict = operations.Verdict(
            outcome="upheld", reason="It does not fit.", cause="no_fault", remedy="exchange"
        )
        operations.decide(
            ticket=self.ticket.public_id, verdict=verdict, user_id=make_agent().user_id, now=LATER
        )
        return Settlement.objects.get(ticket=self.ticket)

    def choose(self, settlement: Settlement, **more: Any) -> str:
        choice = exchange_choice(self.order, self.line.public_id, language="en", now=LATER)
        wish = next((one for one in choice.wishes if one.variant == self.new.public_id), None)
        given = {
            "variant": self.new.public_id, "quantity": 1, "seen_minor": wish.each_minor if wish else 0,
            "language": "en", "now": LATER,
        }  # fmt: skip
        return operations.choose_exchange(settlement=settlement.public_id, **{**given, **more})


@pytest.mark.django_db
def test_a_decided_exchange_waits_for_the_choice_and_the_choice_is_an_exchange_like_any_other():
    case = Case()
    settled = case.decide()
    assert (settled.state, settled.ref, settled.line, Exchange.objects.count()) == (
        "choosing",
        "",
        case.line.public_id,
        0,
    )
    number = case.choose(settled)
    settled.refresh_from_db()
    exchange = Exchange.objects.get()
    assert (settled.state, settled.ref, settled.done_at, number) == (
        "done",
        exchange.public_id,
        LATER,
        exchange.public_id,
    )
    assert (exchange.variant_id, exchange.state, Stock.objects.get(variant=case.new).reserved) == (
        case.new.pk,
        "waiting",
        1,
    )


@pytest.mark.django_db(transaction=True)
def test_the_letter_leads_to_the_choice():
    case = Case()
    settled = case.decide()
    outbox.relay()
    outbox.relay()
    page = f"/complaints/{case.ticket.token}/exchange/{settled.public_id}"
    assert [page in one.body for one in mail.outbox if "Decided" in one.subject] == [True]


@pytest.mark.django_db
def test_chosen_twice_the_first_choice_stands():
    case = Case()
    settled = case.decide()
    first = case.choose(settled)
    again = case.choose(settled, variant="V-22222222", quantity=2, seen_minor=5)
    assert (again, Exchange.objects.count()) == (first, 1)


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_one_exchange():
    case = Case()
    settled = case.decide()
    chosen = at_once(lambda _: case.choose(settled), 3)
    assert (len(set(chosen)), Exchange.objects.count(), Stock.objects.get(variant=case.new).reserved) == (
        1,
        1,
        1,
    )


@pytest.mark.django_db
def test_a_price_that_was_not_seen_is_not_agreed_to():
    case = Case(price=3500)
    settled = case.decide()
    with pytest.raises(DifferenceChanged):
        case.choose(settled, seen_minor=0)
    settled.refresh_from_db()
    assert (settled.state, Exchange.objects.count()) == ("choosing", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["not_offered", "no_other"])
def test_what_cannot_be_exchanged_is_not_decided(why: str):
    case = Case(stock=0 if why == "no_other" else 5)
    if why == "not_offered":
        returns.set_policy(
            merchant_id=case.order.merchant_id, is_offered=False, days=30, ship_on="receipt", now=LATER
        )
    with pytest.raises(Incomplete) as refused:
        case.decide()
    assert (str(refused.value.detail), Settlement.objects.count()) == (WHY_NOT[why], 0)


@pytest.mark.django_db
def test_only_a_settlement_that_is_an_exchange_is_chosen_for():
    case = Case()
    case.decide()
    with pytest.raises(NotFound):
        case.choose(Settlement(public_id="CS-22222222"))
    assert timedelta(0) < LATER - factories.ARRIVED
