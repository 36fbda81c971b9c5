"""Faults 19 and 20: a broker that dies or forgets everything, three schedulers or none."""

from __future__ import annotations

import pytest
import redis
from django.db.models import Count

from complaints.models import Clock
from marketplace.embedded.process import wait_until
from marketplace.kernel.models import JobRun
from tests.reliability.filling import each_once, fill, tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CELERY = ("-m", "celery", "-A", "marketplace", "--quiet")
WORKER = (*CELERY, "worker", "--concurrency=2", "--queues=default,bulk", "--without-gossip", "--without-mingle", "--without-heartbeat")  # fmt: skip
BEAT = (*CELERY, "beat", "--pidfile=")
SWEEPER = ("manage.py", "sweep_clocks", "--every=0.5")


def all_taken() -> bool:
    return not Clock.objects.filter(state="running").exists()


def swept() -> int:
    return JobRun.objects.filter(name="sweep-clocks", outcome="done").count()


def test_without_broker_and_scheduler_the_process_alone_takes_every_step(env, start):
    nowhere = {**env, "REDIS_URL": "redis://127.0.0.1:1/0"}
    fill(500, first=-5, last=3)
    start(nowhere, *SWEEPER)
    assert wait_until(all_taken, seconds=180)
    assert tally() == each_once(500)


def test_three_schedulers_and_a_broker_that_forgets_and_dies_take_each_step_once(env, start, broker):
    ours = {**env, "REDIS_URL": broker.url(broker.home.secrets())}
    fill(300)
    for program in (WORKER, BEAT, BEAT, BEAT):
        start(ours, *program)
    assert wait_until(all_taken, seconds=180)
    assert wait_until(lambda: swept() > 3, seconds=120)
    redis.Redis.from_url(ours["REDIS_URL"]).flushall()
    Clock.objects.all().update(
        state="running", next_action_at=Clock.objects.earliest("due_at").due_at, next_level=0
    )
    assert wait_until(all_taken, seconds=180), "after everything was forgotten"
    broker.process.kill()
    broker.process.wait()
    before = swept()
    broker.restart()
    assert wait_until(lambda: swept() > before, seconds=180), "after the broker came back"
    twice = JobRun.objects.values("name", "slot").annotate(n=Count("pk")).filter(n__gt=1).count()
    assert (tally(), twice) == (each_once(300), 0)
