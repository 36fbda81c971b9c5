"""What this app does when news is told. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from complaints import operations
from complaints.operations import letters, notices, undelivered
from marketplace.kernel import clock, outbox


@outbox.subscribe("complaints.ComplaintEscalated", name="complaints.carry-out")
def carry_out(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Do what a step of the ladder asks for."""
    operations.carry_out(escalation_id=payload["escalation"], now=clock.now())


@outbox.subscribe(
    "complaints.ComplaintReceived", name="complaints.send-acknowledgement", parked=undelivered.unsent
)
def send_acknowledgement(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant that we have it, by when we answer and what happens next."""
    letters.send_acknowledgement(ticket=payload["ticket"], now=clock.now())


@outbox.subscribe("complaints.MessageWritten", name="complaints.send-message", parked=undelivered.unsent)
def send_message(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Send the complainant what the desk wrote."""
    if payload["to"] == "customer":
        letters.send_message(message=payload["message"], now=clock.now())
    elif payload["to"] == "room":
        letters.tell_room_message(message=payload["message"], side="customer", now=clock.now())


@outbox.subscribe("complaints.MessageWritten", name="complaints.send-seller", parked=undelivered.unsent)
def send_seller(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Send the seller what we ask, and what was said in the room."""
    if payload["to"] == "merchant":
        letters.send_question(ticket=payload["ticket"], message=payload["message"], now=clock.now())
    elif payload["to"] == "room":
        letters.tell_room_message(message=payload["message"], side="merchant", now=clock.now())


@outbox.subscribe("complaints.SellerAsked", name="complaints.ask-seller", parked=undelivered.unsent)
def ask_seller(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the seller that we wait for its answer."""
    letters.send_question(ticket=payload["ticket"], message="", now=clock.now())


@outbox.subscribe("complaints.MessageWritten", name="complaints.note-mentions")
def note_mentions(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the colleagues whom a note names."""
    if payload["to"] == "colleagues":
        notices.note_mentions(message=payload["message"], now=clock.now())


@outbox.subscribe("complaints.ComplaintDecided", name="complaints.send-decision", parked=undelivered.unsent)
def send_decision(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant what was decided and why."""
    letters.send_decision(decision=payload["decision"], now=clock.now())


@outbox.subscribe("complaints.GestureMade", name="complaints.send-gesture", parked=undelivered.unsent)
def send_gesture(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant what the desk gives in passing."""
    letters.send_gesture(gesture=payload["gesture"], now=clock.now())


@outbox.subscribe("complaints.ComplaintClosed", name="complaints.ask-rating", parked=undelivered.unsent)
def ask_rating(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask once what the complainant thought of it."""
    now = clock.now()
    if (until := letters.ask_rating_at(ticket=payload["ticket"])) > now:
        raise outbox.NotYet(until)
    letters.ask_rating(ticket=payload["ticket"], now=now)


@outbox.subscribe("orders.RefundPaid", name="complaints.settlement-paid")
@outbox.subscribe("orders.RefundFailed", name="complaints.settlement-failed")
def follow_refund(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Write down what became of money that a complaint brought back."""
    operations.follow_refund(refund=payload["refund"], now=clock.now())


@outbox.subscribe(
    "complaints.SettlementChanged", name="complaints.tell-settlement", parked=undelivered.unsent
)
def tell_settlement(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant that the money was paid, how much and when."""
    if payload["state"] == "paid":
        letters.send_settlement(settlement=payload["settlement"], now=clock.now())


@outbox.subscribe("complaints.RoomChanged", name="complaints.tell-room", parked=undelivered.unsent)
def tell_room(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the shopper what another side did in the mediation room."""
    letters.tell_room(**payload, side="customer", now=clock.now())


@outbox.subscribe("complaints.RoomChanged", name="complaints.tell-room-seller", parked=undelivered.unsent)
def tell_room_seller(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the seller what another side did in the mediation room."""
    letters.tell_room(**payload, side="merchant", now=clock.now())


@outbox.subscribe("complaints.WayOutShown", name="complaints.tell-way-out", parked=undelivered.unsent)
def tell_way_out(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant who outside can look at a complaint that we did not settle in time."""
    letters.send_way_out(ticket=payload["ticket"], now=clock.now())


@outbox.subscribe("complaints.ReferralChanged", name="complaints.tell-referral", parked=undelivered.unsent)
def tell_referral(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant how their case stands at a body outside."""
    letters.send_referral(referral=payload["referral"], state=payload["state"], now=clock.now())
