from datetime import UTC, datetime

import pytest

from marketplace.kernel.jobs import run_slot, slot_of
from marketplace.kernel.models import JobRun

NOON = datetime(2026, 11, 23, 12, 0, 3, tzinfo=UTC)


def test_a_slot_starts_at_a_multiple_of_its_length():
    assert slot_of(seconds=60, now=NOON) == datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_two_schedulers_make_one_run_of_a_slot():
    done = []

    runs = [run_slot(name="relay-outbox", work=lambda: done.append(1), now=NOON) for _ in range(2)]

    assert (len(done), [run.outcome if run else None for run in runs]) == (1, ["done", None])


@pytest.mark.django_db
def test_a_failed_run_says_why():
    with pytest.raises(ZeroDivisionError):
        run_slot(name="relay-outbox", work=lambda: 1 / 0, now=NOON)

    run = JobRun.objects.get()
    assert (run.outcome, run.detail) == ("failed", {"error": "ZeroDivisionError: division by zero"})
