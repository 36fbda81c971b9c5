"""The shopper's page of an exchange that was decided: choose, see what it costs, agree."""

from __future__ import annotations

import pytest
from django.test import Client

from complaints import operations
from complaints.models import Settlement
from complaints.queries.exchanges import exchange_choice
from marketplace.kernel import clock
from marketplace.kernel.money import Money
from returns import operations as returns
from returns.models import Exchange
from tests.complaints.factories import make_agent
from tests.complaints.operations.test_exchanging import Case
from tests.returns.factories import LATER

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Case:
    from tests.orders.factories import load_rates

    load_rates()
    monkeypatch.setattr(clock, "now", lambda: LATER)
    return Case(price=3500)


def page_of(case: Case) -> str:
    return f"/complaints/{case.ticket.token}/exchange/{Settlement.objects.get().public_id}"


def each_of(case: Case) -> Money:
    """What one of the other variant costs more."""
    [wish] = exchange_choice(case.order, case.line.public_id, language="en", now=LATER).wishes
    assert wish.each_minor > 0
    return Money(wish.each_minor, "EUR")


def test_the_buyer_chooses_in_two_steps_and_comes_to_the_exchange(case: Case):
    case.decide()
    client, page, each = Client(), page_of(case), each_of(case)
    shown = each.display("en")
    assert page in client.get(f"/complaints/{case.ticket.token}").content.decode()
    first = client.get(page).content.decode()
    chosen = {"variant": case.new.public_id, "quantity": "1"}
    review = client.post(page, chosen).content.decode()
    assert ("Size: L" in first, f"{shown} more each" in first, "You pay" in review) == (True, True, True)
    assert Exchange.objects.count() == 0
    done = client.post(page, {**chosen, "seen": str(each.minor), "step": "agree"})
    exchange = Exchange.objects.get()
    assert (done.status_code, exchange.token in done["Location"], exchange.difference_minor) == (
        302,
        True,
        each.minor,
    )
    assert exchange.token in client.get(page)["Location"]
    assert exchange.public_id in Settlement.objects.get().ref


def test_a_price_that_changed_is_shown_again_and_nothing_is_agreed(case: Case):
    case.decide()
    said = {"variant": case.new.public_id, "quantity": "1", "seen": "0", "step": "agree"}
    page = Client().post(page_of(case), said)
    assert (
        page.status_code,
        each_of(case).display("en") in page.content.decode(),
        Exchange.objects.count(),
    ) == (200, True, 0)


@pytest.mark.parametrize("said", [
    {"variant": "V-22222222", "quantity": "1"}, {"quantity": "9" * 40}, {"quantity": "0"}, {},
])  # fmt: skip
def test_what_is_no_choice_is_said_to_be_none(case: Case, said: dict[str, str]):
    case.decide()
    page = Client().post(
        page_of(case), {"variant": case.new.public_id, **said, "step": "agree", "seen": "9" * 99}
    )
    assert (page.status_code, Exchange.objects.count()) == (422, 0)


def test_what_cannot_be_had_any_more_is_said(case: Case):
    case.decide()
    returns.set_policy(
        merchant_id=case.order.merchant_id, is_offered=False, days=30, ship_on="receipt", now=LATER
    )
    page = Client().get(page_of(case)).content.decode()
    assert ("The seller offers no exchange." in page, "Write to us on your complaint" in page) == (True, True)


def test_nobody_else_comes_in(case: Case):
    case.decide()
    settled, other = Settlement.objects.get(), Case()
    assert Client().get(f"/complaints/{other.ticket.token}/exchange/{settled.public_id}").status_code == 404
    verdict = operations.Verdict(outcome="upheld", reason="Yes.", cause="no_fault", remedy="return_label")
    operations.decide(ticket=other.ticket.public_id, verdict=verdict, user_id=make_agent().user_id, now=LATER)
    label = other.ticket.settlements.get().public_id
    assert Client().get(f"/complaints/{other.ticket.token}/exchange/{label}").status_code == 404
