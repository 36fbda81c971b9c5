"""Faults 17, 23, 26, 27 and 28: sweepers that are killed, agents in between, poison, a backlog, a lock that is held."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models import QuerySet

from complaints import operations
from complaints.models import Clock, Escalation
from complaints.operations import notices, sweeping
from complaints.operations.notices import send_digests
from marketplace.kernel import outbox
from tests.complaints.factories import NOW, make_agent, make_ticket
from tests.races import end_behind
from tests.reliability.conftest import said_by
from tests.reliability.filling import each_once, fill, tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
BACKLOG = int(os.environ.get("RIGHTFUL_BACKLOG", "2000"))
DRAIN = 60  # seconds for the big backlog; the small one has its share of them
DYING = ("-m", "tests.reliability.dying")


def test_eight_sweepers_killed_in_the_middle_take_every_step_once(env):
    fill(BACKLOG)
    started, died = map(int, said_by(env, *DYING, "sweep", "--kill=0.15").split())
    assert (tally(), died > 5, started == 8 + died) == (each_once(BACKLOG), True, True)


def _forget_that_steps_are_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE complaints_escalation DROP CONSTRAINT complaints_escalation_once")


@pytest.fixture
def without_constraint(transactional_db):
    """The database no longer says that a step is once; afterwards it does again."""
    _forget_that_steps_are_once()
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE complaints_escalation CASCADE")  # its rows are never deleted otherwise
        cursor.execute(
            "ALTER TABLE complaints_escalation ADD CONSTRAINT complaints_escalation_once UNIQUE (clock_id, generation, level)"
        )


def test_the_claim_alone_keeps_steps_from_being_taken_twice(env, without_constraint):
    fill(400)
    said_by(env, *DYING, "sweep", "--kill=0.1")
    assert tally() == each_once(400)


def test_the_constraint_alone_keeps_steps_from_being_taken_twice(env):
    fill(400)
    said_by(env, *DYING, "naive", "--batch=100")
    assert tally() == each_once(400)


def test_with_neither_claim_nor_constraint_steps_are_taken_twice(env, without_constraint):
    """The negative control: these tests see the fault when it is there."""
    found = []
    while not any(rows > each_once(400).rows for rows in found) and len(found) < 6:
        with connection.cursor() as cursor:  # they take the same batch only when they look at the same moment
            cursor.execute("TRUNCATE complaints_ticket CASCADE")
        fill(400)
        said_by(env, *DYING, "naive", "--batch=100")
        found.append(tally().rows)
    assert max(found) > each_once(400).rows


def test_a_backlog_is_drained_in_order_with_true_days_and_one_letter_for_each_recipient(env):
    make_agent(is_supervisor=True)
    fill(BACKLOG, first=-7200, last=-10)
    began = time.perf_counter()
    swept = operations.sweep_clocks()
    took = time.perf_counter() - began
    late = Escalation.objects.filter(level=1).values_list("due_at", "clock__due_at")
    assert (swept.clocks, tally(), all(due == of_clock for due, of_clock in late)) == (
        BACKLOG, each_once(BACKLOG), True,
    )  # fmt: skip
    assert took < max(DRAIN * BACKLOG / 50_000, 10), f"{took:.1f} s"


def test_of_many_notices_each_recipient_gets_one_letter():
    one, two = make_agent(is_supervisor=True), make_agent(is_supervisor=True)
    for _ in range(6):
        make_ticket(body="There was smoke.")
    operations.sweep_clocks(now=NOW + timedelta(hours=3))
    outbox.relay()
    mail.outbox.clear()
    send_digests(now=NOW + timedelta(hours=3))
    send_digests(now=NOW + timedelta(hours=3))
    told = sorted((letter.to[0], letter.body.count("C-")) for letter in mail.outbox)
    assert told == sorted((agent.user.email, 6) for agent in (one, two))


def test_one_poisoned_clock_of_a_batch_is_put_aside_and_the_other_199_go_on(monkeypatch):
    fill(200)
    bad = Clock.objects.order_by("pk")[77].pk
    real = sweeping._move

    def poisoned(clock, now):
        if clock.pk == bad:
            raise RuntimeError("poison")
        return real(clock, now)

    monkeypatch.setattr(sweeping, "_move", poisoned)
    first = operations.sweep_clocks()
    attempts = [Clock.objects.get(pk=bad).attempts]
    for _ in range(6):
        operations.sweep_clocks()
    clock = Clock.objects.get(pk=bad)
    assert (first.clocks, first.failed, attempts, clock.attempts, clock.is_quarantined) == (
        199,
        1,
        [1],
        5,
        True,
    )
    assert tally() == each_once(199)


def test_while_a_clock_is_held_all_others_go_on_and_it_comes_after():
    fill(50)
    held = Clock.objects.order_by("next_action_at", "pk").first()
    counted = end_behind(
        lambda: Clock.objects.select_for_update().get(pk=held.pk), lambda: operations.sweep_clocks().clocks
    )
    assert (counted, operations.sweep_clocks().clocks, tally()) == (49, 1, each_once(50))


def test_an_idle_transaction_that_holds_a_clock_is_ended_by_the_database():
    fill(1)
    pid: list[int] = []
    held = threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 300")
                cursor.execute("SELECT id, pg_backend_pid() FROM complaints_clock FOR UPDATE")
                pid.append(cursor.fetchone()[1])
                held.set()
                time.sleep(1.2)
        except Exception:  # the database has ended it
            pid.append(0)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    before = operations.sweep_clocks().clocks
    thread.join()
    assert (before, pid[-1], operations.sweep_clocks().clocks) == (0, 0, 1)


def test_an_answer_that_is_being_written_is_not_overtaken_by_a_sweep():
    ticket = make_ticket()
    late = NOW + timedelta(hours=9)
    at = NOW + timedelta(hours=1)
    end_behind(
        lambda: operations.say(ticket=ticket.public_id, kind="agent", body="Hello.", now=late, said_at=at),
        lambda: operations.sweep_clocks(now=late),
    )
    operations.sweep_clocks(now=late)
    clock = ticket.clocks.get(kind="first_response")
    assert (clock.state, Escalation.objects.filter(clock=clock).count()) == ("met", 0)


def test_an_answer_waits_for_a_sweep_and_stops_what_comes_after():
    ticket = make_ticket()
    late = NOW + timedelta(hours=9)
    said = end_behind(
        lambda: operations.sweep_clocks(now=late),
        lambda: operations.say(ticket=ticket.public_id, kind="agent", body="Hello.", now=late).kind,
    )
    operations.sweep_clocks(now=late + timedelta(days=2))
    clock = ticket.clocks.get(kind="first_response")
    assert (said, clock.state, Escalation.objects.filter(clock=clock).count()) == ("agent", "breached", 2)


def test_agents_and_sweepers_all_at_once_neither_stop_each_other_nor_bend_a_clock():
    late = NOW + timedelta(hours=9)
    rows = [make_ticket() for _ in range(24)]
    failures: list[str] = []

    def run(work) -> None:
        try:
            work()
        except Exception as error:
            failures.append(type(error).__name__)
        finally:
            connection.close()

    def answer(part) -> None:
        for row in part:
            operations.say(ticket=row.public_id, kind="agent", body="Hello.", now=late)

    works = [lambda n=n: answer(rows[n::4]) for n in range(4)]
    works += [lambda: [operations.sweep_clocks(now=late) for _ in range(6)]] * 3
    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count = tally()
    assert (failures, operations.find_drift(now=late), count.rows, count.news) == (
        [],
        [],
        count.steps,
        count.told,
    )


# -- negative controls: the same tests without what protects


def test_without_the_claim_an_answer_that_is_being_written_is_overtaken(monkeypatch):
    """The negative control of fault 23: a sweep that looks at clocks without locking them."""

    def unlocked(moment, failed, *, only=None):
        due = Clock.objects.filter(state__in=("running", "breached"), next_action_at__lte=moment)
        return list(due.exclude(pk__in=failed).select_related("ticket").order_by("next_action_at", "pk"))

    monkeypatch.setattr(sweeping, "_claim", unlocked)
    ticket = make_ticket()
    late = NOW + timedelta(hours=9)
    at = NOW + timedelta(hours=1)
    end_behind(
        lambda: operations.say(ticket=ticket.public_id, kind="agent", body="Hello.", now=late, said_at=at),
        lambda: sweeping._batch(late, []).clocks,
    )
    clock = ticket.clocks.get(kind="first_response")
    assert (clock.state, Escalation.objects.filter(clock=clock).count() > 0) == ("breached", True)


def poison(monkeypatch, bad: int) -> None:
    """Let every sweep fail on one clock."""
    real = sweeping._move

    def poisoned(clock, now):
        if clock.pk == bad:
            raise RuntimeError("poison")
        return real(clock, now)

    monkeypatch.setattr(sweeping, "_move", poisoned)


def test_if_a_failed_batch_were_not_tried_one_by_one_a_poisoned_clock_would_stop_all_200(monkeypatch):
    """The negative control of fault 26, its first half."""
    fill(200)
    poison(monkeypatch, Clock.objects.order_by("pk")[77].pk)

    def given_up(pks, now, failed):
        failed.extend(pks)
        return sweeping.Swept(0, 0, len(pks))

    monkeypatch.setattr(sweeping, "_one_by_one", given_up)
    assert (operations.sweep_clocks().clocks, tally().rows) == (0, 0)


def test_if_it_were_never_put_aside_a_poisoned_clock_would_be_tried_for_ever(monkeypatch):
    """The negative control of fault 26, its second half."""
    fill(3)
    bad = Clock.objects.order_by("pk").first().pk
    poison(monkeypatch, bad)
    monkeypatch.setattr(sweeping, "POISON", 10**6)
    failures = [operations.sweep_clocks().failed for _ in range(8)]
    assert (failures, Clock.objects.get(pk=bad).attempts) == ([1] * 8, 8)


def test_steps_with_the_day_they_were_seen_would_be_noticed(monkeypatch):
    """The negative control of fault 27: a backlog whose steps say that they were due when somebody looked."""
    fill(50, first=-7200, last=-10)
    real = sweeping._move

    def seen(clock, now):
        move = real(clock, now)
        return replace(move, due=tuple(replace(step, at=now) for step in move.due))

    monkeypatch.setattr(sweeping, "_move", seen)
    operations.sweep_clocks()
    late = Escalation.objects.filter(level=1).values_list("due_at", "clock__due_at")
    assert [due == of_clock for due, of_clock in late] == [False] * 50


def test_notices_told_one_by_one_would_be_six_letters_for_each_recipient(monkeypatch):
    """The negative control of fault 27: the same news, not gathered."""
    make_agent(is_supervisor=True)
    for _ in range(6):
        make_ticket(body="There was smoke.")
    operations.sweep_clocks(now=NOW + timedelta(hours=3))
    outbox.relay()
    mail.outbox.clear()
    send = notices._send
    monkeypatch.setattr(notices, "_send", lambda agent, rows: [send(agent, [row]) for row in rows])
    send_digests(now=NOW + timedelta(hours=3))
    assert len(mail.outbox) >= 6


def test_a_sweep_that_waited_for_every_lock_would_stand_still_behind_one(monkeypatch):
    """The negative control of fault 28: without SKIP LOCKED nobody's clock goes on until the lock is let go."""
    fill(50)
    held = Clock.objects.order_by("next_action_at", "pk").first()
    real = QuerySet.select_for_update

    def waiting(rows, **how):
        return real(rows, **{**how, "skip_locked": False})

    monkeypatch.setattr(QuerySet, "select_for_update", waiting)
    counted = end_behind(
        lambda: Clock.objects.select_for_update().get(pk=held.pk), lambda: operations.sweep_clocks().clocks
    )
    assert counted == 50  # the held one as well: the sweep did nothing before it was let go


def test_a_lock_that_the_database_does_not_end_holds_its_clock_for_as_long_as_it_likes():
    """The negative control of fault 28: no end of idle transactions, and the clock is passed over every time."""
    fill(1)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cursor.execute("SELECT id FROM complaints_clock FOR UPDATE")
                held.set()
                let_go.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(60)
    while_held = [operations.sweep_clocks().clocks for _ in range(3)]
    let_go.set()
    thread.join()
    assert (while_held, operations.sweep_clocks().clocks) == ([0, 0, 0], 1)
