"""Two agents on one ticket, in every order that matters: whatever they do, no text is lost."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from django.test import Client

from complaints import operations
from complaints.models import Agent, Draft, Message, Ticket
from complaints.operations import desk as desk_operations
from complaints.web import desk as desk_web
from tests.complaints.factories import NOW, make_agent, make_ticket
from tests.races import end_behind

ANNA, BEN = "Dear Ada, Anna here: we replace it.", "Dear Ada, Ben here: we pay it back."


def browser(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def texts(ticket: Ticket) -> str:
    """Everything that anybody wrote on a ticket and that is still there: sent, or kept as a draft."""
    said = Message.objects.filter(ticket=ticket).values_list("body", flat=True)
    kept = Draft.objects.filter(ticket=ticket).values_list("body", flat=True)
    return "\n".join([*said, *kept])


def send(client: Client, ticket: Ticket, body: str, version: int, **more: Any) -> int:
    return client.post(
        f"/desk/{ticket.public_id}/write", {"body": body, "version": version, "kind": "agent", **more}
    ).status_code


def in_every_order(ticket: Ticket, anna: Agent, ben: Agent, which: tuple[int, ...]) -> None:
    """Let Anna keep a draft and send, Ben take over and send; `which` places of the four steps are Anna's."""
    one, two, read = browser(anna), browser(ben), ticket.version
    annas = [
        lambda: one.post(
            f"/desk/{ticket.public_id}/keep", {"body": ANNA[:20], "version": read, "kind": "agent"}
        ),
        lambda: send(one, ticket, ANNA, read),
    ]
    bens = [
        lambda: two.post(f"/desk/{ticket.public_id}/take", {"over": "yes"}),
        lambda: send(two, ticket, BEN, read),
    ]
    for place in range(4):
        (annas if place in which else bens).pop(0)()


ORDERS = list(combinations(range(4), 2))


@pytest.mark.django_db
@pytest.mark.parametrize("which", ORDERS)
def test_no_text_is_lost_in_any_order(which: tuple[int, ...]):
    ticket, anna, ben = make_ticket(), make_agent(), make_agent()
    in_every_order(ticket, anna, ben, which)
    whole = texts(ticket)
    assert (ANNA in whole, BEN in whole) == (True, True)
    assert (
        ticket.messages.filter(kind="agent").count() <= 1
    )  # of two who had read the same, one was told to look again


@pytest.mark.django_db
def test_the_same_orders_lose_text_if_nobody_keeps_it(monkeypatch: pytest.MonkeyPatch):
    """The negative control: without keeping what was refused, some of these orders lose a text, and it is seen."""
    monkeypatch.setattr(desk_web, "_keep_text", lambda *told: None)
    lost = 0
    for which in ORDERS:
        ticket, anna, ben = make_ticket(), make_agent(), make_agent()
        in_every_order(ticket, anna, ben, which)
        lost += ANNA not in texts(ticket) or BEN not in texts(ticket)
    assert lost > 0


@pytest.mark.django_db(transaction=True)
def test_who_sends_while_a_colleague_is_sending_keeps_the_text():
    ticket, anna, ben = make_ticket(), make_agent(), make_agent()
    read, one = ticket.version, browser(anna)
    end_behind(
        lambda: operations.say(
            ticket=ticket.public_id, kind="agent", body=BEN, now=NOW, author_id=ben.user_id, read_version=read
        ),
        lambda: send(one, ticket, ANNA, read),
    )
    draft = Draft.objects.get(agent=anna)
    assert (list(ticket.messages.filter(kind="agent").values_list("body", flat=True)), draft.body) == (
        [BEN],
        ANNA,
    )
    assert draft.base_version == read  # so that the page says that something is new


@pytest.mark.django_db(transaction=True)
def test_who_sends_while_the_buyer_writes_keeps_the_text():
    ticket, anna = make_ticket(), make_agent()
    read, one = ticket.version, browser(anna)
    end_behind(
        lambda: operations.say(ticket=ticket.public_id, kind="customer", body="It smells, too.", now=NOW),
        lambda: send(one, ticket, ANNA, read),
    )
    assert (ticket.messages.filter(kind="agent").count(), Draft.objects.get().body) == (0, ANNA)


@pytest.mark.django_db(transaction=True)
def test_without_the_version_the_answer_leaves_unread_news_behind(monkeypatch: pytest.MonkeyPatch):
    """The negative control of the two above: a form without the version is sent over the colleague's answer."""
    ticket, anna, ben = make_ticket(), make_agent(), make_agent()
    one = browser(anna)
    end_behind(
        lambda: operations.say(
            ticket=ticket.public_id, kind="agent", body=BEN, now=NOW, author_id=ben.user_id
        ),
        lambda: one.post(f"/desk/{ticket.public_id}/write", {"body": ANNA, "kind": "agent"}).status_code,
    )
    assert ticket.messages.filter(kind="agent").count() == 2


@pytest.mark.django_db(transaction=True)
def test_taking_over_while_a_draft_is_being_kept_drops_nothing():
    ticket, anna, ben = make_ticket(), make_agent(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=anna.pk, take_over=False, now=NOW)
    one = browser(anna)
    end_behind(
        lambda: operations.claim(ticket=ticket.public_id, agent_id=ben.pk, take_over=True, now=NOW),
        lambda: (
            one.post(
                f"/desk/{ticket.public_id}/keep", {"body": ANNA, "version": ticket.version, "kind": "agent"}
            ).status_code
        ),
    )
    ticket.refresh_from_db()
    assert (ticket.agent_id, Draft.objects.get(agent=anna).body) == (ben.pk, ANNA)


@pytest.mark.django_db
def test_a_takeover_that_drops_drafts_would_be_seen(monkeypatch: pytest.MonkeyPatch):
    """The negative control: the fault that others' desks have, planted here."""
    ticket, anna, ben = make_ticket(), make_agent(), make_agent()
    operations.keep_draft(ticket_id=ticket.pk, agent_id=anna.pk, body=ANNA, read_version=1, now=NOW)
    give = desk_operations.give

    def dropping(row: Ticket, agent: Agent | None, **told: Any) -> None:
        give(row, agent, **told)
        row.drafts.all().delete()

    monkeypatch.setattr(desk_operations, "give", dropping)
    browser(ben).post(f"/desk/{ticket.public_id}/take", {"over": "yes"})
    assert ANNA not in texts(ticket)


@pytest.mark.django_db
def test_a_decision_that_comes_too_late_keeps_its_reason():
    ticket, anna = make_ticket(), make_agent()
    read = ticket.version
    operations.say(ticket=ticket.public_id, kind="customer", body="It smells, too.", now=NOW)
    given = {
        "outcome": "upheld",
        "cause": "no_fault",
        "reason": "You are right, and here is why.",
        "version": read,
    }
    page = browser(anna).post(f"/desk/{ticket.public_id}/decide", given, follow=True).content.decode()
    assert (ticket.decisions.count(), "You are right, and here is why." in page) == (0, True)


@pytest.mark.django_db
def test_another_text_of_the_same_agent_stays_when_one_is_sent_or_refused():
    ticket, anna = make_ticket(), make_agent()
    one, read = browser(anna), ticket.version
    operations.keep_draft(
        ticket_id=ticket.pk, agent_id=anna.pk, body="Written in another window.", read_version=1, now=NOW
    )
    send(one, ticket, ANNA, read - 1)
    assert Draft.objects.get().body == f"{ANNA}\n\nWritten in another window."
    send(one, ticket, ANNA, read)
    assert "Written in another window." in texts(ticket)
