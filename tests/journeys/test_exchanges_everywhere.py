"""Another size instead, in five countries beside Germany: the seller's promise, the piece held, the difference in the shopper's money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from catalog.models import Stock
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import Payment
from orders.queries.books import trial_balance
from returns import operations
from returns.models import Exchange, OwedRefund
from tests.journeys.looking import look
from tests.journeys.markets import MARKETS, PHONE, WIDE, arrived, live_in, seller_everywhere, sold_everywhere
from tests.journeys.test_faults_everywhere import send_money
from tests.returns.operations.test_exchanging import come_back, other_of, send_back, ship

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SCAN = "The new one is sent as soon as the carrier has scanned your parcel."
RECEIPT = "The new one is sent as soon as the old one is back and looked at."
# market, the price of the other size (the first costs 12.00), when the seller sends it, how the currency is written
CELLS = [
    pytest.param("GB", 1500, "receipt", "£", WIDE, id="GB, dearer"),
    pytest.param("US-CA", 900, "scan", "$", PHONE, id="US-CA, cheaper, sent at the first scan"),
    pytest.param("CN", 1500, "scan", "CN¥", PHONE, id="CN, dearer, sent at the first scan"),
    pytest.param("JP", 900, "receipt", "¥", {**WIDE, "color_scheme": "dark"}, id="JP, cheaper"),
    pytest.param("BR-BA", 1500, "receipt", "R$", WIDE, id="BR, dearer"),
]


@pytest.mark.parametrize(("market", "price", "ship_on", "sign", "options"), CELLS)
def test_a_guest_abroad_exchanges_a_size(
    visit: Callable[..., Page],
    axe: Any,
    monkeypatch: pytest.MonkeyPatch,
    market: str,
    price: int,
    ship_on: str,
    sign: str,
    options: dict[str, Any],
):
    page = visit("/contact", market=market, language="en", **options)
    place, seller = live_in(market, monkeypatch), seller_everywhere()
    operations.set_policy(
        merchant_id=seller.pk, is_offered=True, days=10, ship_on=ship_on, now=clock.now() - timedelta(days=30)
    )
    shirt = sold_everywhere(seller)
    other = other_of(shirt, price=price)
    group = arrived([(shirt, 2)], place=place)
    page.goto(f"/orders/{group.token}")
    page.get_by_role("link", name="Exchange it").click()
    page.get_by_role("main").locator("a[href*='/exchanges/order/']").click()
    assert page.get_by_text(SCAN if ship_on == "scan" else RECEIPT).is_visible()
    page.get_by_label("Size: L").check()
    page.get_by_label("How many do you exchange?").select_option("1")
    page.get_by_role("button", name="See what it costs").click()
    assert sign in page.get_by_role("main").inner_text()
    found = look(page, axe, f"exchange-{market}-1-review")
    page.locator("main form button.button--primary").first.click()
    page.wait_for_url("**/exchanges/*")
    exchange = Exchange.objects.get()
    assert (exchange.currency, Stock.objects.get(variant=other).reserved) == (MARKETS[market][0], 1)
    if price > 1200:
        pay(page, sign)
    found += look(page, axe, f"exchange-{market}-2-held")
    assert page.get_by_text("We hold the new one. Send the other one back.").is_visible()

    now = clock.now()
    if ship_on == "scan":
        send_back(exchange, now=now)
        ship(exchange, now=now)
        come_back(exchange, now=now)
    else:
        come_back(exchange, now=now)
        ship(exchange, now=now)
    operations.pay_due(today=clock.today() + timedelta(days=30), now=now)
    send_money()
    page.reload()
    found += look(page, axe, f"exchange-{market}-3-sent")
    assert page.get_by_text("The new one is on its way to you.").is_visible()
    exchange.refresh_from_db()
    more = sum(Payment.objects.filter(purpose="supplement").values_list("captured_minor", flat=True))
    back = sum(OwedRefund.objects.filter(state="paid").values_list("amount_minor", flat=True))
    assert (exchange.state, more - back) == ("shipped", exchange.difference_minor)
    assert (more > 0, back > 0) == (price > 1200, price < 1200)
    assert {one.currency for one in Payment.objects.all()} == {MARKETS[market][0]}
    assert (trial_balance().is_zero, orders.check_books(now=now + timedelta(days=1)).differences) == (
        True,
        (),
    )
    assert found == []


def pay(page: Page, sign: str) -> None:
    """Pay the difference by card, in the money the order was paid in."""
    page.get_by_role("link", name="Pay the difference").click()
    page.get_by_label("Which test card").select_option("card_ok")
    page.get_by_role("button", name=f"Pay {sign}").click()
    page.wait_for_url("**/exchanges/*")
    outbox.relay()
    page.reload()
