"""An agent's news."""

from __future__ import annotations

from complaints.models import Agent, Notice


def notices_of(agent: Agent, *, limit: int = 100) -> list[Notice]:
    """Return what an agent should know, the newest first."""
    rows = Notice.objects.filter(agent=agent).select_related("ticket")
    return list(rows.order_by("-made_at", "-pk")[:limit])
