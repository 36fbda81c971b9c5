"""Two workers judge the same subjects at the same time: one after the other, with one result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from compliance import rulebook
from compliance.checks import operations, sweeping
from compliance.checks.models import Finding, Judgement
from compliance.checks.outcomes import outcomes_of
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
    assert {sum(map(len, (r.sell, r.notice, r.blocked))) for r in Judgement.objects.filter(owner__gt="")} == {
        len(selling_markets())
    }
    assert Judgement.objects.exclude(judged_at=None).count() == 20


def test_without_the_lock_they_would_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both read that nothing is open, both open the same finding."""
    operations.judge(subject="listing:L-1", facts=honey(), now=NOW)
    both_have_read = threading.Barrier(2)
    read = operations._open_findings

    def unlocked(subjects: set[str], now: datetime) -> dict[str, Judgement]:
        return {row.subject: row for row in operations._rows(subjects)}

    def read_together(subjects: set[str]) -> Mapping:
        found = read(subjects)
        both_have_read.wait(timeout=20)
        return found

    monkeypatch.setattr(operations, "_locked", unlocked)
    monkeypatch.setattr(operations, "_open_findings", read_together)
    broken = honey(disclosures__allergens=None)
    raised = in_parallel(2, lambda n: operations.judge(subject="listing:L-1", facts=broken, now=NOW))
    assert [type(error) for error in raised] == [IntegrityError]


def _sweep_beside_a_lock(monkeypatch: pytest.MonkeyPatch, lock: str) -> tuple[set[str], list[Exception]]:
    """Sweep two listings by sets of rows while somebody holds the judgement of the first."""
    monkeypatch.setattr(sweeping, "LOCK", lock)
    subjects = ["listing:L-1", "listing:L-2"]
    operations.judge_many(subjects={one: honey(disclosures__honey_origins=None) for one in subjects}, now=NOW)
    law = outcomes_of(rulebook.default(), NOW.date())
    sweeping.follow(law, NOW)  # only by the law that is followed anything is written
    written: set[str] = set()
    with transaction.atomic():
        Judgement.objects.select_for_update().get(subject="listing:L-1")

        def work(number: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            written.update(sweeping._write_findings(subjects, law, NOW))

        raised = in_parallel(1, work)
    return written, raised


def test_a_sweep_passes_over_who_is_being_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _sweep_beside_a_lock(monkeypatch, sweeping.LOCK) == ({"listing:L-2"}, [])


def test_without_passing_over_it_would_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the sweep stands still until the other is done."""
    written, raised = _sweep_beside_a_lock(monkeypatch, sweeping.LOCK.replace("SKIP LOCKED", ""))
    assert (written, [type(error) for error in raised]) == (set(), [OperationalError])
