"""After the sale in other countries; and another size instead, from the order to a paid difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from marketplace.accounts.place import Place
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import Payment
from returns import operations
from returns.models import Claim, Exchange, OwedRefund, WithdrawalLine
from returns.queries.exchanges import promise_of
from tests.journeys.looking import Found, look
from tests.journeys.markets import MARKETS, arrived, live_in, seller_everywhere, sold_everywhere
from tests.returns import factories
from tests.returns.factories import DE, make_merchant, make_variant
from tests.returns.operations.test_exchanging import other_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
OPTIONS = [
    pytest.param({"viewport": {"width": 1280, "height": 900}}, id="desktop"),
    pytest.param(
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "java_script_enabled": False},
        id="phone, dark, without JavaScript",
    ),
]


@pytest.mark.parametrize("options", OPTIONS)
def test_a_guest_exchanges_a_piece_for_a_dearer_one(
    visit: Callable[..., Page],
    axe: Any,
    options: dict[str, Any],
):
    page = visit("/contact", language="en", **options)
    shirt = make_variant(make_merchant())
    other_of(shirt, price=1500)
    group = arrived([(shirt, 2)], place=DE)
    found: list[Found] = []

    def see(name: str) -> None:
        if options.get("java_script_enabled", True):
            found.extend(look(page, axe, name))

    page.goto(f"/orders/{group.token}")
    page.get_by_role("link", name="Exchange it").click()
    see("start")
    page.get_by_role("main").locator("a[href*='/exchanges/order/']").click()
    see("choose")
    page.get_by_label("Size: L").check()
    page.get_by_label("How many do you exchange?").select_option("1")
    page.get_by_role("button", name="See what it costs").click()
    see("review")
    page.get_by_role("button", name="Exchange and pay").click()
    page.wait_for_url("**/exchanges/*")
    see("to_pay")
    page.get_by_role("link", name="Pay the difference").click()
    see("pay")
    page.get_by_label("Which test card").select_option("card_challenge")
    page.get_by_role("button", name="Pay €").click()
    page.wait_for_url("**/challenge/**")
    page.locator("button[name=result][value=confirm]").click()
    page.wait_for_url("**/exchanges/*")
    outbox.relay()
    page.reload()
    see("waiting")

    assert page.get_by_text("We hold the new one. Send the other one back.").is_visible()
    exchange = Exchange.objects.get()
    paid = Payment.objects.get(purpose="supplement")
    assert (exchange.state, paid.captured_minor) == ("waiting", exchange.difference_minor)
    assert promise_of(exchange.merchant_id).ship_on == exchange.ship_on
    assert found == []


def set_up_abroad(
    market: str, monkeypatch: pytest.MonkeyPatch, *, promised: int | None = None
) -> tuple[Any, Place]:
    """Return a thing that is sold everywhere, and a place far from its seller."""
    place = live_in(market, monkeypatch)
    return sold_everywhere(seller_everywhere(promised=promised)), place


def arrived_abroad(market: str, monkeypatch: pytest.MonkeyPatch, *, promised: int | None = None) -> Any:
    thing, place = set_up_abroad(market, monkeypatch, promised=promised)
    return arrived([(thing, 1)], place=place)


@pytest.mark.parametrize(
    ("market", "promised", "expected", "told"),
    [
        pytest.param("US", None, ("ineffective", "no_right"), "The law gives no right here", id="US by law"),
        pytest.param("US-CA", 30, ("effective", "promise"), "", id="US by promise"),
        pytest.param("CN", None, ("effective", "in_time"), "", id="CN"),
        pytest.param("JP", None, ("effective", "in_time"), "", id="JP"),
        pytest.param("BR-BA", None, ("effective", "in_time"), "", id="BR"),
    ],
)
def test_a_guest_abroad_declares_and_is_told_the_truth(
    visit: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
    market: str,
    promised: int | None,
    expected: tuple[str, str],
    told: str,
):
    page = visit("/contact", market=market, language="en")
    group = arrived_abroad(market, monkeypatch, promised=promised)
    page.goto(f"/withdraw/order/{group.token}")
    assert told in page.get_by_role("main").inner_text()
    page.get_by_role("button", name="Choose everything").click()
    page.locator("main form button").first.click()
    page.wait_for_url("**/withdrawals/**")

    assert list(WithdrawalLine.objects.values_list("state", "ground")) == [expected]
    assert told in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("market", ["GB", "US-CA", "CN", "JP", "BR-BA"])
def test_a_guest_abroad_claims_what_is_faulty(
    visit: Callable[..., Page],
    axe: Any,
    monkeypatch: pytest.MonkeyPatch,
    market: str,
):
    page = visit("/contact", market=market, language="en")
    group = arrived_abroad(market, monkeypatch)
    page.goto(f"/orders/{group.token}")
    page.get_by_role("link", name="Something wrong?").click()
    page.locator("main ul a").first.click()
    page.get_by_label("It is faulty or broke").check()
    page.get_by_label("Say it in your words").fill("It fell apart.")
    page.locator("input[name=wanted]").first.check()
    page.get_by_role("button", name="Send the claim").click()
    page.get_by_text("the seller answers", exact=True).wait_for()
    claim = Claim.objects.get()
    found = look(page, axe, f"claim-{market}")

    operations.decide_claim(
        claim_id=_lapsed(claim).pk, remedy="termination", decision="The seller did not answer.", by="platform",
        keep=True, now=clock.now(),
    )  # fmt: skip
    page.reload()
    page.get_by_text("What you get back").wait_for()
    owed = OwedRefund.objects.get()
    assert (owed.amount_minor, owed.currency) == (group.total_minor, MARKETS[market][0])
    assert found == []


def _lapsed(claim: Claim) -> Claim:
    """A claim that the seller let lie: the platform has it."""
    after = claim.due_on + timedelta(days=1)
    operations.lapse_claims(today=after, now=clock.now())
    return Claim.objects.get(pk=claim.pk)


@pytest.mark.parametrize("market", ["GB", "US-CA", "CN", "JP", "BR-BA"])
def test_a_parcel_lost_on_the_way_abroad_brings_all_money_back(
    visit: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
    market: str,
):
    page = visit("/contact", market=market, language="en", java_script_enabled=False)
    thing, place = set_up_abroad(market, monkeypatch)
    ago = clock.now() - timedelta(days=4)
    group = factories.buy([(thing, 1)], place=place, now=ago)
    parcel = factories.send(group.orders.get(), now=ago + timedelta(hours=4))
    orders.mark_lost(parcel_id=parcel.pk, recorded_by="test", now=clock.now())
    page.goto(f"/orders/{group.token}")
    page.get_by_role("link", name="Something wrong?").click()
    page.get_by_role("link", name="It has not come").click()
    page.get_by_role("button", name="End it and get my money back").click()
    page.get_by_text("The order has ended. Your money comes back.").wait_for()

    owed = OwedRefund.objects.get()
    assert (owed.amount_minor, owed.currency) == (group.total_minor, MARKETS[market][0])
