"""A merchant's clerk with a scanner and no mouse: a parcel is scanned, counted, inspected, decided, and the next one comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page

from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import clock
from returns import operations
from returns.models import Return, ReturnParcel, ReturnUnit
from tests.journeys.looking import Found, look
from tests.journeys.markets import arrived
from tests.returns.factories import make_merchant, make_variant
from tests.returns.operations.test_declaring import declare

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
BOTH = (1360, 390)
PASSWORD = "correct horse battery"
FOCUSED = """() => {
    const one = document.activeElement, at = one.getBoundingClientRect(), style = getComputedStyle(one)
    return {
        what: (one.matches('button, a') ? one.textContent.trim() : one.name) || one.tagName,
        ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none',
        seen: at.width > 0 && at.top >= 0 && at.bottom <= innerHeight,
    }
}"""


class Hands:
    """Ten fingers on a keyboard; every stop on the way has to show that it has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dim: list[str] = []

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def scan(self, number: str) -> None:
        """A scanner types a number and ends with Enter."""
        self.page.keyboard.type(number)
        self.page.keyboard.press("Enter")

    def stands_on(self, start: str) -> None:
        """Wait until the focus stands on a field whose name begins so; the page puts it there by itself."""
        self.page.wait_for_function(
            "start => (document.activeElement.name || '').startsWith(start)", arg=start
        )

    def focused(self) -> str:
        return str(self.page.evaluate(FOCUSED)["what"])

    def tab(self, times: int = 1) -> str:
        for _ in range(times):
            self.page.keyboard.press("Tab")
            told = self.page.evaluate(FOCUSED)
            if not (told["ringed"] and told["seen"]):
                self.dim.append(str(told["what"]))
        return self.focused()

    def tab_to(self, what: str) -> None:
        for _ in range(60):
            if self.tab() == what:
                return
        raise AssertionError(f"No way with Tab to {what!r}.")


def clerk(visit: Callable[..., Page], merchant: Any, **options: Any) -> Page:
    user = User.objects.create_user("clerk@example.com", PASSWORD, name="Clerk", is_staff=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    accounts.add_member(merchant=merchant, user=user, role="owner")
    page = visit("/auth/login/?next=/admin/returns/inbox", language="en", **options)
    page.locator("input[name=login]").focus()
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.locator("input[name=password]").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Scan or type a number").wait_for()
    return page


def on_its_way(merchant: Any, pieces: int, key: str) -> tuple[Return, str]:
    """A return with our label on it, and the number on the label."""
    declare(arrived([(make_variant(merchant), pieces)]), key=key, now=clock.now())
    ret = Return.objects.latest("pk")
    parcel = operations.issue_label(return_id=ret.pk, method="drop_off", now=clock.now())
    return ret, parcel.tracking_number


def test_a_clerk_works_through_the_parcels_of_the_morning(
    visit: Callable[..., Page],
    axe: Any,
):
    merchant = make_merchant()
    first, number = on_its_way(merchant, 3, "k1")
    second, other = on_its_way(merchant, 1, "k2")
    ReturnParcel.objects.filter(tracking_number=other).update(state="delivered")
    page = clerk(visit, merchant, viewport={"width": 1360, "height": 900})
    hands, found = Hands(page), list[Found]()

    hands.stands_on("q")
    hands.press("Escape", "?")
    page.get_by_role("heading", name="Keys").wait_for()
    found += look(page, axe, "inbox-keys")
    hands.press("Escape", "j", "/")
    hands.scan(number.lower())
    page.wait_for_url(f"**/inbox/{first.public_id}")

    hands.stands_on("good.")
    found += look(page, axe, "count", widths=BOTH)
    hands.page.keyboard.type("2")
    hands.tab()
    page.keyboard.type("1")
    hands.press("Enter")
    page.get_by_text("Counted.").wait_for()

    units = list(ReturnUnit.objects.filter(return_line__ret=first).order_by("pk"))
    assert [unit.reception for unit in units] == ["received", "received", "wrong_item"]
    hands.stands_on(f"grade.{units[0].public_id}")
    found += look(page, axe, "inspect", widths=BOTH)
    dark = visit("/", language="en", color_scheme="dark")
    dark.context.add_cookies(page.context.cookies())
    dark.goto(page.url)
    found += look(dark, axe, "inspect-dark")
    hands.press("a")
    assert hands.tab(2) == f"resell.{units[0].public_id}"
    hands.press("Space")
    assert hands.tab(2) == f"grade.{units[1].public_id}"
    hands.press("c")
    hands.tab(3)
    page.keyboard.type("a stain")
    hands.press("Control+Enter")
    page.get_by_text("Recorded. What can be sold again is on the shelf.").wait_for()

    found += look(page, axe, "decide", widths=BOTH)
    hands.tab_to("Send it back to the shopper")
    hands.press("Enter")
    page.get_by_text("Recorded.", exact=True).wait_for()
    hands.press("Escape", "p")
    page.get_by_text("The money is on its way.").wait_for()
    hands.stands_on("q")
    hands.press("Escape", "n")
    page.wait_for_url(f"**/inbox/{second.public_id}")
    hands.stands_on("good.")
    page.keyboard.type("1")
    hands.press("Enter")
    page.get_by_text("Counted.").wait_for()
    hands.stands_on("grade.")
    hands.press("a", "Tab", "Tab", "Space", "Control+Enter")
    page.get_by_text("Recorded. What can be sold again is on the shelf.").wait_for()
    hands.press("Escape", "n")
    page.get_by_text("Nothing waits. Scan the next parcel.").wait_for()
    hands.stands_on("q")

    judged = ReturnUnit.objects.order_by("pk").values_list("reception", "acceptance", "grade", "resellable")
    assert list(judged) == [
        ("received", "accepted", "A", True),
        ("received", "accepted", "C", False),
        ("sent_back", "pending", "", False),
        ("received", "accepted", "A", True),
    ]
    assert (hands.dim, found) == ([], [])
