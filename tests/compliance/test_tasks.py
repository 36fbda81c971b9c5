"""The scheduled sweep claims its slot and says what it did."""

from __future__ import annotations

import pytest

from compliance import tasks
from compliance.checks import operations, registry, sweeping
from marketplace.kernel.jobs import last_runs
from tests.compliance.samples import honey


@pytest.mark.django_db
def test_the_sweep_runs_once_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "KINDS", {})
    monkeypatch.setattr(operations, "KINDS", registry.KINDS)
    monkeypatch.setattr(sweeping, "KINDS", registry.KINDS)
    asked: list[str] = []

    def all_ids(after: str, limit: int, groups: object) -> list[str]:
        asked.append(after)
        return ["L-1"] if not after else []

    registry.register_subject(
        "listing", facts_of_many=lambda ids: {one: honey() for one in ids}, all_ids=all_ids
    )
    tasks.sweep_compliance()
    tasks.sweep_compliance()
    assert asked == ["", "L-1"]
    assert last_runs()["sweep-compliance"].detail["listing"] == {"looked_at": 1, "changed": 1}
