"""How well complaints are handled, counted in the database: by month, market, topic, seller or agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from complaints.models import Clock, Ticket

GROUPS = {
    "month": TruncMonth("received_at"),
    "market": F("market"),
    "topic": F("topic"),
    "merchant": F("merchant"),
    "agent": F("agent__user__public_id"),
    "language": F("language"),
    "channel": F("channel"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report. Shares are of those that are over; None where there is nothing to share."""

    key: str
    received: int
    closed: int
    reopened: int
    first_in_time: float | None
    decided_in_time: float | None
    first_hours: float | None
    closed_hours: float | None
    rated: int
    satisfaction: float | None


def report(*, by: str, since: datetime, until: datetime) -> list[Row]:
    """Return one row per value of a group for complaints received in [since, until), in three queries."""
    received = Ticket.objects.filter(received_at__gte=since, received_at__lt=until).annotate(group=GROUPS[by])
    took = ExpressionWrapper(F("closed_at") - F("received_at"), output_field=DurationField())
    rows = {
        _key(row["group"]): row
        for row in received.values("group").annotate(
            n=Count("pk"),
            closed=Count("pk", filter=Q(state="closed")),
            reopened_n=Count("pk", filter=Q(reopened__gt=0)),
            took=Avg(took, filter=Q(closed_at__isnull=False)),
            rated=Count("rating", filter=Q(rating__score__isnull=False)),
            score=Avg("rating__score"),
        )
    }
    first, decided = _in_time(received, by, "first_response"), _in_time(received, by, "resolution")
    return [
        Row(
            key=key, received=row["n"], closed=row["closed"], reopened=row["reopened_n"],
            first_in_time=first.get(key, {}).get("share"), decided_in_time=decided.get(key, {}).get("share"),
            first_hours=first.get(key, {}).get("hours"),
            closed_hours=row["took"].total_seconds() / 3600 if row["took"] is not None else None,
            rated=row["rated"], satisfaction=float(row["score"]) if row["score"] is not None else None,
        )
        for key, row in sorted(rows.items())
    ]  # fmt: skip


def _in_time(received: QuerySet[Ticket], by: str, kind: str) -> dict[str, dict[str, float]]:
    """Return how many of the clocks of one kind that are over were met, and how long they took."""
    took = ExpressionWrapper(F("done_at") - F("started_at"), output_field=DurationField())
    rows = (
        Clock.objects.filter(ticket__in=received.values("pk"), kind=kind)
        .annotate(
            group=TruncMonth("ticket__received_at") if by == "month" else F(f"ticket__{GROUPS[by].name}")
        )
        .values("group")
        .annotate(
            met=Count("pk", filter=Q(state="met")),
            over=Count("pk", filter=Q(state__in=("met", "breached"))),
            took=Avg(took),
        )
    )
    return {
        _key(row["group"]): {
            "share": row["met"] / row["over"],
            **({"hours": row["took"].total_seconds() / 3600} if row["took"] is not None else {}),
        }
        for row in rows
        if row["over"]
    }


def _key(value: Any) -> str:
    return f"{value:%Y-%m}" if isinstance(value, datetime) else str(value or "")


def history_counts(*, prefix: str) -> dict[str, int]:
    """Return how many complaints carry each tag that begins with a prefix (``response:``), for histories taken over."""
    counts: dict[str, int] = {}
    for tags in Ticket.objects.filter(channel="import").values_list("tags", flat=True).iterator():
        for tag in tags:
            if tag.startswith(prefix):
                counts[tag.removeprefix(prefix)] = counts.get(tag.removeprefix(prefix), 0) + 1
    return counts
