"""Programs of the product as processes of their own, on the test's database, with a broker that may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from marketplace.embedded.account import service_account
from marketplace.embedded.home import CHECKOUT, Home
from marketplace.embedded.process import end, spawn
from marketplace.embedded.valkey import Valkey

SETTINGS = "tests.reliability.settings"


def url_of_test() -> str:
    """Return the address of the test's own database."""
    there = connection.settings_dict
    return f"postgres://{there['USER']}:{quote(there['PASSWORD'])}@{there['HOST']}:{there['PORT']}/{there['NAME']}"


@pytest.fixture
def env(transactional_db: None) -> dict[str, str]:
    """The environment of a program that works on the test's database."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return {
        **ours,
        "DATABASE_URL": url_of_test(),
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "PYTHONPATH": str(CHECKOUT),
    }


def said_by(env: dict[str, str], *arguments: str) -> str:
    """Run a program to its end and return what it said."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.strip()


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start programs as `python -m …`; those that still run afterwards are ended."""
    running: list[subprocess.Popen[bytes]] = []

    def start_one(env: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
        log = (tmp_path / f"{len(running)}.log").open("wb")
        running.append(spawn([sys.executable, *arguments], env=env, cwd=CHECKOUT, output=log))
        return running[-1]

    yield start_one
    for process in running:
        end(process, [(signal.SIGTERM, 0.2), (signal.SIGQUIT, 2.0)])


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A broker of this test's own, which may be killed."""
    server = Valkey(Home(tmp_path_factory.mktemp("broker")).prepare(), service_account(), 0)
    server.start()
    yield server
    server.stop()
