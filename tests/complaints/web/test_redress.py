"""Pages of redress over HTTP: the room for three sides, the way out, money on the ticket, issues, the purchase."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints import operations
from complaints.documents import verify_dossier
from complaints.models import Agent, Issue, Offer, Referral, Room, Settlement, Ticket
from complaints.operations.referring import bodies_for, follow
from marketplace.accounts.models import Merchant, MerchantMember, User
from marketplace.kernel.money import Money
from orders.models import Refund
from orders.operations.refunds import record_refund
from orders.payments import RefundResult
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def agent() -> Agent:
    return make_agent()


@pytest.fixture
def desk(agent: Agent) -> Client:
    return signed_in(agent.user)


def seller_of(ticket: Ticket) -> Client:
    user = User.objects.create_user("owner@example.com", "secret", name="Owner", is_staff=True)
    MerchantMember.objects.create(
        user=user, merchant=Merchant.objects.get(public_id=ticket.merchant), role="owner"
    )
    return signed_in(user)


def decided(ticket: Ticket, agent: Agent, **fields: Any) -> Ticket:
    given = {"outcome": "upheld", "reason": "Yes.", "cause": "no_fault", **fields}
    operations.decide(
        ticket=ticket.public_id, verdict=operations.Verdict(**given), user_id=agent.user_id, now=NOW
    )
    ticket.refresh_from_db()
    return ticket


def test_deciding_on_the_page_pays_and_says_so(desk: Client, agent: Agent):
    ticket = make_order_ticket()
    given = {
        "outcome": "upheld",
        "remedy": "price_reduction",
        "amount": "12,50",
        "cause": "no_fault",
        "reason": "Yes.",
    }
    page = desk.post(
        f"/desk/{ticket.public_id}/decide", {**given, "version": ticket.version}, follow=True
    ).content.decode()
    assert (
        Refund.objects.get().amount_minor,
        "on its way" in page,
        Refund.objects.get().public_id in page,
    ) == (1250, True, True)


def test_money_that_did_not_go_has_a_button_and_a_queue(desk: Client, agent: Agent):
    ticket = decided(make_order_ticket(), agent, remedy="refund", amount=Money(1000, "EUR"))
    settled = Settlement.objects.get()
    record_refund(
        refund_id=settled.ref, result=RefundResult(ref="x", state="failed", failure="account closed"), now=NOW
    )
    operations.follow_refund(refund=settled.ref, now=NOW)
    page = desk.get(f"/desk/{ticket.public_id}").content.decode()
    assert ("account closed" in page, "Try again" in page) == (True, True)
    assert ticket.public_id in desk.get("/desk/?queue=unpaid").content.decode()
    desk.post(f"/desk/{ticket.public_id}/retry", {"settlement": settled.public_id})
    settled.refresh_from_db()
    assert settled.state == "pending"


def test_another_tickets_money_is_not_asked_for_from_here(desk: Client, agent: Agent):
    decided(make_order_ticket(), agent, remedy="refund", amount=Money(1000, "EUR"))
    desk.post(f"/desk/{make_ticket().public_id}/retry", {"settlement": Settlement.objects.get().public_id})
    assert Refund.objects.count() == 1


def test_the_ticket_shows_the_purchase_and_everything_links(desk: Client, agent: Agent):
    order = make_order()
    ticket = decided(make_order_ticket(order), agent, remedy="return_label")
    ticket = decided(make_order_ticket(order), agent, remedy="refund", amount=Money(1000, "EUR"))
    page = desk.get(f"/desk/{ticket.public_id}").content.decode()
    things = [
        order.parcels.get().public_id,
        order.returns.get().public_id,
        Refund.objects.get().public_id,
        order.lines.get().public_id,
    ]
    places = [f"/desk/order/{order.public_id}#{thing}" for thing in things]
    places[1] = f"/desk/cases/{things[1]}"  # a return has a page of its own
    assert [place for place in places if f'href="{place}"' not in page] == []
    assert "The buyer’s rights on this purchase" in page
    whole = desk.get(f"/desk/order/{order.public_id}").content.decode()
    assert [f'id="{thing}"' in whole for thing in things] == [True] * 4
    assert desk.get("/desk/order/R-22222222").status_code == 404


def test_the_ticket_asks_the_same_number_of_questions_whatever_its_purchase_holds(desk: Client, agent: Agent):
    def questions(ticket: Ticket) -> int:
        desk.get(f"/desk/{ticket.public_id}")
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(f"/desk/{ticket.public_id}").status_code == 200
        return len(asked)

    order = make_order(pieces=4)
    ticket = decided(make_order_ticket(order), agent, remedy="refund", amount=Money(100, "EUR"))
    before = questions(ticket)
    for _ in range(3):
        other = make_order_ticket(order)
        decided(other, agent, remedy="goodwill", amount=Money(100, "EUR"))
    decided(ticket, agent, remedy="price_reduction", amount=Money(100, "EUR"))
    assert questions(ticket) == before


def test_a_room_is_one_page_for_three_sides(desk: Client, agent: Agent):
    ticket = make_order_ticket()
    seller, shopper, address = seller_of(ticket), Client(), f"/complaints/{ticket.token}/room"
    assert shopper.get(address).status_code == 404
    desk.post(f"/desk/{ticket.public_id}/room", {"what": "open"})
    shopper.post(address, {"what": "say", "body": "Half would be fair."})
    seller_page = f"/admin/complaints/{ticket.public_id}/room"
    offered = seller.post(
        seller_page,
        {"what": "offer", "remedy": "price_reduction", "amount": "15", "words": "Sorry.", "key": "k"},
        follow=True,
    )
    assert offered.status_code == 200
    for page in (shopper.get(address), seller.get(seller_page), desk.get(f"/desk/{ticket.public_id}/room")):
        text = page.content.decode()
        assert ("Half would be fair." in text, "15.00" in text, "Sorry." in text, "Ada" in text) == (
            True,
            True,
            True,
            False,
        )
    shopper.post(address, {"what": "accept", "offer": Offer.objects.get().public_id})
    assert (Refund.objects.get().amount_minor, Room.objects.get().state) == (1500, "agreed")
    assert "agreed" in shopper.get(address).content.decode()
    assert "You and the seller agreed" in shopper.get(f"/complaints/{ticket.token}").content.decode()


def test_what_is_refused_in_the_room_is_said_and_kept(desk: Client):
    ticket = make_order_ticket()
    desk.post(f"/desk/{ticket.public_id}/room", {"what": "open"})
    address = f"/complaints/{ticket.token}/room"
    shopper = Client()
    said = {"what": "offer", "remedy": "price_reduction", "amount": "", "words": "Please."}
    page = shopper.post(address, said, follow=True).content.decode()
    assert ("Name the sum." in page, "Please." in page, Offer.objects.count()) == (True, True, 0)


@pytest.mark.parametrize("what", ["open", "close"])
def test_only_the_desk_opens_and_closes(desk: Client, what: str):
    ticket = make_order_ticket()
    desk.post(f"/desk/{ticket.public_id}/room", {"what": "open"})
    Client().post(f"/complaints/{ticket.token}/room", {"what": what})
    assert Room.objects.get().state == "open"


def test_an_offer_of_another_room_is_not_answered_here(desk: Client):
    one, two = make_order_ticket(), make_order_ticket()
    for ticket in (one, two):
        desk.post(f"/desk/{ticket.public_id}/room", {"what": "open"})
    operations.make_offer(ticket=two.public_id, by="merchant", remedy="refund", now=operations_now())
    Client().post(f"/complaints/{one.token}/room", {"what": "accept", "offer": Offer.objects.get().public_id})
    assert Offer.objects.get().state == "open"


def operations_now() -> Any:
    from marketplace.kernel import clock

    return clock.now()


def test_another_seller_does_not_come_in(desk: Client):
    ticket, other = make_order_ticket(), make_order_ticket()
    desk.post(f"/desk/{ticket.public_id}/room", {"what": "open"})
    assert seller_of(other).get(f"/admin/complaints/{ticket.public_id}/room").status_code == 404


# -- the way out


def test_consent_is_asked_with_what_goes_where_and_a_no_is_a_no(agent: Agent):
    ticket = decided(make_ticket(), agent, outcome="rejected", way_out=[{"name": "x"}])
    address, shopper = f"/complaints/{ticket.token}/outside", Client()
    assert "Hand it to one of them for me" in shopper.get(f"/complaints/{ticket.token}").content.decode()
    page = shopper.get(address).content.decode()
    body = bodies_for(ticket)[0]["name"]
    assert (body in page, "your e-mail address" in page) == (True, True)
    assert shopper.post(address, {"answer": "yes", "body": body}).status_code == 422  # the box was not ticked
    shopper.post(address, {"answer": "no", "body": body, "consent": "yes"})
    assert (Referral.objects.count(), ticket.events.filter(kind="referral_refused").count()) == (0, 1)


def test_a_yes_makes_one_dossier_that_both_see_and_that_verifies(desk: Client, agent: Agent):
    ticket = decided(make_ticket(), agent, outcome="rejected", way_out=[{"name": "x"}])
    shopper, body = Client(), bodies_for(ticket)[0]["name"]
    for _ in range(2):
        shopper.post(f"/complaints/{ticket.token}/outside", {"answer": "yes", "body": body, "consent": "yes"})
    one = Referral.objects.get()
    assert (one.consent["body"], one.consent["language"]) == (body, "en")
    mine = shopper.get(f"/complaints/{ticket.token}/outside/{one.public_id}/dossier.zip").content
    theirs = desk.get(f"/desk/{ticket.public_id}/dossier/{one.public_id}").content
    assert (mine == theirs, verify_dossier(mine)["complaint"]) == (True, ticket.public_id)
    assert "case.pdf" in zipfile.ZipFile(io.BytesIO(mine)).namelist()
    assert (
        Client().get(f"/complaints/{make_ticket().token}/outside/{one.public_id}/dossier.zip").status_code
        == 404
    )


def test_a_consent_that_is_taken_back_destroys_what_has_not_left(agent: Agent):
    ticket = decided(make_ticket(), agent, outcome="rejected", way_out=[{"name": "x"}])
    shopper, body = Client(), bodies_for(ticket)[0]["name"]
    shopper.post(f"/complaints/{ticket.token}/outside", {"answer": "yes", "body": body, "consent": "yes"})
    one = Referral.objects.get()
    for _ in range(2):
        shopper.post(f"/complaints/{ticket.token}/outside/{one.public_id}")
    one.refresh_from_db()
    assert (one.state, bool(one.dossier), one.ended_at is not None) == ("withdrawn", False, True)
    assert shopper.get(f"/complaints/{ticket.token}/outside/{one.public_id}/dossier.zip").status_code == 404


def test_a_case_outside_is_followed_with_the_laws_own_days(desk: Client, agent: Agent):
    ticket = decided(make_ticket(market="PL"), agent, outcome="rejected", way_out=[{"name": "x"}])
    body = next(one["name"] for one in bodies_for(ticket) if one["role"] == "adr_general")
    Client().post(f"/complaints/{ticket.token}/outside", {"answer": "yes", "body": body, "consent": "yes"})
    one = Referral.objects.get()
    desk.post(f"/desk/{ticket.public_id}/follow", {"referral": one.public_id, "action": "send"})
    one.refresh_from_db()
    assert one.due_on is not None
    assert one.rulings[0]["rule"] == "eu.complaint.adr_refuses"
    page = Client().get(f"/complaints/{ticket.token}").content.decode()
    assert ("They say whether they take it on by" in page, "Art. 5(4)" in page) == (True, True)
    one = follow(referral=one.public_id, action="accept", actor="a", now=NOW)
    assert (one.due_on.isoformat(), one.rulings[0]["rule"]) == ("2027-02-22", "eu.complaint.adr_decides")
    one = follow(referral=one.public_id, action="decide", actor="a", now=NOW, result="Pay half.")
    assert (one.due_on, "Pay half." in Client().get(f"/complaints/{ticket.token}").content.decode()) == (
        None,
        True,
    )


# -- issues


def test_an_issue_is_opened_of_what_was_found_previewed_and_closed(desk: Client, agent: Agent):
    now = operations_now()
    numbers = [make_ticket(merchant="M-22222222", listing="L-22222222", now=now).public_id for _ in range(3)]
    page = desk.get("/desk/issues").content.decode()
    assert all(number in page for number in numbers)
    desk.post("/desk/issues", {"title": "Lamps break", "tickets": numbers, "found": "yes"})
    issue = Issue.objects.get()
    answer = {"cause": "product_quality", "answer-en": "The maker replaces all."}
    preview = desk.post(f"/desk/issues/{issue.public_id}", {"what": "preview", **answer}).content.decode()
    assert ("Answer 3 complaints" in preview, Issue.objects.get().state) == (True, "open")
    done = desk.post(
        f"/desk/issues/{issue.public_id}", {"what": "close", **answer}, follow=True
    ).content.decode()
    assert (Issue.objects.get().state, done.count("answered"), set(Ticket.objects.values_list("state", flat=True))) == (
        "closed", done.count("answered"), {"closed"},
    )  # fmt: skip
    assert done.count(">answered") == 3


def test_an_issue_is_opened_by_hand_and_changed(desk: Client, agent: Agent):
    one, two = make_ticket(), make_ticket()
    desk.post("/desk/issues", {"title": "Slow carrier", "numbers": f"{one.public_id}, {two.public_id}"})
    issue = Issue.objects.get()
    address = f"/desk/issues/{issue.public_id}"
    desk.post(address, {"what": "remove", "ticket": two.public_id})
    desk.post(
        address, {"what": "change", "owner": agent.pk, "cause": "carrier", "finding": "The depot was shut."}
    )
    issue.refresh_from_db()
    assert (issue.members.count(), issue.cause, issue.finding, issue.owner_id) == (
        1,
        "carrier",
        "The depot was shut.",
        agent.pk,
    )
    refused = desk.post(address, {"what": "close", "cause": "", "answer-en": "Long words that must stay."})
    assert (refused.status_code, "Long words that must stay." in refused.content.decode()) == (422, True)


def test_what_was_typed_for_an_issue_stays_when_it_is_refused(desk: Client):
    typed = {"title": "Slow carrier", "numbers": f"{make_ticket().public_id} C-22222222"}
    refused = desk.post("/desk/issues", typed)
    page = refused.content.decode()
    assert (refused.status_code, Issue.objects.count()) == (422, 0)
    assert ("No complaint has the number C-22222222." in page, 'value="Slow carrier"' in page) == (True, True)
    assert typed["numbers"] in page


def test_what_was_typed_into_an_issue_stays_when_it_is_refused(desk: Client, agent: Agent):
    issue = operations.open_issue(title="x", owner_id=agent.pk, actor="a", now=NOW)
    address = f"/desk/issues/{issue.public_id}"
    numbers = f"{make_ticket().public_id} C-22222222"
    added = desk.post(address, {"what": "add", "numbers": numbers})
    changed = desk.post(
        address, {"what": "change", "owner": "9" * 12, "cause": "magic", "finding": "The depot."}
    )
    gone = desk.post(address, {"what": "change", "owner": str(2**31 - 1), "finding": "The depot."})
    assert [one.status_code for one in (added, changed, gone)] == [422, 422, 422]
    assert (numbers in added.content.decode(), issue.members.count()) == (True, 0)
    assert ["The depot." in one.content.decode() for one in (changed, gone)] == [True, True]


@pytest.mark.parametrize("typed", [
    {"days": "9" * 40}, {"days": "x"}, {"remedy": "price_reduction", "amount": "9" * 19}, {"key": "k" * 400},
])  # fmt: skip
def test_no_number_is_too_much_for_the_room(desk: Client, typed: dict[str, str]):
    ticket = make_order_ticket()
    desk.post(f"/desk/{ticket.public_id}/room", {"what": "open"})
    said = {"what": "offer", "remedy": "apology", "words": "Sorry.", **typed}
    answer = Client().post(f"/complaints/{ticket.token}/room", said, follow=True)
    assert (answer.status_code, Offer.objects.count()) == (200, int("key" in typed))
