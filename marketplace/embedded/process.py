"""Start a child that cannot outlive us, and end it for sure."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from marketplace.embedded.account import Account

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    output: IO[bytes] | int | None = None,
    account: Account | None = None,
    last_will: signal.Signals = signal.SIGTERM,
    own_group: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a program that receives `last_will` when this process dies, however it dies.

    Must be called from the main thread: the system ties the death signal to the thread that forks. With
    `account.switch` the program runs as that account. `own_group` keeps the terminal's Ctrl-C away from it,
    so that it is we who decide the order in which children end.
    """
    switch: dict[str, object] = {}
    if account is not None and account.switch:
        switch = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload]
        list(command),
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=own_group,
        preexec_fn=bound_to_parent(last_will),
        **switch,
    )


def bound_to_parent(last_will: signal.Signals) -> Callable[[], None]:
    """What the child does between fork and exec, after any change of account (which would clear it)."""
    parent = os.getpid()

    def bind() -> None:
        if last_will != signal.SIGKILL:  # a shell lets what it starts with "&" ignore QUIT and INT
            signal.signal(last_will, signal.SIG_DFL)
        if sys.platform == "linux":
            _libc.prctl(_PR_SET_PDEATHSIG, int(last_will), 0, 0, 0)
            if os.getppid() != parent:  # it died in between: nobody would send the signal any more
                os._exit(1)

    return bind


def end(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> int:
    """Send each signal and wait its seconds until the process is gone; kill what is left of its group."""
    for number, seconds in steps:
        if process.poll() is None:
            process.send_signal(number)
            _wait(process, seconds)
    if process.poll() is None:
        process.kill()
    code = process.wait()
    kill_group(process.pid)
    return code


def foreground(command: Sequence[str], *, env: Mapping[str, str], cwd: Path | str) -> int:
    """Run a program in our place at the terminal and return its exit code (128 + n after signal n).

    Ctrl-C reaches the program itself; we only pass TERM and HUP on, and wait for it to end.
    """
    bind = bound_to_parent(signal.SIGTERM)
    process: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _frame: object) -> None:
        for child in process:
            child.send_signal(number)

    handlers = {signal.SIGINT: signal.SIG_IGN, signal.SIGTERM: pass_on, signal.SIGHUP: pass_on}
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an ignored signal would stay ignored in the program
        bind()

    try:
        process.append(subprocess.Popen(command, env=dict(env), cwd=cwd, preexec_fn=prepare))
        code = process[0].wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


def kill_group(leader: int) -> None:
    """Kill whatever still runs in the session that the process led."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(ready: Callable[[], bool], *, seconds: float, step: float = 0.02) -> bool:
    """Ask `ready` again and again until it says yes or the seconds are over."""
    limit = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > limit:
            return False
        time.sleep(step)
    return True
