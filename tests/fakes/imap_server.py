"""A stand-in for an IMAP server that behaves: one folder, letters read or not, over a real socket."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class ImapFake:
    """Its letters by number, those that were read, and where it listens."""

    letters: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    port: int = 0

    def put(self, raw: bytes) -> None:
        self.letters[len(self.letters) + 1] = raw


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            verb, _, arguments = rest.partition(" ")
            if verb.upper() == "LOGOUT":
                self.say("* BYE", f"{tag} OK")
                return
            self.say(*self.answer(verb.upper(), arguments), f"{tag} OK done")

    def answer(self, verb: str, arguments: str) -> list[str]:
        fake: ImapFake = self.server.fake  # type: ignore[attr-defined]
        if verb == "CAPABILITY":
            return ["* CAPABILITY IMAP4rev1"]
        if verb == "SELECT":
            return [f"* {len(fake.letters)} EXISTS"]
        if verb == "UID" and arguments.startswith("SEARCH"):
            return ["* SEARCH " + " ".join(str(key) for key in sorted(fake.letters.keys() - fake.seen))]
        if verb == "UID" and (found := re.match(r"STORE (\d+)", arguments)):
            fake.seen.add(int(found[1]))
        elif verb == "UID" and (found := re.match(r"FETCH (\d+)", arguments)):
            raw = fake.letters[int(found[1])]
            self.wfile.write(
                f"* {found[1]} FETCH (UID {found[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
            )
        return []

    def say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def running_imap() -> Iterator[ImapFake]:
    """Run a stand-in on a free port of the loopback for as long as the block lasts."""
    fake = ImapFake()
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.fake = fake  # type: ignore[attr-defined]
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield fake
        server.shutdown()
