"""What each step of the ladder does, once, and what it does where it cannot do that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from complaints import operations
from complaints.models import Clock, Escalation, Notice, Offer, Room, Ticket
from complaints.operations.referring import bodies_for
from marketplace.kernel import outbox
from orders.models import Refund
from tests.complaints.factories import NOW, make_agent, make_order_ticket, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=20)


def step(ticket: Ticket, do: str, to: str = "", kind: str = "resolution") -> Escalation:
    """A step of a clock of this ticket that ran out, not yet carried out."""
    clock = Clock.objects.filter(ticket=ticket, kind=kind).first() or Clock.objects.create(
        ticket=ticket, kind=kind, started_at=NOW, due_at=NOW
    )
    Clock.objects.filter(pk=clock.pk).update(state="breached", due_at=NOW)
    level = Escalation.objects.filter(clock=clock).count()
    return Escalation.objects.create(
        clock=clock, generation=1, level=level, due_at=NOW, detected_at=NOW, result={"do": do, "to": to}
    )


def carry_out(one: Escalation, times: int = 1) -> dict[str, Any]:
    for _ in range(times):
        operations.carry_out(escalation_id=one.pk, now=LATER)
    one.refresh_from_db()
    return one.result


def test_reassign_gives_it_to_the_least_busy_colleague_who_can_and_tells_them():
    slow, busy, free = make_agent(), make_agent(), make_agent()
    make_agent(languages=["fr"]), make_agent(presence="away"), make_agent(capacity=0)
    ticket, others = make_ticket(), [make_ticket() for _ in range(2)]
    for agent, one in ((slow, ticket), (busy, others[0])):
        operations.claim(ticket=one.public_id, agent_id=agent.pk, take_over=False, now=NOW)
    told = carry_out(step(ticket, "reassign"), times=2)
    ticket.refresh_from_db()
    assert (ticket.agent, told["given"]) == (free, free.user.public_id)
    assert list(Notice.objects.filter(kind="given").values_list("agent", flat=True)) == [free.pk]


def test_reassign_gives_it_back_to_the_queue_where_nobody_else_can():
    ticket, slow = make_ticket(), make_agent()
    operations.claim(ticket=ticket.public_id, agent_id=slow.pk, take_over=False, now=NOW)
    carry_out(step(ticket, "reassign"))
    ticket.refresh_from_db()
    assert (ticket.agent, ticket.state) == (None, "open")


def test_mediate_opens_the_room_once_and_tells_both_sides():
    ticket = make_order_ticket()
    carry_out(step(ticket, "mediate"), times=2)
    mail.outbox.clear()
    outbox.relay()
    rooms = [one for one in mail.outbox if "Mediation" in one.subject]
    assert (Room.objects.get().state, Room.objects.get().opened_by, len(rooms)) == ("open", None, 2)


def test_without_a_seller_the_supervisors_are_told_in_place_of_the_room():
    ticket, chief = make_ticket(), make_agent(is_supervisor=True)
    told = carry_out(step(ticket, "mediate"))
    assert (told["not"], told["told"], Room.objects.count()) == ("incomplete", [chief.user.public_id], 0)


def test_offer_lays_the_policys_remedy_on_the_table_and_the_buyers_yes_pays_it():
    ticket = make_order_ticket()
    carry_out(step(ticket, "offer", "goodwill:5"), times=2)
    offer = Offer.objects.get()
    assert (offer.by, offer.remedy, offer.amount_minor, Refund.objects.count()) == (
        "agent",
        "goodwill",
        322,
        0,
    )
    operations.accept_offer(offer=offer.public_id, by="customer", now=offer.made_at)
    assert (Refund.objects.get().amount_minor, Ticket.objects.get().state) == (322, "decided")


def test_an_offer_that_lies_there_already_stays():
    ticket = make_order_ticket()
    operations.open_room(ticket=ticket.public_id, user_id=None, actor="clock", now=LATER)
    made = operations.make_offer(ticket=ticket.public_id, by="merchant", remedy="apology", now=LATER)
    carry_out(step(ticket, "offer", "goodwill:5"))
    assert list(Offer.objects.values_list("pk", "state")) == [(made.pk, "open")]


def test_without_an_order_no_sum_is_offered_and_the_supervisors_are_told():
    chief = make_agent(is_supervisor=True)
    ticket = make_ticket(merchant=make_order_ticket().merchant)
    told = carry_out(step(ticket, "offer", "goodwill:5"))
    assert (told["told"], Offer.objects.count(), Room.objects.count()) == ([chief.user.public_id], 0, 0)


def test_refer_shows_the_way_out_and_nothing_leaves_without_a_yes():
    ticket = make_ticket()
    before = Client().get(f"/complaints/{ticket.token}").content.decode()
    carry_out(step(ticket, "refer"), times=2)
    mail.outbox.clear()
    outbox.relay()
    [letter] = [one for one in mail.outbox if "who outside" in one.subject]
    page = Client().get(f"/complaints/{ticket.token}").content.decode()
    way = f"/complaints/{ticket.token}/outside"
    assert (way in before, way in page, way in letter.body, ticket.referrals.count()) == (
        False,
        True,
        True,
        0,
    )
    body = next(one["name"] for one in bodies_for(ticket))
    Client().post(way, {"body": body, "consent": "yes", "answer": "yes"})
    assert ticket.referrals.get().state == "prepared"


def test_where_nobody_outside_is_known_the_supervisors_are_told(monkeypatch: pytest.MonkeyPatch):
    ticket, chief = make_ticket(), make_agent(is_supervisor=True)
    monkeypatch.setattr("complaints.operations.ladder.bodies_for", lambda row: ())
    told = carry_out(step(ticket, "refer"))
    assert (told["not"], told["told"]) == ("no_body", [chief.user.public_id])


def test_the_houses_own_ladder_goes_all_the_way_by_itself():
    ticket = make_order_ticket(now=NOW)
    operations.sweep_clocks(now=LATER)
    outbox.relay()
    done = set(Escalation.objects.filter(done_at__isnull=False).values_list("result__do", flat=True))
    assert {"notify", "raise", "reassign", "mediate", "offer"} <= done
    assert (Room.objects.get(ticket=ticket).state, Offer.objects.get().remedy) == ("open", "goodwill")
