"""Counting the day for the trend."""

from __future__ import annotations

from datetime import datetime

from compliance.radar.models import RadarDay
from compliance.radar.queries import totals


def count_day(*, now: datetime) -> RadarDay:
    """Keep today's counts; the first count of a day stands."""
    found = totals()
    row, _ = RadarDay.objects.get_or_create(day=now.date(), defaults={**found, "counted_at": now})
    return row
