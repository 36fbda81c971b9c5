"""News of complaints: what has happened, in the past tense, with ids and plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ComplaintReceived:
    """A complaint came in; its complainant is owed an acknowledgement with its clocks."""

    ticket: str
    merchant: str
    market: str
    topic: str
    hazards: tuple[str, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MessageWritten:
    """Something was said that somebody else should read; `to` is customer, merchant, desk or (a note) colleagues."""

    ticket: str
    message: str
    to: str


@dataclass(frozen=True, slots=True)
class SellerAsked:
    """We wait for a seller without having written anything to it; it is told that we need its answer."""

    ticket: str


@dataclass(frozen=True, slots=True)
class ComplaintEscalated:
    """A step of the ladder was reached; what it asks for is still to be done."""

    escalation: int


@dataclass(frozen=True, slots=True)
class ComplaintDecided:
    ticket: str
    decision: str
    outcome: str


@dataclass(frozen=True, slots=True)
class GestureMade:
    """The desk gave something in passing, and it is carried out; its complainant is told."""

    ticket: str
    gesture: str


@dataclass(frozen=True, slots=True)
class ComplaintClosed:
    """Nobody works on it any more; the complainant is asked what they think of it."""

    ticket: str


@dataclass(frozen=True, slots=True)
class SettlementChanged:
    """What was decided or agreed is on its way (pending), paid, failed, opened with the seller (done), or waits for a choice."""

    ticket: str
    settlement: str
    state: str


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Something happened in the mediation room; `what`: opened, offered, agreed, declined, accepted, expired, closed, ended, joined."""

    ticket: str
    what: str
    offer: str
    by: str


@dataclass(frozen=True, slots=True)
class WayOutShown:
    """We did not settle a complaint in time; its complainant is shown who outside can look at it."""

    ticket: str


@dataclass(frozen=True, slots=True)
class ReferralChanged:
    """A complaint's case at a body outside reached another state."""

    ticket: str
    referral: str
    state: str
