"""`bin/up` as a person meets it: starts, survives crashes, keeps data, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from marketplace.embedded.process import wait_until
from tests.embedded.conftest import Run, Start, normal_user, still_alive

pytestmark = pytest.mark.slow
SECOND_START_SECONDS = 10


def announced(home: Path) -> dict[str, str]:
    """The services' addresses as `bin/up` announced them."""
    return json.loads((home / "owner.json").read_text())["env"]


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_second_start_is_quick_and_finds_the_data_after_ctrl_c(start: Start, home: Path) -> None:
    first = start(home)
    first.until_running()
    services = announced(home)
    query(services["DATABASE_URL"], "CREATE TABLE kept AS SELECT 'a row' AS what")
    redis.Redis.from_url(services["REDIS_URL"]).set("kept", "a key")
    family = first.family()
    code = first.stop(signal.SIGINT, group=True)
    left = still_alive(family)

    began = time.monotonic()
    second = start(home)
    second.until_said("Rightful is running at")
    took = time.monotonic() - began
    row = query(services["DATABASE_URL"], "SELECT what FROM kept")
    key = redis.Redis.from_url(services["REDIS_URL"]).get("kept")
    query(services["DATABASE_URL"], "DROP TABLE kept")
    family = second.family()
    code += second.stop(signal.SIGTERM)

    assert (code, left, still_alive(family), row, key) == (0, set(), set(), [("a row",)], b"a key")
    assert took < SECOND_START_SECONDS


@pytest.fixture(scope="module")
def running(start: Start, home: Path) -> Run:
    """A `bin/up` that several stories look at; the last of them ends it."""
    run = start(home)
    run.until_running()
    return run


def test_second_up_says_that_the_first_is_running(running: Run, start: Start, home: Path) -> None:
    second = start(home)
    assert second.process.wait(timeout=60) == 1
    second.until_said("Rightful is already running at")
    assert second.said(f"kill {running.process.pid}")


def test_command_uses_the_services_of_the_running_shop(running: Run, start: Start, home: Path) -> None:
    began = query(announced(home)["DATABASE_URL"], "SELECT pg_postmaster_start_time()")
    ask = "from django.db import connection; print('port', connection.settings_dict['PORT'])"
    command = start(home, "manage", "shell", "-v0", "-c", ask)
    assert command.process.wait(timeout=60) == 0
    command.until_said(f"port {urlsplit(announced(home)['DATABASE_URL']).port}")
    assert query(announced(home)["DATABASE_URL"], "SELECT pg_postmaster_start_time()") == began


def test_crashed_programs_come_back_and_kill_9_leaves_nothing(running: Run, home: Path) -> None:
    run = running
    for name in ("gunicorn", "postgres"):
        os.kill(child_named(run.family(), name), signal.SIGKILL)
    run.until_said("web: was killed by SIGKILL; starting it again")
    run.until_said("postgres: was killed by SIGKILL; starting it again")
    url = announced(home)["DATABASE_URL"]
    assert wait_until(lambda: database_answers(url), seconds=60)

    family = run.family()
    run.process.kill()
    assert wait_until(lambda: not still_alive(family), seconds=60), still_alive(family)


def child_named(family: set[tuple[int, str]], name: str) -> int:
    """The oldest member of the family that runs the program."""
    return min(pid for pid, _ in family if name in command_of(pid).split("-D")[0])


def command_of(pid: int) -> str:
    """The command line of a process; nothing if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def database_answers(url: str) -> bool:
    try:
        return query(url, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def test_normal_user_gets_the_same(start: Start, public: Path, home: Path) -> None:
    user = normal_user()
    ours = public / "of nobody in particular"
    shutil.copytree(home / "static", ours / "static")  # collected once for all
    shutil.copy(home / "static.stamp", ours / "static.stamp")
    for path in (ours, *ours.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    run = start(ours, user=user if os.geteuid() == 0 else None)
    run.until_said("Rightful is running at")
    family = run.family()
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in still_alive(family)}
    code = run.stop(signal.SIGTERM)
    assert (code, owners, still_alive(family)) == (0, {user.pw_uid}, set())


@pytest.mark.parametrize(
    ("variable", "purpose"),
    [
        ("RIGHTFUL_PORT", "the web server"),
        ("RIGHTFUL_PG_PORT", "PostgreSQL"),
        ("RIGHTFUL_VALKEY_PORT", "Valkey"),
        ("RIGHTFUL_MAIL_PORT", "the mail catcher"),
    ],
)
def test_taken_port_is_said_with_its_holder_and_the_way_out(
    start: Start, home: Path, variable: str, purpose: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        run = start(home, **{variable: str(port)})
        code = run.process.wait(timeout=60)
        run.until_said(f"Port {port} for {purpose} is already taken")
    assert code == 1
    assert run.said(f"(process {os.getpid()})")
    assert run.said(f"{variable}={port + 1} bin/up")
