"""Servers and load for the benchmarks: gunicorn on loopback, wrk for pages, threads for flows."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests per second, latencies in milliseconds, answers that were not 2xx or 3xx, or got lost."""

    rps: float
    p50: float
    p99: float
    errors: int


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def gunicorn(app: str, *, workers: int = 2, **environment: str) -> Iterator[str]:
    """Serve a WSGI application with synchronous workers on loopback; yield its address."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", app, "--workers", str(workers), "--bind", f"127.0.0.1:{port}",
        "--log-level", "error", "--timeout", "60",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("The server did not come up.")


def fetch(url: str, **headers: str) -> bytes:
    """Return the body of a page, asserting that it is fine."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return answer.read()


def wrk(url: str, *, connections: int, seconds: int, headers: dict[str, str] | None = None) -> Measured:
    """Press a page with wrk for a time."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    failed = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Measured(
        rps=float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),  # type: ignore[index]
        p50=_milliseconds(re.search(r"50%\s+([\d.]+\w+)", text)[1]),  # type: ignore[index]
        p99=_milliseconds(re.search(r"99%\s+([\d.]+\w+)", text)[1]),  # type: ignore[index]
        errors=failed + (int(lost[1]) + int(lost[3]) + int(lost[4]) if lost else 0),
    )


def _milliseconds(text: str) -> float:
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def median(values: list[float]) -> float:
    """Return the median of some figures."""
    return statistics.median(values)
