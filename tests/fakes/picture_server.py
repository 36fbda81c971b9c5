"""A small web server of merchants' pictures on the loopback, and a way to it that leaves the rule as it is.

`Internet` stands in for names and addresses: names resolve to the addresses given, a connection to any of
them ends at the local server. What is not public is refused before a connection is made, as everywhere.
"""

from __future__ import annotations

import io
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

from marketplace.kernel.outgoing import Outgoing, resolve_host

PUBLIC = "93.184.215.14"


def picture(color: str = "teal", size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


class Internet:
    """Names with their addresses, and one server behind all of them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.names: dict[str, list[str]] = {"shop.example": [PUBLIC]}
        self.connected: list[str] = []  # the addresses that were connected to
        self.files: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: Counter[str] = Counter()
        self.stop = threading.Event()

    def put(self, path: str, data: bytes = b"", *, status: int = 200, **headers: str) -> str:
        """Lay something at a path; return its address."""
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        self.files[path] = (status, known, data)
        return f"http://shop.example{path}"

    def resolve(self, host: str, port: int) -> list[str]:
        """Known names as given here; numbers as this machine reads them, in whatever way they are written."""
        if host in self.names:
            return self.names[host]
        if any(letter.isalpha() and letter not in "abcdefx" for letter in host):
            raise OSError(f"no such name: {host}")
        return resolve_host(host, port)

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(resolve=self.resolve, connect=self.connect)


@contextmanager
def internet() -> Iterator[Internet]:
    """Run the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    known = server.internet = Internet(server.server_address[1])  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield known
    finally:
        known.stop.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        known = self.server.internet
        known.asked[self.path] += 1
        try:
            special = getattr(self, f"send_{self.path.strip('/')}", None)
            special() if special else self.send_file()
        except OSError:
            pass  # the other side hung up, as it should

    def send_file(self) -> None:
        status, headers, data = self.server.internet.files.get(self.path, (404, {}, b"nothing here"))
        self.send_response(status)
        for name, value in (
            {"Content-Type": "image/png", "Content-Length": str(len(data))} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def send_endless(self) -> None:
        """A body that never ends, with no length said."""
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        while not self.server.internet.stop.is_set():
            self.wfile.write(b"\x89" * 65536)

    def send_drip(self) -> None:
        """A head that comes a letter at a time."""
        for letter in "HTTP/1.0 200 OK\r\nX-Slow: " + "a" * 10_000:
            if self.server.internet.stop.wait(0.05):
                return
            self.wfile.write(letter.encode())

    def send_drops(self) -> None:
        """A body that comes a letter at a time, with no length said."""
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        while not self.server.internet.stop.wait(0.05):
            self.wfile.write(b"\x89")

    def send_short(self) -> None:
        """Less than was announced."""
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(picture())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
