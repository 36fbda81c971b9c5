"""What this app does when it or others announce news. Idempotent: news may come twice."""

from __future__ import annotations

import uuid
from typing import Any

from compliance import tasks
from compliance.edition import keeping
from marketplace.kernel.outbox import subscribe


@subscribe("compliance.AppealDecided", name="compliance.judge_appealed")
def judge_appealed(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Judge a subject again whose merchant was right."""
    kind, _, one = payload["subject"].partition(":")
    tasks.judge_subjects.delay(kind, [one])


@subscribe("compliance.RulebookChanged", name="compliance.judge_touched")
def judge_touched(payload: dict[str, Any], event_id: uuid.UUID) -> None:
    """Judge again whom the changed rules can concern; nobody waits for it."""
    keeping.take_over()
    tasks.judge_touched.delay(list(payload["rules"]))
