"""Faults 19 and 20: a broker that dies or forgets everything, three schedulers or none."""

from __future__ import annotations

import pytest
import redis
from celery import Celery
from django.db import connection
from django.db.models import Count

from complaints.models import Clock
from marketplace.embedded.process import wait_until
from marketplace.kernel import jobs
from marketplace.kernel.models import JobRun
from tests.complaints.factories import NOW
from tests.races import end_behind
from tests.reliability.filling import Tally, each_once, fill, tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CELERY = ("-m", "celery", "-A", "marketplace", "--quiet")
WORKER = (*CELERY, "worker", "--concurrency=2", "--queues=default,bulk", "--without-gossip", "--without-mingle", "--without-heartbeat")  # fmt: skip
BEAT = (*CELERY, "beat", "--pidfile=")
SLOT_ONCE = "kernel_jobrun_slot"  # of the database: a slot of a job is claimed once
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


def test_what_only_the_broker_knew_is_gone_when_it_forgets(env, start, broker):
    """The negative control of fault 19: deadlines as messages of the broker, and nothing that sweeps."""
    ours = {**env, "REDIS_URL": broker.url(broker.home.secrets())}
    fill(20)
    link = redis.Redis.from_url(ours["REDIS_URL"])
    _send(ours["REDIS_URL"], "complaints.tasks.sweep_clocks", "complaints.tasks.sweep_clocks")
    waiting = link.llen("default")
    link.flushall()
    _send(ours["REDIS_URL"], "marketplace.kernel.tasks.relay_outbox")  # comes after what is gone
    start(ours, *WORKER)
    assert wait_until(
        lambda: JobRun.objects.filter(name="relay-outbox", outcome="done").exists(), seconds=180
    )
    assert (waiting, swept(), tally()) == (2, 0, Tally(0, 0, 0, 0))


def _send(url: str, *tasks: str) -> None:
    with Celery(broker=url, set_as_current=False) as sender:
        for task in tasks:
            sender.send_task(task, queue="default")


@pytest.fixture
def slots_for_everybody(transactional_db):
    """The database no longer says that a slot of a job is once; afterwards it does again."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE kernel_jobrun DROP CONSTRAINT {SLOT_ONCE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_jobrun")
        cursor.execute(f"ALTER TABLE kernel_jobrun ADD CONSTRAINT {SLOT_ONCE} UNIQUE (name, slot)")


def _runs_of_one_slot() -> int:
    """Let a second scheduler's worker claim a slot while the first has not committed; return how often it ran."""
    ran: list[int] = []

    def claim() -> None:
        jobs.run_slot(name="sweep-clocks", work=lambda: ran.append(1) or {}, now=NOW)

    end_behind(claim, claim)
    return len(ran)


def test_two_schedulers_that_claim_one_slot_at_once_run_it_once():
    assert (_runs_of_one_slot(), JobRun.objects.count()) == (1, 1)


def test_without_the_unique_slot_two_schedulers_run_it_twice(slots_for_everybody):
    """The negative control of fault 20."""
    assert (_runs_of_one_slot(), JobRun.objects.count()) == (2, 2)
