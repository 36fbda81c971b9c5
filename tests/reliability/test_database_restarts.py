"""Fault 22: the database is restarted, immediately and several times, while sweepers work."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from io import StringIO

import psycopg2
import pytest
from django.db import InterfaceError, OperationalError, connection

from complaints import operations
from complaints.management.commands.sweep_clocks import Command
from marketplace.embedded.account import service_account
from marketplace.embedded.home import Home
from marketplace.embedded.postgres import PARAMETERS, Postgres, client
from marketplace.embedded.process import wait_until
from tests.reliability.conftest import url_of_test
from tests.reliability.filling import COUNTS, Tally, each_once, fill, tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CLOCKS = 1500


@pytest.fixture
def own(env, tmp_path_factory) -> Iterator[Postgres]:
    """A server of this test's own, kept as a real one (nothing careless), with a copy of what the test wrote."""
    fill(CLOCKS, first=0, last=9)
    home = Home(tmp_path_factory.mktemp("own")).prepare()
    server = Postgres(home, service_account(), 0, PARAMETERS)
    server.start()
    dump = home / "dump"
    subprocess.run([client("pg_dump"), "--format=custom", f"--file={dump}", url_of_test()], check=True)
    url = server.url(home.secrets())
    subprocess.run([client("pg_restore"), "--no-owner", "--no-privileges", f"--dbname={url}", str(dump)], check=False, capture_output=True)  # fmt: skip
    yield server
    server.stop()


def _ask(url: str, statement: str) -> tuple:
    with psycopg2.connect(url) as link, link.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def test_sweepers_outlive_a_database_that_is_restarted_under_them(env, own, start):
    url = own.url(own.home.secrets())
    with psycopg2.connect(url) as link, link.cursor() as cursor:  # due from now on, while it is restarted
        cursor.execute(
            "UPDATE complaints_clock SET due_at = now() + (id % 90) * interval '0.1 second', "
            "next_action_at = now() + (id % 90) * interval '0.1 second'"
        )
    programs = [
        start({**env, "DATABASE_URL": url}, "manage.py", "sweep_clocks", "--every=0.1") for _ in range(2)
    ]
    for _ in range(3):
        assert wait_until(lambda: _ask(url, "SELECT count(*) FROM complaints_escalation")[0] > 0, seconds=180)
        time.sleep(1.2)
        os.kill(own.process.pid, signal.SIGQUIT)  # as `pg_ctl restart -m immediate` does
        own.process.wait()
        own.restart()
        assert wait_until(own._answers, seconds=180)
    left = "SELECT count(*) FROM complaints_clock WHERE state = 'running'"
    assert wait_until(lambda: _ask(url, left) == (0,), seconds=180)
    alive = [program.poll() for program in programs]
    assert (Tally(*_ask(url, COUNTS)), alive) == (each_once(CLOCKS), [None, None])


def _end_our_connection() -> None:
    """Have the database end the connection that this process works with, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    _ask(url_of_test(), f"SELECT pg_terminate_backend({pid})")


def test_a_sweeper_whose_connection_is_ended_takes_everything_in_its_next_round():
    fill(40)
    command = Command(stderr=StringIO(), stdout=StringIO())
    _end_our_connection()
    connection.close_if_health_check_failed = lambda: None  # as if it broke in the middle of a sweep
    command._sweep()
    broken = command.stderr._out.getvalue()
    del connection.close_if_health_check_failed
    command._sweep()
    assert ("does not answer" in broken, tally()) == (True, each_once(40))


def test_a_sweeper_that_did_not_expect_it_is_gone_with_its_connection():
    """The negative control: without the second try the first broken connection ends the process and its work."""
    fill(40)
    _end_our_connection()
    with pytest.raises((OperationalError, InterfaceError)):
        operations.sweep_clocks()
    connection.close()
    assert tally() == Tally(0, 0, 0, 0)
