"""Services that run for a time: since when, and how much of them was used until somebody withdrew.

A service begins when its seller says so, as a parcel without a tracking number; before that nothing of it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from returns.domain.states import BINDING
from returns.models import WithdrawalLine


@dataclass(frozen=True, slots=True)
class Used:
    """So many pieces of a service that were withdrawn from, after so many of its days."""

    pieces: int
    days: int


def is_service(line: Any) -> bool:
    """Tell whether an order line is a service, so that nothing of it goes back by parcel."""
    return bool(line.rights.get("contract_type") == "service" and line.rights.get("service_days"))


def begun_on(order: Any, line: Any) -> date | None:
    """Return the day, where the shopper is, on which all pieces of a service had begun; from prefetched parcels."""
    zone = ZoneInfo(order.group.time_zone)
    sent = [
        (parcel.shipped_at, part.quantity)
        for parcel in order.parcels.all()
        for part in parcel.lines.all()
        if parcel.state != "lost" and part.line_id == line.pk
    ]
    if sum(count for _, count in sent) < line.quantity:
        return None
    return max(at for at, _ in sent).astimezone(zone).date()


def days_used(order: Any, line: Any, *, until: date) -> int:
    """Return how many whole days of a service have gone by on a day: never below 0, never beyond its length."""
    start = begun_on(order, line)
    return max(0, min((until - start).days, int(line.rights["service_days"]))) if start else 0


def is_requested(line: Any) -> bool:
    """Tell whether it is stored that the shopper asked for the service to begin at once, and in which words."""
    return "service_request" in line.consent


def service_facts(line: Any, *, price: str, days: int) -> dict[str, Any]:
    """Return a service as the calculator of refunds takes it; without stored proof nothing was asked for."""
    return {
        "price": price,
        "period_days": int(line.rights["service_days"]),
        "days_used": days,
        "started_on_express_request": is_requested(line),
        "informed": line.rights.get("information_given", True) is not False,
    }


def used_of(order: Any) -> Mapping[int, Sequence[Used]]:
    """Return what was withdrawn from of each service of an order, by the line's key; one query if there is any."""
    services = {line.pk: line for line in order.lines.all() if is_service(line)}
    if not services:
        return {}
    zone, found = ZoneInfo(order.group.time_zone), {pk: [] for pk in services}  # type: dict[int, list[Used]]
    rows = WithdrawalLine.objects.filter(line__in=services, state__in=BINDING, binding__gt=0)
    for row in rows.select_related("withdrawal").order_by("pk"):
        until = row.withdrawal.declared_at.astimezone(zone).date()
        found[row.line_id].append(Used(row.binding, days_used(order, services[row.line_id], until=until)))
    return found
