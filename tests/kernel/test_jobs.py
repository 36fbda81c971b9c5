from datetime import UTC, datetime, timedelta

import pytest

from marketplace.kernel.jobs import each, run_slot, slot_of
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


def halve(number):
    if number == 3:
        raise KeyError(number)
    return number % 2 == 0


@pytest.mark.django_db
def test_one_of_many_that_fails_leaves_the_others_alone():
    run = run_slot(name="relay-outbox", work=lambda: {"halved": each([2, 3, 4, 5], halve)}, now=NOON)

    assert (run.outcome, run.detail) == ("failed", {"halved": 2, "failed": 1, "error": "KeyError: 3"})
    assert run_slot(name="relay-outbox", work=dict, now=NOON + timedelta(minutes=5)).outcome == "done"


def test_outside_a_job_a_failure_is_raised_once_all_were_tried():
    tried = []

    def work(number):
        tried.append(number)
        return halve(number)

    with pytest.raises(KeyError):
        each([2, 3, 4], work)
    assert tried == [2, 3, 4]
