"""Processor time of those who take part in a measurement, by the kernel's own account of each process.

It depends little on who else uses the machine, unlike anything that is read off a clock on the wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def processes_of(mark: str) -> list[int]:
    """Return the processes in whose command line a text stands, such as the address a server listens at."""
    return [pid for pid in _all() if mark.encode() in _read(pid, "cmdline")]


def with_children(pid: int) -> list[int]:
    """Return a process and those it started."""
    return [pid, *(one for one in _all() if parent_of(one) == pid)]


def parent_of(pid: int) -> int:
    """Return who started a process; 0 if it is gone."""
    stat = _read(pid, "stat").rpartition(b") ")[2].split()
    return int(stat[1]) if stat else 0


def milliseconds(pids: Iterable[int]) -> float:
    """Return the processor time of some processes so far, in milliseconds."""
    return sum(_nanoseconds(pid) for pid in pids) / 1e6


def spent_by(work: Callable[[], Any], times: int, others: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Do some work so many times; return the milliseconds that each turn cost us ("client") and the others."""
    every = {"client": lambda: time.process_time() * 1000} | others
    before = {who: read() for who, read in every.items()}
    for _ in range(times):
        work()
    return {who: (read() - before[who]) / times for who, read in every.items()}


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it is gone
        return b""


def _nanoseconds(pid: int) -> int:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    except (OSError, IndexError):
        return 0
