"""An order's page offers what its pieces have left, and nothing else; what ends everything is said in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from marketplace.kernel.money import Money
from orders import operations as orders
from orders.models import OrderLine
from orders.queries.refunds import parts_for_amount
from returns.models import ExchangePolicy
from tests.returns import factories
from tests.returns.factories import ARRIVED, LATER, make_merchant, make_variant
from tests.returns.operations.test_declaring import TOO_LATE, declare
from tests.returns.operations.test_exchanging import Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
MONTHS_LATER = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def page(client, group, *, now=LATER):
    with time_machine.travel(now, tick=False):
        answer = client.get(reverse("order", args=[group.token]))
    assert b'href="/withdraw"' in answer.content  # the law's own function never leaves the foot of a page
    return answer.context["page"]


def offered(client, group, *, now=LATER):
    """What the page of the only order offers: (withdraw, exchange, why neither)."""
    (order,) = page(client, group, now=now)["orders"]
    card = order["rights"]
    return bool(card and card["link"]), bool(order["exchange_url"]), order["nothing_left"]


def part_of(group, pieces):
    return {OrderLine.objects.get(order__group=group).public_id: pieces}


def pay_back(group, *, share=1):
    order = group.orders.get()
    amount = Money(order.lines.get().total_minor // share, order.currency)
    orders.request_refund(
        order=order, amount=amount, key="complaint:1", because="Complaint", now=LATER,
        parts=parts_for_amount(order, amount),
    )  # fmt: skip


def test_what_arrived_can_be_withdrawn_from_and_exchanged(client):
    assert offered(client, Case().group) == (True, True, "")


def test_what_has_not_arrived_can_be_withdrawn_from_alone(client):
    group = factories.buy([(make_variant(make_merchant()), 1)])
    assert offered(client, group) == (True, False, "")


def test_of_what_there_is_in_one_kind_only_no_exchange_is_offered(client):
    assert offered(client, factories.delivered()) == (True, False, "")


def test_once_a_part_is_withdrawn_the_rest_keeps_its_ways(client):
    case = Case()
    declare(case.group, part_of(case.group, 1))
    assert offered(client, case.group) == (True, True, "")
    (line,) = page(client, case.group)["orders"][0]["lines"]
    assert line["ended"] == "contract ended for 1 of 3"


def test_once_all_is_withdrawn_nothing_is_offered_and_the_page_says_why(client):
    case = Case()
    declare(case.group)
    why = "The contract has ended for everything here, so nothing is left to withdraw from or to exchange."
    assert offered(client, case.group) == (False, False, why)
    shown = page(client, case.group)
    assert shown["orders"][0]["lines"][0]["ended"] == "contract ended"
    assert shown["next_step"] == "This order comes to its end. What still happens stands below."


def test_a_declaration_that_came_too_late_takes_no_way_away(client):
    case = Case()
    declare(case.group, now=TOO_LATE)
    assert offered(client, case.group, now=TOO_LATE) == (True, True, "")


def test_a_cancelled_order_offers_nothing(client):
    group = factories.buy([(make_variant(make_merchant()), 1)])
    orders.cancel_order(order_id=group.orders.get().pk, because="Sold out", now=LATER)
    why = "This order was cancelled, so nothing is left to withdraw from or to exchange."
    assert offered(client, group) == (False, False, why)
    assert page(client, group)["next_step"] == "This order was cancelled. Nothing of it comes any more."


def test_what_was_withdrawn_before_it_was_sent_offers_nothing(client):
    group = factories.buy([(make_variant(make_merchant()), 2)])
    declare(group)
    assert offered(client, group)[:2] == (False, False)


def test_the_card_speaks_of_the_lines_whose_contract_goes_on(client):
    merchant = make_merchant()
    plain = make_variant(merchant)
    to_measure = make_variant(merchant, category="tex.clothing", disclosures={"made_to_specification": True})
    group = factories.delivered([(plain, 1), (to_measure, 1)])
    first = OrderLine.objects.get(order__group=group, variant=plain)

    def states():
        lines = page(client, group)["orders"][0]["rights"]["lines"]
        return sorted(line["state"] for line in lines if line["key"] == "withdrawal")

    before = states()
    declare(group, {first.public_id: 1})
    assert (before, states()) == (["no", "yes"], ["no"])


def test_pieces_that_are_exchanged_are_not_exchanged_again_but_can_be_withdrawn_from(client):
    case = Case(price=1000)
    case.ask(3)
    assert offered(client, case.group) == (True, False, "")


def test_the_seller_s_promise_decides_about_exchanges(client):
    case = Case()
    ExchangePolicy.objects.create(merchant=case.order.merchant, is_offered=False, days=30, changed_at=ARRIVED)
    assert offered(client, case.group) == (True, False, "")


def test_after_the_promised_days_no_exchange_is_offered_but_a_late_declaration_is_still_taken(client):
    assert offered(client, Case().group, now=MONTHS_LATER) == (True, False, "")


def test_money_that_came_back_takes_the_exchange_but_not_the_right_that_runs(client):
    case = Case()
    pay_back(case.group)
    assert offered(client, case.group) == (True, False, "")
    why = "You got your money back for this and the time to withdraw is over, so nothing is left to do."
    assert offered(client, case.group, now=MONTHS_LATER) == (False, False, why)


def test_a_part_of_the_money_takes_nothing(client):
    case = Case()
    pay_back(case.group, share=2)
    assert offered(client, case.group) == (True, True, "")


def test_who_withdrew_from_everything_may_declare_once_more(client):
    group = factories.delivered()
    declare(group)
    shown = client.get(reverse("withdraw-order", args=[group.token])).context["page"]
    assert shown["nothing_left"].startswith("The contract has ended for everything here.")
    assert (shown["exchange_url"], len(shown["orders"])) == ("", 1)


def test_of_a_cancelled_order_a_declaration_is_taken_in_free_words(client):
    group = factories.buy([(make_variant(make_merchant()), 1)])
    orders.cancel_order(order_id=group.orders.get().pk, because="Sold out", now=LATER)
    shown = client.get(reverse("withdraw-order", args=[group.token])).context["page"]
    assert shown["nothing_left"] == "This order was cancelled. There is nothing left to choose from."
    assert shown["free"]["url"] == reverse("withdraw-unmatched")
