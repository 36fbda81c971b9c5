"""The terminal of `bin/up` says what somebody should read; the logs keep everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.embedded.console import Console
from marketplace.embedded.home import Home

LINES = [
    ("worker", "2026-11-29T06:16:51Z [info     ] Task kernel.relay_outbox[88] received [celery.worker.strategy]"),
    ("web", "[2026-11-29 06:16:39 +0000] [14037] [INFO] Starting gunicorn 27.0.1"),
    ("mail", "mail for ada@example.com: 1.eml"),
    ("web", "2026-11-29T06:16:46Z [error    ] Service Unavailable: /healthz  [django.request]"),
    ("worker", "2026-11-29T06:16:47Z [info     ] celery@vm ready.               [celery.apps.worker]"),
    ("worker", "2026-11-29T06:17:15Z [error    ] Task orders.send_refund raised"),
    ("worker", "Traceback (most recent call last):"),
    ("rightful", "worker: was killed by SIGKILL; starting it again in 0.5 s"),
]  # fmt: skip


@pytest.mark.parametrize("verbose", [False, True])
def test_the_terminal_says_what_goes_wrong_and_the_logs_keep_all(tmp_path: Path, verbose: bool):
    said: list[tuple[str, str]] = []
    console = Console(Home(tmp_path).prepare(), lambda *line: said.append(line), verbose=verbose)

    for line in LINES:
        console(*line)
    console.close()

    kept = {path.stem: path.read_text().splitlines() for path in (tmp_path / "logs").iterdir()}
    by_program = {
        name: [line for whose, line in LINES if whose == name] for name in ("worker", "web", "mail")
    }
    assert (said, kept) == (LINES if verbose else LINES[4:], by_program)
