"""Sweepers and relays that are killed -9 in the middle: `python -m tests.reliability.dying sweep --kill 0.15`.

Forks so many processes; each does its work and, with the given probability, kills itself inside a transaction after
its effects and before the commit. Those that died are replaced until all have come to an end with nothing left.
Prints how many were started and how many died.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
from collections.abc import Callable
from typing import Any

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["sweep", "relay", "naive"])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--kill", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=20)
    options = parser.parse_args()
    django.setup()
    works: dict[str, Callable[[], None]] = {
        "sweep": lambda: _sweep(options.kill, options.batch),
        "relay": lambda: _relay(options.kill),
        "naive": lambda: _naive(options.batch),
    }
    started, died = _until_all_end(works[options.work], options.processes)
    print(f"{started} {died}")


def _until_all_end(work: Callable[[], None], processes: int) -> tuple[int, int]:
    started, died = processes, 0
    running = {_fork(work, n) for n in range(processes)}
    while running:
        pid, status = os.wait()
        running.discard(pid)
        if os.WIFSIGNALED(status):
            died += 1
            started += 1
            running.add(_fork(work, started))
        elif os.WEXITSTATUS(status):
            raise SystemExit(f"a process ended with {os.WEXITSTATUS(status)}")
    return started, died


def _fork(work: Callable[[], None], seed: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    random.seed(seed)
    try:
        work()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        os._exit(1)
    os._exit(0)


def _dies(chance: float, real: Callable[..., Any]) -> Callable[..., Any]:
    def deadly(*args: Any, **kwargs: Any) -> Any:
        done = real(*args, **kwargs)
        if random.random() < chance:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return deadly


def _sweep(chance: float, batch: int) -> None:
    from complaints.operations import sweeping

    sweeping.BATCH = batch
    sweeping._advance = _dies(chance, sweeping._advance)  # type: ignore[assignment]
    sweeping.sweep_clocks()


def _relay(chance: float) -> None:
    from marketplace.kernel import outbox

    for by_name in outbox.SUBSCRIBERS.values():
        for name, real in by_name.items():
            by_name[name] = _dies(chance, real)
    outbox.relay()


def _naive(batch: int) -> None:
    """The negative control: reads what is due without claiming it."""
    from django.db.models import QuerySet

    from complaints.operations import sweeping

    QuerySet.select_for_update = lambda self, **_: self.all()  # type: ignore[method-assign, assignment]
    sweeping.BATCH = batch
    sweeping.sweep_clocks()


if __name__ == "__main__":
    main()
