"""A program hears the signal of its parent's end also where a shell let the parent ignore it."""

import signal
import subprocess

import pytest

from marketplace.embedded.process import bound_to_parent


@pytest.mark.parametrize("last_will", [signal.SIGQUIT, signal.SIGINT, signal.SIGTERM])
def test_the_last_will_is_not_ignored(last_will: signal.Signals) -> None:
    before = signal.signal(last_will, signal.SIG_IGN)
    try:
        said = subprocess.run(
            ["grep", "SigIgn", "/proc/self/status"],
            preexec_fn=bound_to_parent(last_will), capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    finally:
        signal.signal(last_will, before)
    assert int(said.split()[1], 16) & 1 << (last_will - 1) == 0
