"""One parent for all programs: prefixes what they say, restarts those that crash, leaves none behind.

A single thread on purpose: the system sends a child its parent's death notice when the *thread* that started
it ends.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from marketplace.embedded.process import end, kill_group

HEALTHY_AFTER = 20.0  # seconds a program must have lived for its crashes to be forgiven
PATIENCE = 12.0  # seconds from the polite request to end until the firm one
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop while we were still preparing; no Exception, so nobody swallows it."""


class Restartable(Protocol):
    """A database or broker: knows its own way to start and to end."""

    name: str
    process: subprocess.Popen[bytes] | None

    def restart(self) -> None: ...


@dataclass
class Child:
    """One thing that must keep running."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    started_at: float = 0.0
    start_at: float = 0.0
    unfinished: bytes = field(default=b"", repr=False)

    def backoff(self) -> float:
        """Seconds before the next start: 0.5, 1, 2, … 30, from the beginning again after a healthy while."""
        self.crashes = 1 if time.monotonic() - self.started_at > HEALTHY_AFTER else self.crashes + 1
        return min(0.5 * 2 ** (self.crashes - 1), 30.0)


class Supervisor:
    """Runs children until it is told to stop."""

    def __init__(self, echo: Callable[[str, str], None]) -> None:
        self.echo = echo
        self.children: list[Child] = []
        self.stopping = False
        self._selector = selectors.DefaultSelector()

    def add_program(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        """A program of the application, started at the next turn of the loop."""
        self.children.append(Child(name, start))

    def adopt(self, server: Restartable) -> None:
        """A server that already runs and is restarted by its own means."""

        def restart() -> subprocess.Popen[bytes]:
            server.restart()
            assert server.process is not None
            return server.process

        self.children.append(Child(server.name, restart, process=server.process, started_at=time.monotonic()))

    def run(self, *, each_turn: Callable[[], None]) -> None:
        """Start, watch and restart until a stop signal comes."""
        with _signals_wake(self._selector, self._ask_to_stop):
            while not self.stopping:
                self._start_due()
                self._listen(0.25)
                self._notice_ends()
                each_turn()

    def stop_programs(self) -> None:
        """End the application's programs, all at once: politely, then firmly, then for certain."""
        running = [child for child in self.children if child.process is not None and child.process.stdout]
        for number, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGQUIT, 3.0)):
            for child in running:
                if child.process is not None and child.process.poll() is None:
                    child.process.send_signal(number)
            self._drain_until_ended(running, patience)
        for child in running:
            if child.process is not None:
                end(child.process, ())

    def _ask_to_stop(self) -> None:
        self.stopping = True

    def _start_due(self) -> None:
        for child in self.children:
            if child.process is None and time.monotonic() >= child.start_at:
                self._start(child)

    def _start(self, child: Child) -> None:
        child.started_at = time.monotonic()
        try:
            child.process = child.start()
        except Exception as error:  # a start that fails is a crash like any other
            self._plan_restart(child, str(error))
            return
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _notice_ends(self) -> None:
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                code = child.process.returncode
                self._forget(child)
                self._plan_restart(child, _how_it_ended(code))

    def _forget(self, child: Child) -> None:
        assert child.process is not None
        self._say_available(child)
        if child.process.stdout is not None:
            self._selector.unregister(child.process.stdout)
            child.process.stdout.close()
        kill_group(child.process.pid)  # what it had started would otherwise live on beside its successor
        child.process = None

    def _plan_restart(self, child: Child, reason: str) -> None:
        delay = child.backoff()
        child.start_at = time.monotonic() + delay
        self.echo("rightful", f"{child.name}: {reason}; starting it again in {delay:g} s")

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Child):
                self._say_available(key.data)
            else:
                _empty(key.fd)

    def _say_available(self, child: Child) -> None:
        if child.process is None or child.process.stdout is None:
            return
        while piece := _read(child.process.stdout.fileno()):
            *lines, child.unfinished = (child.unfinished + piece).split(b"\n")
            for line in lines:
                self.echo(child.name, line.decode("utf-8", "replace"))

    def _drain_until_ended(self, running: list[Child], seconds: float) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and any(_lives(child) for child in running):
            self._listen(0.1)


def _lives(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except (BlockingIOError, ValueError):
        return b""


def _empty(descriptor: int) -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(descriptor, 4096)


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


@contextlib.contextmanager
def _signals_wake(selector: selectors.BaseSelector, on_stop: Callable[[], None]) -> Iterator[None]:
    """Stop signals call `on_stop`; they and the end of a child wake the selector at once."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    selector.register(reading, selectors.EVENT_READ, None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    previous = {number: signal.signal(number, lambda *_: on_stop()) for number in STOP_SIGNALS}
    previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        selector.unregister(reading)
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


def stop_signals_raise() -> None:
    """While preparing, a stop signal unwinds whatever we do; once, for a second must not cut the clean-up."""

    def raise_once(*_: object) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in STOP_SIGNALS:
        signal.signal(number, raise_once)


def echo_to_terminal(name: str, line: str) -> None:
    """`web      | text`; a terminal that has gone away stops nothing."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{name:<8} | {line}\n")
        sys.stdout.flush()
