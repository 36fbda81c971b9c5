"""Whether clocks are being swept, as the alarm sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from complaints import operations
from complaints.models import Clock, Sweep
from complaints.queries.sweeps import LAG_ALARM, LAST_ALARM, sweep_health
from marketplace.kernel import clock
from tests.complaints.factories import make_ticket

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def due(*, ago: timedelta, **fields: object) -> Clock:
    """A clock whose next step has been due for so long."""
    one = make_ticket(now=clock.now()).clocks.get(kind="first_response")
    Clock.objects.exclude(pk=one.pk).update(next_action_at=None)
    Clock.objects.filter(pk=one.pk).update(next_action_at=clock.now() - ago, **fields)
    return one


def report() -> tuple[int, dict]:
    answer = Client().get("/healthz")
    return answer.status_code, answer.json()["complaint_clocks"]


def test_before_the_first_sweep_and_with_nothing_due_all_is_well():
    code, told = report()
    assert (code, told) == (200, {"well": True, "lag_seconds": 0.0, "last_finished": None, "put_aside": 0})


def test_a_step_that_waits_for_a_minute_is_an_alarm_and_a_sweep_ends_it():
    due(ago=LAG_ALARM + SECOND)
    code, told = report()
    assert (code, told["well"], told["lag_seconds"] >= LAG_ALARM.total_seconds()) == (503, False, True)
    operations.sweep_clocks()
    code, told = report()
    assert (code, told["well"], told["lag_seconds"]) == (200, True, 0.0)


def test_a_sweep_that_does_not_come_to_its_end_any_more_is_an_alarm_with_nothing_due():
    operations.sweep_clocks()
    before = report()[0]
    Sweep.objects.update(finished_at=clock.now() - LAST_ALARM - SECOND)
    code, told = report()
    assert (before, code, told["well"], told["lag_seconds"]) == (200, 503, False, 0.0)


def test_a_sweep_that_fails_has_not_come_to_its_end(monkeypatch: pytest.MonkeyPatch):
    operations.sweep_clocks()
    first = Sweep.objects.get().finished_at

    def broken(now: object, failed: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("complaints.operations.sweeping._batch", broken)
    with pytest.raises(RuntimeError):
        operations.sweep_clocks()
    assert Sweep.objects.get().finished_at == first


def test_sweeps_leave_one_row_with_what_the_last_one_did():
    due(ago=SECOND)
    operations.sweep_clocks()
    one = Sweep.objects.get()
    operations.sweep_clocks()
    two = Sweep.objects.get()
    assert ((one.clocks, one.failed), (two.clocks, two.failed), two.finished_at >= one.finished_at) == (
        (1, 0),
        (0, 0),
        True,
    )


def test_a_clock_that_was_put_aside_is_counted_and_raises_no_alarm():
    due(ago=LAG_ALARM * 9, is_quarantined=True)
    found = sweep_health(now=clock.now())
    assert (found.lag, found.put_aside, report()[0]) == (timedelta(0), 1, 200)


def test_the_look_asks_three_questions_whatever_there_is(django_assert_num_queries):
    for _ in range(3):
        due(ago=SECOND)
    with django_assert_num_queries(3):
        sweep_health(now=clock.now())
