"""Letters that do not arrive: not tried for ever, said on the ticket, sent again when somebody presses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from complaints import operations
from complaints.models import Agent, Notice, Ticket
from complaints.operations.notices import MAX_ATTEMPTS, note, send_digests, try_again
from marketplace.accounts.models import Merchant, MerchantMember, User
from marketplace.kernel import clock, outbox
from marketplace.kernel.models import Delivery
from tests.complaints.domain.test_letters_in import letter
from tests.complaints.factories import NOW, make_agent, make_order_ticket, make_ticket
from tests.fakes.refusing_mail import RefusingBackend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings) -> Iterator[type[RefusingBackend]]:
    settings.EMAIL_BACKEND = "tests.fakes.refusing_mail.RefusingBackend"
    RefusingBackend.codes, RefusingBackend.tried = {}, []
    yield RefusingBackend
    RefusingBackend.codes, RefusingBackend.tried = {}, []


def answer(ticket: Ticket) -> None:
    operations.say(ticket=ticket.public_id, kind="agent", body="Dear Ada.", now=NOW, author_name="Lin")


def as_agent(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_address_that_is_refused_for_good_is_tried_once_and_said_on_the_ticket(server):
    ticket, agent = make_ticket(), make_agent()
    outbox.relay()
    operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    server.codes, server.tried = {"ada@example.com": 550}, []
    answer(ticket)
    for hours in range(4):
        outbox.relay(now=clock.now() + timedelta(hours=hours))
    page = as_agent(agent).get(f"/desk/{ticket.public_id}").content.decode()
    told = list(Notice.objects.filter(kind="unsent").values_list("agent", flat=True))
    assert (server.tried, told) == (["ada@example.com"], [agent.pk])
    assert ("did not arrive" in page, "mailbox says no" in page) == (True, True)
    assert ticket.events.get(kind="letter_failed").data["reason"] == "550 mailbox says no"


def test_a_server_that_is_busy_is_tried_again_later_and_given_up_in_the_end(server):
    ticket, chief = make_ticket(), make_agent(is_supervisor=True)
    outbox.relay()
    server.codes, server.tried = {"ada@example.com": 451}, []
    answer(ticket)
    moment = clock.now()
    for _ in range(40):
        outbox.relay(now=moment)
        moment += timedelta(minutes=20)
    told = list(Notice.objects.filter(kind="unsent").values_list("agent", flat=True))
    assert (len(server.tried), told) == (outbox.MAX_ATTEMPTS, [chief.pk])


def test_the_address_is_corrected_and_the_letter_sent_again_once(server):
    ticket, agent = make_ticket(), make_agent()
    outbox.relay()
    server.codes = {"ada@example.com": 550}
    answer(ticket)
    outbox.relay()
    desk = as_agent(agent)
    desk.post(f"/desk/{ticket.public_id}/change", {"email": "ada@example.org", "subject": ticket.subject})
    mail.outbox.clear()
    for _ in range(2):
        desk.post(f"/desk/{ticket.public_id}/send-again")
        outbox.relay(now=clock.now() + timedelta(seconds=1))
    page = desk.get(f"/desk/{ticket.public_id}").content.decode()
    assert ([one.to for one in mail.outbox], "Send again" in page) == ([["ada@example.org"]], False)


def test_what_is_no_address_is_refused():
    ticket, agent = make_ticket(), make_agent()
    page = as_agent(agent).post(f"/desk/{ticket.public_id}/change", {"email": "ada"}, follow=True)
    ticket.refresh_from_db()
    assert ("not an e-mail address" in page.content.decode(), ticket.email) == (True, "ada@example.com")


def test_one_side_of_the_room_that_cannot_be_reached_costs_the_other_no_second_letter(server):
    ticket = make_order_ticket()
    outbox.relay()
    seller = Merchant.objects.get(public_id=ticket.merchant)
    server.codes = {seller.email: 451}
    mail.outbox.clear()
    operations.open_room(ticket=ticket.public_id, user_id=None, actor="clock", now=clock.now())
    moment = clock.now()
    for _ in range(5):
        outbox.relay(now=moment)
        moment += timedelta(minutes=20)
    assert [one.to for one in mail.outbox] == [["ada@example.com"]]


def test_a_letter_that_came_back_is_told_to_whoever_works_on_it():
    from complaints.operations import incoming

    ticket, agent = make_ticket(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    raw = letter(
        "No such user.",
        From="MAILER-DAEMON@x.example",
        Return_Path="<>",
        Subject=f"failed {ticket.public_id}",
    )
    taken = [incoming.take_letter(raw=raw, now=NOW).what for _ in range(2)]
    assert (taken, ticket.messages.get(kind="note").body.startswith("[bounce]")) == (
        ["machine", "known"],
        True,
    )
    assert list(Notice.objects.values_list("agent", "kind")) == [(agent.pk, "unsent")]


# -- the letters that gather an agent's news


def news_for(agent: Agent, ticket: Ticket) -> None:
    note(agents=[agent], ticket=ticket, kind="given", key="k", now=NOW)


def tries(server: type[RefusingBackend], minutes: int) -> int:
    server.tried = []
    for minute in range(minutes):
        send_digests(now=NOW + timedelta(minutes=minute))
    return len(server.tried)


def test_an_agents_address_that_is_refused_for_good_is_tried_once(server):
    ticket, agent = make_ticket(), make_agent()
    news_for(agent, ticket)
    server.codes = {agent.user.email: 550}
    tried = tries(server, 60 * 24)
    agent.refresh_from_db()
    assert (tried, agent.letters_error) == (1, "550 mailbox says no")


def test_one_that_is_busy_is_tried_less_and_less_and_then_no_more(server):
    ticket, agent = make_ticket(), make_agent()
    news_for(agent, ticket)
    server.codes = {agent.user.email: 451}
    in_an_hour, in_a_week = tries(server, 60), tries(server, 60 * 24 * 7)
    agent.refresh_from_db()
    assert (in_an_hour, in_an_hour + in_a_week, agent.letters_failed) == (5, MAX_ATTEMPTS, MAX_ATTEMPTS)


def test_once_it_is_tried_again_the_news_leave_and_the_past_is_forgotten(server):
    ticket, agent = make_ticket(), make_agent()
    news_for(agent, ticket)
    server.codes = {agent.user.email: 550}
    send_digests(now=NOW)
    server.codes = {}
    before = send_digests(now=NOW + timedelta(days=9))
    assert (before, try_again(agent_id=agent.pk), send_digests(now=NOW)) == (0, True, 1)
    agent.refresh_from_db()
    assert (agent.letters_failed, agent.letters_error) == (0, "")


# -- the seller


def test_a_question_reaches_the_seller_once_in_the_staffs_language_with_its_day(server):
    ticket = make_order_ticket()
    seller = Merchant.objects.get(public_id=ticket.merchant)
    owner = User.objects.create_user("owner@example.com", "secret", language="de")
    MerchantMember.objects.create(user=owner, merchant=seller, role="owner")
    outbox.relay()
    mail.outbox.clear()
    said = {"kind": "agent", "body": "Is it in stock?", "to_merchant": True, "key": "k"}
    for _ in range(2):
        operations.say_and_wait(
            ticket=ticket.public_id, whom="merchant", reason="asked", actor="agent", now=NOW, **said
        )
    outbox.relay()
    [sent] = mail.outbox
    assert (sent.to, sent.extra_headers["Content-Language"]) == ([seller.email], "de")
    assert ("Is it in stock?" in sent.body, f"/admin/complaints/{ticket.public_id}" in sent.body) == (
        True,
        True,
    )
    assert ("ada@example.com" in sent.body, "25. November 2026" in sent.body) == (False, True)


def test_waiting_for_a_seller_without_a_word_tells_it_that_we_wait(server):
    ticket = make_order_ticket()
    outbox.relay()
    mail.outbox.clear()
    operations.wait(ticket=ticket.public_id, whom="merchant", actor="agent", now=NOW, reason="internal words")
    outbox.relay()
    [sent] = mail.outbox
    assert (sent.to, "internal words" in sent.body) == (
        [Merchant.objects.get(public_id=ticket.merchant).email], False,
    )  # fmt: skip


def test_a_complaint_without_a_seller_writes_to_nobody(server):
    ticket = make_ticket()
    outbox.relay()
    mail.outbox.clear()
    operations.wait(ticket=ticket.public_id, whom="merchant", actor="agent", now=NOW, reason="asked")
    outbox.relay()
    assert (mail.outbox, Delivery.objects.filter(state="parked").count()) == ([], 0)
