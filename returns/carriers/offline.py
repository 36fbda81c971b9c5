"""A carrier without a network that behaves like a real one: numbers with check digits, scans in time, signed news.

Numbers follow UPU standard S10: two letters, eight digits, a check digit (weights 8 6 4 2 3 5 9 7, modulo 11)
and a country. Its books stand in a table of our own, as those of the offline payment provider do.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import Money
from orders.domain.tracking import check_number
from returns.carriers.protocol import CODES, Booked, Scan
from returns.carriers.tariff import price_of
from returns.models import OfflineShipment

_WAY = (
    ("accepted", timedelta(0), "parcel shop"),
    ("sorted", timedelta(hours=9), "depot"),
    ("out_for_delivery", timedelta(hours=30), "depot"),
    ("delivered", timedelta(hours=34), "merchant"),
)
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def s10(serial: int) -> str:
    """Return the number of a return: ``RR123456785XZ`` (XZ is no country's code)."""
    digits = f"{serial % 10**8:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11
    check = {10: 0, 11: 5}.get(rest, rest)
    return f"RR{digits}{check}XZ"


class OfflineCarrier:
    """Books, scans and tells; nothing leaves this machine."""

    code: ClassVar[str] = "rightful"
    name: ClassVar[str] = "Rightful Parcel (test)"

    @transaction.atomic
    def book(self, *, key: str, method: str, pick_up_on: date | None, now: datetime) -> Booked:
        """Book a shipment, once per key."""
        known = OfflineShipment.objects.filter(key=key).first()
        if known is None:
            last = OfflineShipment.objects.select_for_update().order_by("-serial").first()
            serial = (last.serial if last else 47_000_000) + 1
            known = OfflineShipment.objects.create(
                number=check_number("s10", s10(serial)), key=key, serial=serial, method=method, booked_at=now
            )
        return Booked(known.number)

    def price(self, *, method: str, sent_from: str, sent_to: str, grams: int) -> Money:
        """Return the price by its tariff."""
        return price_of(sent_from=sent_from, sent_to=sent_to, method=method, grams=grams)

    def hand_over(self, number: str, *, at: datetime) -> None:
        """What the clerk at the counter or the driver at the door does: the first scan."""
        OfflineShipment.objects.filter(number=number, handed_over_at=None).update(handed_over_at=at)

    def scans_of(self, number: str, *, now: datetime) -> list[Scan]:
        """Return everything that happened to a parcel by now."""
        found = OfflineShipment.objects.filter(number=number).first()
        if found is None or found.handed_over_at is None:
            return []
        first = "collected" if found.method == "pick_up" else "accepted"
        way = [(first if code == "accepted" else code, after, place) for code, after, place in _WAY]
        way = [*way[:2], ("lost", timedelta(days=10), "depot")] if found.is_lost else way
        at = found.handed_over_at
        return [Scan(number, code, at + after, place) for code, after, place in way if at + after <= now]

    def read_webhook(self, body: bytes, signature: str) -> list[Scan]:
        """Return the scans of a message, verified by its signature."""
        if not hmac.compare_digest(sign(body), signature):
            raise Invalid("This is not from the carrier.", field="signature")
        try:
            rows = json.loads(body)["scans"]
            return [self._scan(row) for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid("This message cannot be read.", field="body") from error

    def _scan(self, row: dict[str, str]) -> Scan:
        at = datetime.fromisoformat(row["at"])
        if row["code"] not in CODES or at.tzinfo is None:
            raise ValueError
        return Scan(str(row["number"]), row["code"], at, str(row.get("place", ""))[:120], dict(row))


def sign(body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA-256 under a key made from the site's secret."""
    key = hashlib.sha256(f"carrier:{settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, body, hashlib.sha256).hexdigest()
