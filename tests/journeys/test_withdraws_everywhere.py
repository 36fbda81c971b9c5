"""Changing one's mind in six countries, as a guest and by an account: a part, everything, too late."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from playwright.sync_api import Page

from returns.models import OwedRefund, Withdrawal, WithdrawalLine
from tests.journeys.looking import photograph
from tests.journeys.markets import MARKETS, PHONE, WIDE, arrived, live_in, seller_everywhere, sold_everywhere
from tests.journeys.test_withdraws import sign_in_with

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
# Where the law gives a right it is used; where it gives none, the seller's promise of so many days.
CELLS = [
    pytest.param(market, who, promised, ground, id=f"{market} {who}")
    for market, promised, ground in (
        ("DE", None, "in_time"),
        ("GB", None, "in_time"),
        ("US-CA", 30, "promise"),
        ("CN", None, "in_time"),
        ("JP", None, "in_time"),
        ("BR-BA", None, "in_time"),
    )
    for who in ("guest", "account")
]


@pytest.mark.parametrize(("market", "who", "promised", "ground"), CELLS)
def test_a_part_everything_and_too_late(
    visit: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
    market: str,
    who: str,
    promised: int | None,
    ground: str,
):
    screen = PHONE if who == "guest" else WIDE
    page = visit("/withdraw", market=market, language="en", java_script_enabled=False, **screen)
    place, seller = live_in(market, monkeypatch), seller_everywhere(promised=promised)
    wants = ((3, 2), (2, 2), (1, 40))
    part, whole, late = (
        arrived([(sold_everywhere(seller), pieces)], days=days, place=place) for pieces, days in wants
    )
    if who == "account":
        sign_in_with(page, part, whole, late)
    for group, pieces in ((part, "2"), (whole, ""), (late, "")):
        find(page, group, who)
        declare(page, pieces)
        photograph(page, f"withdrawn-{market}-{who}-{'part' if pieces else len(list(judged()))}")

    assert page.get_by_text("It came after the last day.").is_visible()
    assert list(judged()) == [
        (2, 2, "effective", ground),
        (2, 2, "effective", ground),
        (1, 0, "ineffective", "late"),
    ]
    owed = OwedRefund.objects.order_by("pk")
    subjects = Withdrawal.objects.order_by("pk").values_list("public_id", flat=True)[:2]
    assert [(one.subject, one.currency) for one in owed] == [(one, MARKETS[market][0]) for one in subjects]
    assert 0 < owed[0].amount_minor < part.total_minor
    assert owed[1].amount_minor <= whole.total_minor


def find(page: Page, group: Any, who: str) -> None:
    """Name the order by its number and address, or pick it from the account's."""
    number = group.orders.get().public_id
    page.goto("/withdraw")
    if who == "account":
        page.get_by_role("link", name=number).click()
    else:
        page.get_by_label("Order number").fill(number)
        page.get_by_label("E-mail address you ordered with").fill(group.email)
        page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/withdraw/order/**")


def declare(page: Page, pieces: str = "") -> None:
    """Declare so many pieces of the one thing, or everything, in two steps."""
    if pieces:
        page.locator("main select").select_option(pieces)
        page.get_by_role("button", name="Go on").click()
    else:
        page.get_by_role("button", name="Choose everything").click()
    page.locator("main form button.button--primary").first.click()
    page.wait_for_url("**/withdrawals/**")


def judged() -> Iterable[tuple[int, int, str, str]]:
    """Return (declared, binding, state, ground) of what was declared, oldest first."""
    return WithdrawalLine.objects.order_by("pk").values_list("quantity", "binding", "state", "ground")
