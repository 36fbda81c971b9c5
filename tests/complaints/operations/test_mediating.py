"""The mediation room: who may what, what everybody's yes brings about, and time that runs out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from complaints import operations
from complaints.domain import mediation
from complaints.domain.errors import Incomplete, OfferOver, RoomClosed, SecondPairOfEyes
from complaints.models import Decision, Offer, Room, Settlement, Ticket
from complaints.operations import mediating
from complaints.queries.rooms import room_of
from marketplace.accounts.models import Merchant, MerchantMember, User
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.money import Money
from orders.domain.errors import NothingToRefund
from orders.models import Refund
from tests.complaints.factories import NOW, make_agent, make_order, make_order_ticket, make_ticket
from tests.orders.operations.test_concurrency import at_once
from tests.races import end_behind

LATER = NOW + mediation.OFFER_LASTS
EUR = Money(1000, "EUR")


def room(ticket: Ticket | None = None) -> Ticket:
    ticket = ticket or make_order_ticket()
    user = make_agent().user_id
    operations.open_room(ticket=ticket.public_id, user_id=user, actor=f"user:{user}", now=NOW)
    ticket.refresh_from_db()
    return ticket


def offer(
    ticket: Ticket, by: str = "merchant", remedy: str = "refund", amount: Money | None = EUR, **more: Any
) -> Offer:
    return operations.make_offer(
        ticket=ticket.public_id, by=by, remedy=remedy, amount=amount, **{"now": NOW, **more}
    )


def accept(one: Offer, by: str, **more: Any) -> Offer:
    return operations.accept_offer(offer=one.public_id, by=by, **{"now": NOW, **more})


@pytest.mark.django_db
def test_an_open_room_lets_the_complaint_wait_and_is_opened_once():
    ticket = room()
    user = make_agent().user_id
    operations.open_room(ticket=ticket.public_id, user_id=user, actor="a", now=LATER)
    assert (ticket.state, Room.objects.get().until) == ("waiting_outside", NOW + mediation.ROOM_LASTS)


@pytest.mark.django_db
def test_without_a_seller_there_is_nobody_to_agree_with():
    with pytest.raises(Incomplete):
        room(make_ticket())


@pytest.mark.django_db
def test_the_other_partys_yes_pays_and_decides():
    ticket = room()
    one = accept(offer(ticket, words="Sorry."), "customer")
    ticket.refresh_from_db()
    decision = Decision.objects.get()
    assert (one.state, ticket.state, Room.objects.get().state) == ("accepted", "decided", "agreed")
    assert (decision.outcome, decision.offer_id, decision.amount_minor, "Sorry." in decision.reason) == (
        "settled",
        one.pk,
        1000,
        True,
    )
    assert (Refund.objects.get().amount_minor, Settlement.objects.get().state) == (1000, "pending")


@pytest.mark.django_db
def test_an_agents_offer_needs_both():
    ticket = room()
    one = offer(ticket, by="agent")
    assert accept(one, "customer").state == "open"
    assert accept(one, "customer").state == "open"
    assert Refund.objects.count() == 0
    assert accept(one, "merchant").state == "accepted"
    assert accept(one, "merchant").state == "accepted"
    assert Refund.objects.count() == 1


@pytest.mark.django_db
def test_goodwill_is_the_desks_to_offer_the_shoppers_to_take_and_large_sums_are_not_offered():
    ticket = room(make_order_ticket(make_order(price=40_000)))
    with pytest.raises(Incomplete):
        offer(ticket, by="merchant", remedy="goodwill")
    with pytest.raises(SecondPairOfEyes):
        offer(ticket, by="agent", remedy="goodwill", amount=Money(50_000, "EUR"))
    one = offer(ticket, by="agent", remedy="goodwill")
    with pytest.raises(NotAllowed):
        accept(one, "merchant")
    assert accept(one, "customer").state == "accepted"
    assert list(Refund.objects.get().parts.values_list("kind", flat=True)) == ["goodwill"]


@pytest.mark.django_db
@pytest.mark.parametrize("by", mediation.SIDES)
@pytest.mark.parametrize("side", mediation.SIDES)
def test_nobody_says_yes_for_another(by: str, side: str):
    one = offer(room(), by=by)
    if side in mediation.needed(by, "refund"):
        assert getattr(accept(one, side), f"{side}_agreed_at") == NOW
    else:
        with pytest.raises(NotAllowed):
            accept(one, side)


@pytest.mark.django_db
def test_a_counter_takes_the_place_of_what_was_seen_and_of_nothing_else():
    ticket = room()
    first = offer(ticket)
    second = offer(ticket, by="customer", amount=Money(2000, "EUR"), seen=first.public_id)
    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "open")
    with pytest.raises(OfferOver):
        offer(ticket, seen=first.public_id)
    with pytest.raises(OfferOver):
        accept(first, "customer")


@pytest.mark.django_db
def test_declined_is_off_the_table_and_the_room_stays_open():
    ticket = room()
    one = offer(ticket)
    for _ in range(2):
        operations.decline_offer(offer=one.public_id, by="customer", now=NOW)
    view = room_of(ticket, now=NOW)
    assert view is not None
    assert (view.is_open, view.on_the_table, view.offers[0].state) == (
        True,
        None,
        "declined",
    )


@pytest.mark.django_db
def test_time_ends_an_offer_and_then_the_room():
    ticket = room()
    one = offer(ticket)
    with pytest.raises(OfferOver):
        accept(one, "customer", now=LATER)
    assert (operations.close_due(now=LATER), operations.close_due(now=LATER)) == (1, 0)
    one.refresh_from_db()
    assert one.state == "expired"
    with pytest.raises(RoomClosed):
        offer(ticket, now=NOW + mediation.ROOM_LASTS)
    operations.close_due(now=NOW + mediation.ROOM_LASTS)
    ticket.refresh_from_db()
    assert (Room.objects.get().state, ticket.state) == ("failed", "open")
    room(ticket)
    assert Room.objects.get().state == "open"


@pytest.mark.django_db
def test_a_decision_closes_the_room_and_its_offer():
    ticket = room()
    one = offer(ticket)
    verdict = operations.Verdict(outcome="upheld", reason="Yes.", cause="no_fault")
    operations.decide(ticket=ticket.public_id, verdict=verdict, user_id=make_agent().user_id, now=NOW)
    one.refresh_from_db()
    assert (Room.objects.get().state, one.state) == ("failed", "expired")
    with pytest.raises(RoomClosed):
        accept(one, "customer")


@pytest.mark.django_db
def test_what_cannot_be_paid_any_more_is_not_agreed():
    order = make_order(pieces=1, price=1000)
    ticket = room(make_order_ticket(order))
    one = offer(ticket, amount=Money(order.total_minor, "EUR"))
    other = make_order_ticket(order)
    verdict = operations.Verdict(
        outcome="upheld", reason="Yes.", cause="no_fault", remedy="refund", amount=Money(500, "EUR")
    )
    operations.decide(ticket=other.public_id, verdict=verdict, user_id=make_agent().user_id, now=NOW)
    with transaction.atomic(), pytest.raises(NothingToRefund), transaction.atomic():
        accept(one, "customer")
    one.refresh_from_db()
    assert (one.state, one.customer_agreed_at) == ("open", None)


@pytest.mark.django_db
def test_what_is_said_in_the_room_is_for_all_three_and_moves_nothing():
    ticket = room()
    operations.say(ticket=ticket.public_id, kind="customer", body="Half is fair.", now=NOW, in_room=True)
    ticket.refresh_from_db()
    view = room_of(ticket, now=NOW)
    assert view is not None
    assert (ticket.state, [one.body for one in view.messages]) == (
        "waiting_outside",
        ["Half is fair."],
    )


@pytest.mark.django_db(transaction=True)
def test_both_sides_get_letters_but_nobody_their_own():
    ticket = room()
    offer(ticket)
    outbox.relay()
    outbox.relay()
    told = sorted(
        (one.to[0], one.alternatives[0][0].count("/room"))
        for one in mail.outbox
        if "Mediation" in one.subject
    )
    seller = next(address for address, _ in told if address.startswith("seller"))
    assert [address for address, _ in told] == ["ada@example.com", "ada@example.com", seller]


@pytest.mark.django_db(transaction=True)
def test_pressing_accept_twice_at_once_pays_once():
    one = offer(room())
    assert at_once(lambda _: accept(one, "customer").state, 3) == ["accepted"] * 3
    assert (Refund.objects.count(), Decision.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_offer_that_is_replaced_meanwhile_is_not_accepted():
    ticket = room()
    one = offer(ticket)
    ended = end_behind(
        lambda: offer(ticket, amount=Money(100, "EUR"), seen=one.public_id),
        lambda: accept(one, "customer").state,
    )
    assert (ended, Refund.objects.count()) == ("OfferOver", 0)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_race_pays_for_an_offer_that_was_replaced(monkeypatch: pytest.MonkeyPatch):
    """The negative control: read before the other commits, and not looked at again."""
    from complaints.operations import mediating

    ticket = room()
    one = offer(ticket)
    stale = Offer.objects.get(pk=one.pk)

    def unlocked(name: str) -> tuple[Ticket, Offer]:
        return mediating.lock_ticket(ticket.public_id), stale

    monkeypatch.setattr(mediating, "_locked", unlocked)
    end_behind(
        lambda: offer(ticket, amount=Money(100, "EUR"), seen=one.public_id),
        lambda: accept(one, "customer").state,
    )
    assert Refund.objects.get().amount_minor == 1000


def test_lengths_of_time_make_sense():
    assert timedelta(days=mediation.OFFER_MOST_DAYS) <= mediation.ROOM_LASTS


def say_in(ticket: Ticket, **more: Any) -> Any:
    return operations.say(
        ticket=ticket.public_id, kind="customer", body="Hello?", in_room=True, **{"now": NOW, **more}
    )


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["never opened", "closed by the desk", "time is over", "ticket closed"])
def test_nothing_is_said_in_a_room_that_is_not_open(how: str):
    ticket, now = make_order_ticket(), NOW
    if how != "never opened":
        room(ticket)
    if how == "closed by the desk":
        operations.close_room(ticket=ticket.public_id, actor="a", now=NOW)
    elif how == "ticket closed":
        operations.take_step(ticket=ticket.public_id, action="close", actor="a", now=NOW)
    elif how == "time is over":
        now = NOW + mediation.ROOM_LASTS
    with pytest.raises(RoomClosed):
        say_in(ticket, now=now)
    assert ticket.messages.count() == 1


@pytest.mark.django_db
def test_what_was_said_before_the_room_closed_is_the_same_when_it_comes_again():
    ticket = room()
    said = say_in(ticket, key="k")
    operations.close_room(ticket=ticket.public_id, actor="a", now=NOW)
    assert say_in(ticket, key="k") == said


@pytest.mark.django_db
def test_a_room_of_a_complaint_that_was_merged_away_speaks_to_nobody():
    order = make_order()
    ticket, other = room(make_order_ticket(order)), room(make_order_ticket(order))
    operations.merge(ticket=ticket.public_id, into=other.public_id, actor="a", now=NOW)
    with pytest.raises(RoomClosed):
        say_in(ticket)
    assert other.messages.filter(in_room=True).count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["close", "merge", "issue"])
def test_a_room_ends_with_its_complaint(how: str):
    order = make_order()
    ticket = room(make_order_ticket(order))
    one, number, what = offer(ticket), ticket.public_id, "joined" if how == "merge" else "ended"
    if how == "close":
        operations.take_step(ticket=number, action="close", actor="a", now=NOW)
    elif how == "merge":
        operations.merge(ticket=number, into=make_order_ticket(order).public_id, actor="a", now=NOW)
    else:
        agent = make_agent()
        issue = operations.open_issue(title="x", owner_id=agent.pk, actor="a", now=NOW, tickets=[number])
        operations.close_issue(
            issue=issue.public_id, cause="no_fault", answers={"en": "Done."}, author_id=agent.user_id,
            author_name="A", actor="a", now=NOW,
        )  # fmt: skip
    one.refresh_from_db()
    assert (Room.objects.get().state, Room.objects.get().closed_at, one.state) == ("failed", NOW, "expired")
    with pytest.raises((RoomClosed, OfferOver)):
        accept(one, "customer")
    assert (Refund.objects.count(), ticket.events.filter(kind="room", data__what=what).count()) == (0, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("how", "said"), [("close", "and the room with it"), ("merge", "joined with another")]
)
def test_both_sides_are_told_that_the_room_ended_with_the_complaint(how: str, said: str):
    ticket, other = room(), make_ticket()
    outbox.relay()
    mail.outbox.clear()
    if how == "close":
        operations.take_step(ticket=ticket.public_id, action="close", actor="a", now=NOW)
    else:
        operations.merge(ticket=ticket.public_id, into=other.public_id, actor="a", now=NOW)
    outbox.relay()
    told = [one for one in mail.outbox if "Mediation" in one.subject]
    assert [(said in one.body, "we decide it" in one.body) for one in told] == [(True, False)] * 2


@pytest.mark.django_db
def test_an_offer_that_cannot_be_ended_keeps_no_other_open(monkeypatch: pytest.MonkeyPatch):
    order = make_order()
    bad, good = (offer(room(make_order_ticket(order))) for _ in range(2))
    step = mediating._step

    def failing(one: Offer, *told: Any) -> None:
        if one.pk == bad.pk:
            raise RuntimeError
        step(one, *told)

    monkeypatch.setattr(mediating, "_step", failing)
    assert operations.close_due(now=LATER) == 1
    states = dict(Offer.objects.values_list("pk", "state"))
    assert states == {bad.pk: "open", good.pk: "expired"}
    monkeypatch.undo()
    assert operations.close_due(now=LATER) == 1


@pytest.mark.django_db(transaction=True)
def test_each_side_reads_its_own_language_and_time():
    order = make_order()
    seller = Merchant.objects.get(public_id=order.merchant.public_id)
    Merchant.objects.filter(pk=seller.pk).update(time_zone="Asia/Tokyo")
    for name, language, role in (("a", "fr", "editor"), ("b", "de", "owner")):
        user = User.objects.create_user(f"{name}@example.com", "secret", language=language)
        MerchantMember.objects.create(merchant=seller, user=user, role=role)
    room(make_order_ticket(order, language="en", time_zone="America/New_York"))  # until 10:00 UTC
    outbox.relay()
    told = {one.to[0]: one.body for one in mail.outbox if "/room" in one.body}
    shopper, merchant = told["ada@example.com"], told[seller.email]
    assert ("7 December 2026" in shopper, "05:00" in shopper) == (True, True)
    assert ("Montag, 7. Dezember 2026" in merchant, "19:00" in merchant) == (True, True)
