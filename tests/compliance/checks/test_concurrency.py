"""Two workers judge the same subjects at the same time: one after the other, with one result."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from compliance.checks import operations
from compliance.checks.models import Clearance, Finding, Judgement
from compliance.rulebook.markets import selling_markets
from tests.compliance.samples import MERCHANT, honey, scarf

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_parallel_judgements_leave_each_finding_once() -> None:
    unverified = {**MERCHANT, "verified": False}
    subjects = {f"listing:L-{n:02}": (honey if n % 2 else scarf)(merchant=unverified) for n in range(20)}
    gate, failures = threading.Barrier(6), []

    def work(minutes: int) -> None:
        try:
            ordered = dict(sorted(subjects.items(), reverse=bool(minutes % 2)))
            gate.wait()
            operations.judge_many(subjects=ordered, now=NOW + timedelta(minutes=minutes))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    rows = Finding.objects.values_list("subject", "rule", "jurisdiction", "field")
    assert len(rows) == len(set(rows))
    assert Finding.objects.filter(state="closed").count() == 0
    assert Clearance.objects.count() == 20 * len(selling_markets())
    assert Judgement.objects.exclude(judged_at=None).count() == 20
