"""Whether the clocks of complaints are being swept: how far behind the sweep is, and when one last came to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.domain.states import LIVE_CLOCKS
from complaints.models import Clock, Sweep
from marketplace.kernel.health import Reading

LAG_ALARM = timedelta(seconds=60)  # of the step that has been due the longest
LAST_ALARM = timedelta(minutes=2)  # since a sweep came to its end; the schedule asks for one every 15 seconds


@dataclass(frozen=True, slots=True)
class SweepHealth:
    """How the sweep stands at an instant."""

    lag: timedelta  # how long the oldest step has been due; none: 0
    finished_at: datetime | None  # the end of the last sweep; None before the first
    put_aside: int  # clocks that failed too often and wait for somebody

    def is_well(self, now: datetime) -> bool:
        """Tell whether nothing that is due waits for long, and sweeps still come to their end."""
        is_going = self.finished_at is None or now - self.finished_at < LAST_ALARM
        return self.lag < LAG_ALARM and is_going


def sweep_health(*, now: datetime) -> SweepHealth:
    """Return how the sweep stands, in three queries that read an index each."""
    waiting = Clock.objects.filter(
        state__in=LIVE_CLOCKS, is_quarantined=False, next_action_at__isnull=False, next_action_at__lte=now
    )
    oldest = waiting.order_by("next_action_at", "pk").values_list("next_action_at", flat=True).first()
    return SweepHealth(
        lag=now - oldest if oldest else timedelta(0),
        finished_at=Sweep.objects.values_list("finished_at", flat=True).first(),
        put_aside=Clock.objects.filter(is_quarantined=True).count(),
    )


def read_health(now: datetime) -> Reading:
    """Return how the sweep stands, as `/healthz` shows it."""
    found = sweep_health(now=now)
    figures = {
        "lag_seconds": round(found.lag.total_seconds(), 1),
        "last_finished": found.finished_at.isoformat() if found.finished_at else None,
        "put_aside": found.put_aside,
    }
    return Reading(found.is_well(now), figures)
