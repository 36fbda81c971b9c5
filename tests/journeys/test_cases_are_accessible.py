"""Cases after the sale as shopper, seller, officer and agent see them: axe finds nothing, in light and dark, wide and narrow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from complaints.models import Agent
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import User
from marketplace.kernel import clock
from returns import operations as returns
from returns.models import OwedRefund
from tests.complaints.factories import make_agent, make_order_ticket
from tests.journeys.looking import look, photograph
from tests.returns import factories
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_declaring import declare
from tests.returns.operations.test_exchanging import other_of
from tests.returns.operations.test_seals import JPEG

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")
DAY = timedelta(days=1)
DEAR = settings.COMPLAINTS_FOUR_EYES_MINOR["EUR"] + 5000


def bought(merchant: Any, *, price: int = 2400, pieces: int = 2, days: int = 3, sent: bool = True) -> Any:
    """A checkout of somebody in Germany, so many days ago."""
    now, variant = clock.now(), factories.make_variant(merchant, price=price)
    other_of(variant, price=price + 300)
    if not sent:
        return factories.buy([(variant, pieces)], now=now - days * DAY)
    return factories.delivered([(variant, pieces)], bought=now - (days + 3) * DAY, at=now - days * DAY)


def as_user(page: Any, user: User) -> Any:
    """Let a browser be signed in as somebody."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    base = page.url.split("/", 3)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": "/".join(base[:3])}]
    )
    return page


def seen(page: Any, axe: Any, path: str, name: str) -> list[Any]:
    """Return what axe finds on a page of the shop or the desk."""
    page.goto(path)
    return look(page, axe, name, widths=WIDTHS, schemes=SCHEMES)


def seen_in_admin(page: Any, axe: Any, path: str, name: str) -> list[Any]:
    """Return what axe finds on a page of the admin; the theme's own frame is left to its makers."""
    found = []
    page.goto(path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            photograph(page, f"{name}-{width}-{scheme}")
            report = axe.run(page, context={"include": [["#content"]]}).response
            found += [(name, one["id"], one["nodes"][0]["html"][:140]) for one in report["violations"]]
    return found


@pytest.fixture
def case(visit: Any) -> dict[str, Any]:
    """A seller with a disputed claim, a late and a whole withdrawal, a loss of value, a refund that is late."""
    now, merchant = clock.now(), factories.make_merchant()
    claim = claim_on(bought(merchant, price=DEAR, pieces=1), now=now, key="claim")
    returns.add_claim_file(claim_id=claim.pk, file=("broken.jpg", JPEG), now=now)
    returns.refuse_claim(claim_id=claim.pk, why="It was cut with scissors.", by="seller", now=now)
    returns.dispute_claim(claim_id=claim.pk, why="It came like that.", now=now)
    late = declare(bought(merchant, days=40), now=now, key="late")
    row = late.lines.get()
    returns.dispute_judgement(
        withdrawal_id=late.pk, line=row.line.public_id, why="It came on another day.", now=now
    )
    unsent = declare(bought(merchant, sent=False, days=1), now=now, key="unsent")
    whole = bought(merchant)
    declared = declare(whole, now=now, key="whole")
    owed = OwedRefund.objects.get(subject=declared.public_id)
    OwedRefund.objects.filter(pk=owed.pk).update(state="due", due_on=now.date() - 2 * DAY)
    back = declare(bought(merchant), now=now, key="back")
    ret = back.group.orders.get().returns.get()
    line = back.lines.get().line.public_id
    returns.receive_return(
        return_id=ret.pk, counted={line: returns.Counted(good=2)}, complete=True, by="m", now=now
    )
    loss = returns.claim_loss(
        return_id=ret.pk, line=line, amount_minor=500, why="Stains on the sleeve.", evidence=("a.jpg", JPEG), by="m",
        now=now,
    )  # fmt: skip
    returns.answer_loss(loss_id=loss.pk, agree=False, reply="I only tried it on.", now=now)
    return {
        "merchant": merchant, "claim": claim, "late": late, "unsent": unsent, "whole": whole, "ret": ret,
        "ticket": make_order_ticket(claim.order, now=now),
    }  # fmt: skip


def test_the_shopper_s_order_says_that_nothing_is_left(visit: Any, axe: Any, case: Any):
    page = visit("/", language="en")
    open_order = bought(case["merchant"])
    found = seen(page, axe, f"/orders/{case['whole'].token}", "order-nothing-left")
    assert page.get_by_role("link", name="Exchange it").count() == 0
    assert page.get_by_text("The contract has ended for everything here").count() == 1
    found += seen(page, axe, reverse("withdraw-order", args=[case["whole"].token]), "withdraw-nothing-left")
    page.goto(f"/orders/{open_order.token}")
    assert page.get_by_role("link", name="Exchange it").count() == 1
    assert found == []


def test_the_seller_s_and_the_officer_s_pages(visit: Any, axe: Any, case: Any):
    staff = User.objects.create_user("staff@example.com", PASSWORD)
    accounts.add_member(merchant=case["merchant"], user=staff, role="owner")
    page = as_user(visit("/", language="en"), staff)
    unsent, order = case["unsent"].public_id, case["unsent"].lines.get().line.order.public_id
    found = seen_in_admin(page, axe, "/admin/returns/refunds", "merchant-refunds")
    found += seen_in_admin(page, axe, "/admin/returns/withdrawals", "merchant-withdrawals")
    found += seen_in_admin(page, axe, f"/admin/returns/withdrawals/{unsent}", "merchant-withdrawal")
    letter = f"/admin/returns/withdrawals/{unsent}/{order}/letters/withdrawal-kept-money"
    found += seen_in_admin(page, axe, letter, "merchant-withdrawal-letter")
    found += seen_in_admin(page, axe, "/admin/", "merchant-today")
    officer = User.objects.create_user("officer@rightful.example", PASSWORD)
    accounts.give_role(user=officer, kind="officer")
    page = as_user(visit("/", language="en"), officer)
    late = f"/admin/returns/late/withdrawals/{case['late'].public_id}"
    assert found + seen_in_admin(page, axe, late, "officer-withdrawal") == []


def test_an_agent_goes_from_the_ticket_to_the_case_decides_and_a_colleague_agrees(
    visit: Any, axe: Any, case: Any
):
    ines, lin = make_agent(), make_agent()
    page, claim = as_user(visit("/", language="en"), ines.user), case["claim"]
    page.goto(f"/desk/{case['ticket'].public_id}")
    page.get_by_role("link", name=claim.public_id).click()
    page.get_by_label("What the buyer gets").select_option("termination")
    page.get_by_label("Reasons, for both sides").fill("Nothing shows that the buyer cut it.")
    found = look(page, axe, "case-claim", widths=WIDTHS, schemes=SCHEMES)
    page.get_by_role("button", name="Grant").click()
    page.get_by_text("A colleague has to agree to this sum").wait_for()
    found += look(page, axe, "case-waits", widths=WIDTHS, schemes=SCHEMES)
    for number, name in ((case["late"].public_id, "case-late"), (case["ret"].public_id, "case-return")):
        found += seen(page, axe, f"/desk/cases/{number}", name)
    found += seen(page, axe, f"/desk/cases/{case['unsent'].public_id}", "case-unsent")
    page.get_by_role("link", name="When the money comes, without a parcel").click()
    found += look(page, axe, "case-letter", widths=WIDTHS, schemes=SCHEMES)
    colleague: Agent = lin
    page = as_user(visit("/", language="en"), colleague.user)
    found += seen(page, axe, "/desk/cases", "cases")
    page.get_by_role("link", name=claim.public_id).first.click()
    page.get_by_role("button", name="Agree").click()
    page.get_by_text("Agreed. It is told now.").wait_for()
    claim.refresh_from_db()
    assert (claim.state, found) == ("remedying", [])
