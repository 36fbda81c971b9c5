"""What this app does when news is told. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from complaints import operations
from complaints.operations import letters, notices
from marketplace.kernel import clock, outbox


@outbox.subscribe("complaints.ComplaintEscalated", name="complaints.carry-out")
def carry_out(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Do what a step of the ladder asks for."""
    operations.carry_out(escalation_id=payload["escalation"], now=clock.now())


@outbox.subscribe("complaints.ComplaintReceived", name="complaints.send-acknowledgement")
def send_acknowledgement(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant that we have it, by when we answer and what happens next."""
    letters.send_acknowledgement(ticket=payload["ticket"], now=clock.now())


@outbox.subscribe("complaints.MessageWritten", name="complaints.send-message")
def send_message(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Send the complainant what the desk wrote."""
    if payload["to"] == "customer":
        letters.send_message(message=payload["message"], now=clock.now())


@outbox.subscribe("complaints.MessageWritten", name="complaints.note-mentions")
def note_mentions(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the colleagues whom a note names."""
    if payload["to"] == "colleagues":
        notices.note_mentions(message=payload["message"], now=clock.now())


@outbox.subscribe("complaints.ComplaintDecided", name="complaints.send-decision")
def send_decision(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Tell the complainant what was decided and why."""
    letters.send_decision(decision=payload["decision"], now=clock.now())


@outbox.subscribe("complaints.ComplaintClosed", name="complaints.ask-rating")
def ask_rating(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Ask once what the complainant thought of it."""
    letters.ask_rating(ticket=payload["ticket"], now=clock.now())
