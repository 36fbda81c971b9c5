"""Two workers judge the same subjects at the same time: one after the other, with one result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from compliance.checks import operations
from compliance.checks.models import Clearance, Finding, Judgement
from compliance.rulebook.markets import selling_markets
from tests.compliance.samples import MERCHANT, honey, scarf

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def in_parallel(count: int, work: Callable[[int], Any]) -> list[Exception]:
    """Run `work(0)` … `work(count - 1)` on connections of their own, at once; return what they raised."""
    gate, raised = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            gate.wait()
            work(number)
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_parallel_judgements_leave_each_finding_once() -> None:
    unverified = {**MERCHANT, "verified": False}
    subjects = {f"listing:L-{n:02}": (honey if n % 2 else scarf)(merchant=unverified) for n in range(20)}

    def work(number: int) -> None:
        ordered = dict(sorted(subjects.items(), reverse=bool(number % 2)))
        operations.judge_many(subjects=ordered, now=NOW + timedelta(minutes=number))

    assert in_parallel(6, work) == []
    rows = Finding.objects.values_list("subject", "rule", "jurisdiction", "field")
    assert len(rows) == len(set(rows))
    assert Finding.objects.filter(state="closed").count() == 0
    assert Clearance.objects.count() == 20 * len(selling_markets())
    assert Judgement.objects.exclude(judged_at=None).count() == 20


def test_without_the_lock_they_would_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both read that nothing is open, both open the same finding."""
    operations.judge(subject="listing:L-1", facts=honey(), now=NOW)
    both_have_read = threading.Barrier(2)
    read = operations._open_findings

    def unlocked(subjects: set[str], now: datetime) -> dict[str, Judgement]:
        return {row.subject: row for row in Judgement.objects.filter(subject__in=subjects)}

    def read_together(subjects: set[str]) -> Mapping:
        found = read(subjects)
        both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(operations, "_locked", unlocked)
    monkeypatch.setattr(operations, "_open_findings", read_together)
    broken = honey(disclosures__allergens=None)
    raised = in_parallel(2, lambda n: operations.judge(subject="listing:L-1", facts=broken, now=NOW))
    assert [type(error) for error in raised] == [IntegrityError]
