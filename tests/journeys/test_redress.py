"""Ways to an end: mediation that ends in a refund, a rejection that goes to a body outside, a guest answered in Polish."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page

from complaints.models import Ticket
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import MerchantMember, User
from marketplace.kernel import clock, outbox
from orders import operations as orders
from orders.models import Order, Refund
from tests.journeys.looking import look
from tests.journeys.test_complains import PASSWORD
from tests.journeys.test_guest_buys_abroad import fill_address, fill_basket

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LAPTOP = {"viewport": {"width": 1366, "height": 768}}
WIDE = {"viewport": {"width": 1920, "height": 1080}}
DARK_PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def relay(times: int = 3) -> None:
    for _ in range(times):
        outbox.relay()


def buy(open_page: Any, *, market: str = "DE", **options: Any) -> tuple[Page, Order]:
    """Somebody buys soap; it arrives."""
    page = open_page("/", market=market, **options)
    fill_basket(page, "olive-soap")
    page.get_by_role("button", name="To the checkout").click()
    fill_address(page, "card_ok")
    if market == "PL":
        page.get_by_label("Postcode").fill("00-950")
        page.get_by_label("Town or city").fill("Warszawa")
        page.get_by_label("Country", exact=True).select_option("PL")
    page.get_by_role("button", name="Show the whole price").click()
    page.get_by_role("button", name="order with obligation to pay").click()
    page.wait_for_url("**/orders/**")
    relay()
    order, now = Order.objects.get(), clock.now()
    left = orders.left_to_ship(order)
    parcel = orders.ship_parcel(
        order_id=order.pk, packed=[orders.Packed(line, count) for line, count in left.items()], carrier="other",
        tracking_number="ABC-12345", recorded_by="test", now=now,
    )  # fmt: skip
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=now, received_by="consumer", recorded_by="test", now=now
    )
    return page, order


def complain(page: Page, order: Order, body: str, topic: str = "It is faulty or not as described") -> Ticket:
    """Complain from the order's own page, as a guest."""
    page.goto(f"/complain?order={order.public_id}&link={order.group.token}")
    page.get_by_label(topic).check()
    page.get_by_label("Tell us what happened").fill(body)
    page.get_by_role("button", name="Send the complaint").click()
    page.get_by_text("Why these dates?").wait_for()
    relay()
    return Ticket.objects.get()


def person(email: str) -> User:
    user = User.objects.create_user(email, PASSWORD, name=email.split("@")[0].title())
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(open_page: Any, email: str, to: str, **options: Any) -> Page:
    page = open_page(f"/auth/login/?next={to}", **options)
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"**{to}")
    return page


def agent_at(open_page: Any, to: str, **options: Any) -> Page:
    if not User.objects.filter(email="ines@rightful.example").exists():
        accounts.give_role(user=person("ines@rightful.example"), kind="agent")
    return sign_in(open_page, "ines@rightful.example", to, **options)


def again(open_page: Any, page: Page, axe: Any, name: str) -> list[tuple[str, str, str]]:
    """Look at the same page of the same person in the dark on a phone, and on a wide screen where pictures are kept."""
    found = []
    for options in (DARK_PHONE, *([WIDE] if os.environ.get("RIGHTFUL_PICTURES") else [])):
        other = open_page("/", **options)
        other.context.add_cookies(page.context.cookies())
        other.goto(page.url)
        found += look(other, axe, name)
        other.context.close()
    return found


def test_mediation_ends_in_a_refund(open_page: Any, axe: Any):
    page, order = buy(open_page, **LAPTOP)
    ticket = complain(page, order, "The soap is broken in two and I paid for whole pieces. Please help.")
    desk = agent_at(open_page, f"/desk/{ticket.public_id}", **LAPTOP)
    found = look(desk, axe, "ticket-with-order") + again(open_page, desk, axe, "ticket-with-order")
    desk.get_by_role("link", name=f"Order {order.public_id}").first.click()
    desk.get_by_text("The buyer’s rights on this purchase").wait_for()
    found += look(desk, axe, "desk-order") + again(open_page, desk, axe, "desk-order")
    desk.goto(f"/desk/{ticket.public_id}")
    desk.get_by_role("link", name="Mediation room").click()
    desk.get_by_role("button", name="Open the room").click()
    desk.get_by_text("Nothing lies on the table.").wait_for()
    relay()

    owner = person("owner@soap.example")
    owner.is_staff = True
    owner.save()
    MerchantMember.objects.create(user=owner, merchant=order.merchant, role="owner")
    seller = sign_in(open_page, "owner@soap.example", f"/admin/complaints/{ticket.public_id}/room", **LAPTOP)
    seller.get_by_label("What", exact=True).select_option("price_reduction")
    seller.get_by_label("Sum, if it is money").fill("2.00")
    seller.get_by_label("A word to it").fill("We are sorry for the broken piece.")
    seller.get_by_role("button", name="Put it on the table").click()
    seller.get_by_text("Your offer lies on the table.").wait_for()
    found += look(seller, axe, "room-seller")
    relay()
    assert any("There is an offer" in letter.body for letter in mail.outbox)

    page.goto(f"/complaints/{ticket.token}")
    page.get_by_text("An offer waits for your answer.").wait_for()
    page.get_by_role("link", name="Open the room").click()
    page.get_by_label("Sum, if it is money").fill("3.00")
    page.get_by_label("What", exact=True).select_option("price_reduction")
    page.get_by_role("button", name="Put it on the table").click()
    page.get_by_text("Your offer lies on the table.").wait_for()
    found += look(page, axe, "room-shopper") + again(open_page, page, axe, "room-shopper")
    desk.goto(f"/desk/{ticket.public_id}/room")
    desk.get_by_text("3.00").first.wait_for()
    found += look(desk, axe, "room-desk") + again(open_page, desk, axe, "room-desk")

    seller.reload()
    seller.get_by_role("button", name="Accept this offer").click()
    seller.get_by_text("Agreed. It is carried out now.").wait_for()
    refund = Refund.objects.get()
    relay()
    orders.send_refund(refund_id=refund.pk, now=clock.now())
    relay()
    page.goto(f"/complaints/{ticket.token}")
    page.get_by_role("heading", name="You and the seller agreed").wait_for()
    page.get_by_text("paid", exact=True).wait_for()
    found += look(page, axe, "agreed")
    desk.goto(f"/desk/{ticket.public_id}")
    found += look(desk, axe, "ticket-agreed")
    refund.refresh_from_db()
    assert (refund.state, refund.amount_minor) == ("done", 300)
    assert any("Paid back: €3.00" in letter.subject for letter in mail.outbox)
    assert found == []


def test_a_rejected_complaint_goes_to_the_dispute_body_of_the_shoppers_country(
    open_page: Any, axe: Any, tmp_path: Path, capsys: Any
):
    page, order = buy(open_page, **LAPTOP)
    ticket = complain(page, order, "The soap smells of nothing and I want my money back, please.")
    desk = agent_at(open_page, f"/desk/{ticket.public_id}", **LAPTOP)
    desk.locator("summary", has_text="Decide").click()
    desk.get_by_label("Outcome").select_option("rejected")
    desk.get_by_label("Where it went wrong").select_option("no_fault")
    desk.get_by_label("The reason, for the buyer to read").fill("The listing says that it has no perfume.")
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_text("Decided and told.").wait_for()

    page.reload()
    page.get_by_role("link", name="Hand it to one of them for me").click()
    found = look(page, axe, "outside") + again(open_page, page, axe, "outside")
    general = page.locator(".outside-body", has_text="settles disputes between consumers and traders").first
    body = general.locator("input").get_attribute("value")
    general.locator("input").check()
    page.get_by_label("Yes, hand my complaint and this data to the body I chose.").check()
    page.get_by_role("button", name="Hand it over").click()
    page.get_by_role("heading", name="Your case outside").wait_for()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="The dossier that goes there (ZIP)").click()
    path = tmp_path / "dossier.zip"
    fetched.value.save_as(path)
    call_command("verify_dossier", str(path))
    assert ticket.public_id in capsys.readouterr().out

    desk.goto(f"/desk/{ticket.public_id}")
    for what, words in (("send", ""), ("accept", ""), ("decide", "The seller pays half of the price.")):
        desk.get_by_label("What became of it").select_option(what)
        desk.get_by_label("In their words").fill(words)
        desk.get_by_role("button", name="Write down").click()
        desk.get_by_text("Written down.").wait_for()
        if what == "accept":
            found += look(desk, axe, "ticket-outside")
            page.reload()
            page.get_by_text("They decide by").wait_for()
            found += look(page, axe, "case-outside") + again(open_page, page, axe, "case-outside")
    relay()
    page.reload()
    page.get_by_text("The seller pays half of the price.").wait_for()
    assert ticket.referrals.get().body["market"] == "DE"
    assert (ticket.referrals.get().state, ticket.referrals.get().body["name"]) == ("decided", body)
    assert any("The seller pays half of the price." in letter.body for letter in mail.outbox)
    assert found == []


def test_a_guest_complains_in_polish_and_is_answered_in_polish(open_page: Any, axe: Any):
    page, order = buy(open_page, market="PL", **LAPTOP)
    ticket = complain(
        page,
        order,
        "Mydło jest złamane i nie wygląda jak na zdjęciu. Proszę o zwrot, bo to nie jest to, co mam w umowie.",
    )
    assert (ticket.language, ticket.market, ticket.user) == ("pl", "PL", None)
    receipt = next(letter for letter in mail.outbox if ticket.public_id in letter.subject)
    assert f"Mamy Twoją reklamację {ticket.public_id}" in receipt.subject
    assert all(part in receipt.body for part in ("Odpowiemy do", "Zobacz reklamację", "Mydło jest złamane"))

    desk = agent_at(open_page, f"/desk/{ticket.public_id}", **LAPTOP)
    desk.get_by_label("Reply", exact=True).fill("Dzień dobry, przepraszamy. Zwracamy całą kwotę.")
    desk.get_by_role("button", name="Send", exact=True).click()
    desk.get_by_text("Sent.").wait_for()
    desk.locator("summary", has_text="Decide").click()
    desk.get_by_label("Outcome").select_option("upheld")
    desk.get_by_label("Remedy").select_option("refund")
    desk.get_by_label("Where it went wrong").select_option("carrier")
    desk.get_by_label("The reason, for the buyer to read").fill("Towar dotarł uszkodzony.")
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_text("Decided and told.").wait_for()
    relay()
    orders.send_refund(refund_id=Refund.objects.get().pk, now=clock.now())
    relay()
    said = [letter.subject for letter in mail.outbox if ticket.public_id in letter.subject]
    assert [
        part
        for part in ("Twoja reklamacja", "Rozstrzygnięcie", "Zwrócono")
        if not any(part in one for one in said)
    ] == []
    decision = next(letter for letter in mail.outbox if "Rozstrzygnięcie" in letter.subject)
    assert all(
        part in decision.body for part in ("Masz rację", "Zwracamy", "Kontakt", "Towar dotarł uszkodzony.")
    )
    assert (decision.extra_headers["Content-Language"], "goes back" in decision.body) == ("pl", False)
    assert Refund.objects.get().amount_minor == order.total_minor


def test_an_issue_is_closed_and_answers_all(open_page: Any, axe: Any):
    from tests.complaints.factories import make_ticket

    now = clock.now()
    numbers = [
        make_ticket(
            merchant="M-22222222", listing="L-22222222", email=f"ada{n}@example.com", now=now
        ).public_id
        for n in range(3)
    ]
    desk = agent_at(open_page, "/desk/issues", **LAPTOP)
    found = look(desk, axe, "issues") + again(open_page, desk, axe, "issues")
    desk.get_by_role("button", name="Make it an issue").click()
    desk.get_by_role("heading", name="Its complaints").wait_for()
    desk.locator("#c-cause").select_option("product_quality")
    desk.get_by_label("What they are told: English").fill("The maker replaces every lamp of this batch.")
    desk.get_by_role("button", name="Show what would happen").click()
    desk.get_by_role("button", name="Answer 3 complaints").wait_for()
    found += look(desk, axe, "issue") + again(open_page, desk, axe, "issue")
    desk.get_by_role("button", name="Answer 3 complaints").click()
    desk.get_by_text("Closed. What became of each complaint stands below.").wait_for()
    found += look(desk, axe, "issue-closed")
    relay()
    told = {letter.to[0] for letter in mail.outbox if "replaces every lamp" in letter.body}
    assert (told, len(numbers)) == ({f"ada{n}@example.com" for n in range(3)}, 3)
    assert found == []
