"""Is a port free, and if not, who has it?"""

import os
import secrets
import socket
from pathlib import Path

from marketplace.embedded.errors import PortTaken


def claim(port: int, *, purpose: str, variable: str) -> int:
    """Return the port if it is free (any free one for 0), else raise PortTaken naming its holder."""
    try:
        return free_port(port)
    except OSError as error:
        raise PortTaken(port=port, purpose=purpose, variable=variable, holder=holder_of(port)) from error


def free_port(port: int = 0) -> int:
    """Bind to the port for a moment on loopback and on all addresses' terms; raises OSError when taken.

    Without a port, one is looked for below those that the system gives to outgoing connections, so that
    nobody takes it in the meantime.
    """
    if not port:
        return _any_free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        probe.listen(1)
        return probe.getsockname()[1]


def _any_free_port() -> int:
    while True:
        try:
            return free_port(20_000 + secrets.randbelow(10_000))
        except OSError:
            continue


def holder_of(port: int) -> str | None:
    """Name and pid of the process that listens on the port, where the system lets us see it."""
    inodes = _listening_inodes(port)
    for entry in Path("/proc").glob("[0-9]*"):
        if inodes and _sockets_of(entry) & inodes:
            name = (entry / "comm").read_text().strip()
            return f"{name} (process {entry.name})"
    return None


def _listening_inodes(port: int) -> set[str]:
    wanted = f":{port:04X}"
    rows: list[list[str]] = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            rows += [line.split() for line in table.read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(wanted) and row[3] == "0A"}


def _sockets_of(process: Path) -> set[str]:
    try:
        links = [os.readlink(fd) for fd in (process / "fd").iterdir()]
    except OSError:  # another user's process, or one that has just ended
        return set()
    return {link[8:-1] for link in links if link.startswith("socket:[")}
