"""The desk at work: ten complaints with the keyboard alone, a queue saved from breaching, a seller that does not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from complaints import operations
from complaints.models import Agent, Escalation, Message, Notice, Ticket
from complaints.operations.macros import load_macros
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Merchant, MerchantMember, User
from marketplace.kernel import clock, outbox
from orders.models import Refund
from tests.complaints.factories import make_order_ticket, make_ticket
from tests.journeys.looking import look

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
WIDE = {"viewport": {"width": 1360, "height": 900}}
EVERYWHERE: dict[str, Any] = {"widths": (1600, 1280, 390), "schemes": ("light", "dark")}


def agent(name: str, **fields: Any) -> Agent:
    user = User.objects.create_user(f"{name.lower()}@rightful.example", PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    accounts.give_role(user=user, kind="agent")
    return Agent.objects.create(user=user, **{"languages": ["en"], **fields})


def sign_in(open_page: Any, email: str) -> Any:
    """Sign in with the keyboard and return the desk."""
    page = open_page("/auth/login/?next=/desk/", **WIDE)
    page.locator("input[name=login]").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.locator("input[name=password]").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Next").wait_for()
    return page


def test_an_agent_works_ten_complaints_with_the_keyboard_alone(open_page: Any, axe: Any):
    load_macros()
    for n in range(10):
        make_ticket(now=clock.now() - timedelta(minutes=20 - n), subject=f"Lamp {n}")
    ines = agent("Ines")
    page = sign_in(open_page, ines.user.email)
    presses: list[int] = []
    page.keyboard.press("g")
    page.keyboard.press("n")
    for n in range(10):
        page.wait_for_url("**/desk/C-*")
        page.locator("[data-ticket]").wait_for()
        number = page.url.rsplit("/", 1)[1]
        page.keyboard.press("r")
        page.keyboard.type(f"Dear Ada, we look into it. ({n})")
        page.keyboard.press("Control+Shift+Enter")  # sends it and opens the next
        page.wait_for_url(lambda url, number=number: number not in url)
        presses.append(Message.objects.filter(kind="agent").count())
    page.wait_for_url("**/desk/")
    found = look(page, axe, "worked")
    told = Message.objects.filter(kind="agent").values("ticket").distinct().count()
    assert (presses, told, ines.tickets.count(), found) == (list(range(1, 11)), 10, 10, [])


def test_a_sum_is_given_and_a_complaint_changed_with_the_keyboard_alone(open_page: Any, axe: Any):
    ticket = make_order_ticket(now=clock.now())
    page = sign_in(open_page, agent("Ines").user.email)
    page.goto(f"/desk/{ticket.public_id}")
    page.locator("[data-ticket]").wait_for()
    page.keyboard.press("y")
    reached = [page.evaluate("document.activeElement.id")]
    for text in ("", "7", "We are sorry."):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    page.keyboard.press("Enter")
    page.get_by_text("Given and told.").wait_for()
    found = look(page, axe, "given")
    page.keyboard.press("c")
    reached.append(page.evaluate("document.activeElement.id"))
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("give a sum or a label").wait_for()
    assert (reached, Refund.objects.get(order__public_id=ticket.order).amount_minor, found) == (
        ["g-kind", "g-amount", "g-words", "", "c-subject"],
        700,
        [],
    )


def test_a_supervisor_saves_a_queue_from_breaching(open_page: Any, axe: Any):
    now = clock.now()
    for n in range(6):
        make_ticket(now=now - timedelta(minutes=30), subject=f"Kettle {n}", body="There was smoke.")
    sam, lin = agent("Sam", is_supervisor=True), agent("Lin")
    page = sign_in(open_page, sam.user.email)
    page.goto("/desk/floor")
    ahead = page.get_by_role("row", name="within 1 h").inner_text().split()[-1]
    found = look(page, axe, "floor", **EVERYWHERE)
    for address, name in (
        ("/desk/people", "people"),
        (f"/desk/people/{lin.pk}", "person"),
        ("/desk/reports", "reports"),
    ):
        page.goto(address)
        found += look(page, axe, name, **EVERYWHERE)
    page.goto("/desk/?queue=danger")
    for box in page.locator("input[name=tickets]").all():
        box.check()
    page.get_by_label("With the chosen ones").select_option("hand-on")
    page.get_by_label("To whom").select_option(label="Lin")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("This would touch 6 complaints.").wait_for()
    found += look(page, axe, "bulk")
    page.get_by_role("button", name="Hand them on").click()
    page.get_by_text("This is what became of each.").wait_for()
    assert (ahead, lin.tickets.count(), Notice.objects.filter(agent=lin, kind="given").count()) == ("6", 6, 6)

    desk = sign_in(open_page, lin.user.email)
    desk.goto("/desk/notices")
    desk.get_by_text("given to you").first.wait_for()
    found += look(desk, axe, "notices")
    for row in lin.tickets.all():
        desk.goto(f"/desk/{row.public_id}")
        desk.get_by_label("Reply", exact=True).fill("Please unplug it and do not use it again.")
        desk.get_by_role("button", name="Send", exact=True).click()
        desk.get_by_text("Sent.").wait_for()
    operations.sweep_clocks(now=now + timedelta(minutes=40))
    late = Escalation.objects.filter(clock__kind="first_response").count()
    page.goto("/desk/floor")
    assert (late, Ticket.objects.filter(is_breached=True).count(), found) == (0, 0, [])


def test_a_seller_does_not_answer_and_the_ladder_acts(open_page: Any, axe: Any):
    now = clock.now()
    merchant = Merchant.objects.order_by("pk").first()
    user = User.objects.create_user("seller@shops.example", PASSWORD, name="Seller", is_staff=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    MerchantMember.objects.create(merchant=merchant, user=user, role="owner")
    asked = now - timedelta(days=9)
    ticket = make_ticket(now=asked, merchant=merchant.public_id, subject="Tote torn")
    operations.say(ticket=ticket.public_id, kind="agent", body="Is it in stock?", now=asked, to_merchant=True)
    operations.wait(ticket=ticket.public_id, whom="merchant", actor="agent", now=asked, reason="asked")
    seller = open_page("/admin/login/?next=/admin/complaints", **WIDE)
    seller.locator("input[name=username], input[name=login]").first.fill(user.email)
    seller.locator("input[name=password]").fill(PASSWORD)
    seller.keyboard.press("Enter")
    seller.get_by_text(ticket.public_id).first.wait_for()

    operations.sweep_clocks()
    outbox.relay()
    ines = agent("Ines")
    page = sign_in(open_page, ines.user.email)
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url(f"**/desk/{ticket.public_id}")
    found = look(page, axe, "unanswered")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.priority < 3, ticket.clocks.get(kind="merchant_answer").state) == (
        "open",
        True,
        "breached",
    )
    steps = Escalation.objects.filter(clock__kind="merchant_answer").values_list("result__do", flat=True)
    assert (list(steps), found) == (["take_back"], [])


def test_people_suggest_vote_and_are_answered(open_page: Any, axe: Any):
    sam = agent("Sam", is_supervisor=True)
    load_macros()
    page = sign_in(open_page, sam.user.email)
    page.goto("/suggestions/new")
    found = look(page, axe, "suggest")
    page.get_by_label("What should be different?").fill("Deliveries after six")
    page.get_by_role("button", name="Send it").click()
    page.goto("/desk/suggestions")
    found += look(page, axe, "desk-suggestions")
    page.get_by_role("link", name="Deliveries after six").click()
    found += look(page, axe, "desk-suggestion")
    page.get_by_role("button", name="Show it to everybody").click()
    page.goto("/suggestions")
    found += look(page, axe, "suggestions")
    page.goto("/desk/suggestions?state=shown")
    page.get_by_role("link", name="Deliveries after six").click()
    page.get_by_label("Our answer, for everybody to read").fill("Until nine from January.")
    page.get_by_role("button", name="We did it").click()
    page.goto("/you-said-we-did")
    page.get_by_text("Until nine from January.").wait_for()
    found += look(page, axe, "you-said")
    for name, address in (
        ("macros", "/desk/macros"),
        ("macro", "/desk/macros/guarantee-remedies"),
        ("reports", "/desk/reports"),
    ):
        page.goto(address)
        found += look(page, axe, name)
    page.goto("/desk/macros/guarantee-remedies")
    page.get_by_role("button", name="See how it reads").click()
    page.get_by_text("2 years").first.wait_for()
    found += look(page, axe, "macro-shown")
    assert found == []
