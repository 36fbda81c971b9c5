"""What this app does when news is told. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from complaints import operations
from marketplace.kernel import clock, outbox


@outbox.subscribe("complaints.ComplaintEscalated", name="complaints.carry-out")
def carry_out(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Do what a step of the ladder asks for."""
    operations.carry_out(escalation_id=payload["escalation"], now=clock.now())
