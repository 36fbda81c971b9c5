"""Faulty, repaired, faulty again, ended: what each country's law opens, and where it lists nothing, what is offered all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import Refund
from returns import operations
from returns.models import OwedRefund
from tests.journeys.looking import look, photograph
from tests.journeys.markets import MARKETS, PHONE, WIDE, arrived, live_in, seller_everywhere, sold_everywhere
from tests.journeys.test_something_is_wrong import ask_for_repair, come_back, send_repaired

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
NOTHING_LISTED = (
    "The law here lists no remedies for certain. The seller answers, and if that does not help, we decide."
)
# market, what the law opens at first, what it opens after a repair that did not help, what is asked for then, options
CELLS = [
    pytest.param("GB", ["reject", "repair", "replacement"], ["reject", "price_reduction", "final_rejection"], "final_rejection", WIDE, id="GB"),
    pytest.param("US-CA", [], [], "termination", PHONE, id="US-CA"),
    pytest.param("CN", ["reject", "replacement", "repair"], ["reject", "replacement", "repair"], "reject", WIDE, id="CN"),
    pytest.param("JP", ["repair", "replacement"], ["price_reduction", "termination"], "termination", PHONE, id="JP"),
    pytest.param("BR-BA", ["repair"], ["replacement", "refund", "price_reduction"], "refund", {**WIDE, "color_scheme": "dark"}, id="BR"),
]  # fmt: skip
OFFERED = ["repair", "replacement", "price_reduction", "termination"]


@pytest.mark.parametrize(("market", "opened", "then", "wanted", "options"), CELLS)
def test_faulty_repaired_faulty_again_and_ended(
    visit: Callable[..., Page],
    axe: Any,
    monkeypatch: pytest.MonkeyPatch,
    market: str,
    opened: list[str],
    then: list[str],
    wanted: str,
    options: dict[str, Any],
):
    page = visit("/contact", market=market, language="en", **options)
    place = live_in(market, monkeypatch)
    group = arrived([(sold_everywhere(seller_everywhere()), 1)], place=place)
    page.goto(f"/orders/{group.token}")
    page.get_by_role("link", name="Something wrong?").click()
    page.locator("main ul a").first.click()
    photograph(page, f"fault-{market}-1-form")
    assert page.get_by_text(NOTHING_LISTED).count() == (0 if opened else 1)
    assert choices(page)[: len(opened or OFFERED)] == (opened or OFFERED)
    claim = ask_for_repair(page, "It fell apart.")

    operations.accept_claim(claim_id=claim.pk, by="seller", now=clock.now())
    come_back(claim)
    send_repaired(claim, "Sewn anew.")
    page.reload()
    found = look(page, axe, f"fault-{market}-2-repaired")
    page.get_by_text("It did not help, or takes too long").click()
    assert choices(page) == (then or OFFERED)
    page.locator(f"input[name=wanted][value={wanted}]").check()
    page.get_by_role("button", name="Ask for this").click()
    page.get_by_text("the seller answers", exact=True).wait_for()

    operations.accept_claim(claim_id=claim.pk, by="seller", now=clock.now())
    come_back(claim)
    send_money()
    page.reload()
    found += look(page, axe, f"fault-{market}-3-ended")
    owed = OwedRefund.objects.get()
    assert (owed.state, owed.amount_minor, owed.currency) == ("paid", group.total_minor, MARKETS[market][0])
    assert page.get_by_text("The contract has ended for it").is_visible()
    assert found == []


def send_money() -> None:
    """What is asked for leaves for the shopper's bank."""
    outbox.relay()
    for pk in list(Refund.objects.exclude(state="done").values_list("pk", flat=True)):
        orders.send_refund(refund_id=pk, now=clock.now())
    outbox.relay()


def choices(page: Page) -> list[str]:
    """Return what may be asked for, in its order."""
    return [one.get_attribute("value") or "" for one in page.locator("input[name=wanted]").all()]
