"""Sweep the clocks of complaints from a process of its own, beside or without the scheduler."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from complaints import operations


class Command(BaseCommand):
    help = "Take the steps of the complaints' ladder that are due: once, or every --every seconds until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=0.0, help="seconds between sweeps; 0: once")

    def handle(self, *args: Any, every: float, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while True:
            self._sweep()
            if not every or stop.wait(every):
                return

    def _sweep(self) -> None:
        close_old_connections()
        try:
            swept = operations.sweep_clocks()
        except (
            OperationalError,
            InterfaceError,
        ) as error:  # the database restarts; the next round finds it again
            connection.close()
            self.stderr.write(f"The database does not answer: {type(error).__name__}")
        else:
            self.stdout.write(f"{swept.steps} steps, {swept.failed} failed")
