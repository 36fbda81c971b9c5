"""What we ask of a carrier, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from marketplace.kernel.money import Money

# What a scan means to us, by the carrier's code. Anything else is kept and changes nothing.
DISPATCHED = ("accepted", "collected", "sorted", "in_transit", "out_for_delivery")
DELIVERED = "delivered"
LOST = "lost"
CODES = (*DISPATCHED, DELIVERED, LOST, "announced", "held", "delayed")


@dataclass(frozen=True, slots=True)
class Booked:
    """A shipment that the carrier knows under its number."""

    number: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing that a carrier says happened to a parcel; it may come late, twice and in any order."""

    number: str
    code: str  # of CODES
    at: datetime
    place: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


class Carrier(Protocol):
    """A carrier of returns."""

    code: str
    name: str

    def book(self, *, key: str, method: str, pick_up_on: date | None, now: datetime) -> Booked:
        """Book a shipment, once per key."""

    def price(self, *, method: str, sent_from: str, sent_to: str, grams: int) -> Money:
        """Return what it asks for a parcel between two countries, in its own currency."""

    def scans_of(self, number: str, *, now: datetime) -> list[Scan]:
        """Return everything that happened to a parcel by now."""

    def read_webhook(self, body: bytes, signature: str) -> list[Scan]:
        """Return the scans of a message, verified. Raises Invalid if it is not from the carrier."""
