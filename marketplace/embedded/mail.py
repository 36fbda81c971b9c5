"""A mail catcher: speaks SMTP, keeps each message as a file, sends nothing anywhere.

Enough of RFC 5321 for Django and any ordinary client (EHLO, MAIL, RCPT, DATA, RSET, NOOP, VRFY, QUIT;
8BITMIME, SMTPUTF8, SIZE). A message counts as accepted only when its file is complete.
"""

import asyncio
import itertools
import os
import time
from pathlib import Path

LIMIT = 30 * 1024 * 1024
_ANSWERS = {
    "HELO": "250 localhost",
    "EHLO": f"250-localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {LIMIT}",
    "RSET": "250 Reset",
    "NOOP": "250 OK",
    "VRFY": "252 Will take it",
}
_counter = itertools.count(1)


async def serve(folder: Path, host: str, port: int) -> None:
    """Catch mail on host:port into folder/*.eml until cancelled."""
    folder.mkdir(parents=True, exist_ok=True)

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Conversation(folder, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away; what it had not finished is not kept
        finally:
            writer.close()

    server = await asyncio.start_server(receive, host, port, limit=LIMIT)
    print(f"catching mail on {host}:{port} into {folder}", flush=True)
    async with server:
        await server.serve_forever()


class _Conversation:
    """One client's session."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.folder, self.reader, self.writer = folder, reader, writer
        self.sender: str | None = None
        self.recipients: list[str] = []

    async def run(self) -> None:
        await self._say("220 Rightful mail catcher")
        while line := await self.reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if verb.upper() == "QUIT":
                await self._say("221 Bye")
                return
            await self._say(await self._answer(verb.upper(), rest))

    async def _answer(self, verb: str, rest: str) -> str:
        if verb == "MAIL":
            self.sender, self.recipients = _address(rest), []
            return "250 OK"
        if verb == "RCPT":
            return self._add_recipient(rest)
        if verb == "DATA":
            return await self._take_message()
        if verb == "RSET":
            self.sender, self.recipients = None, []
        return _ANSWERS.get(verb, "502 Not known here")

    def _add_recipient(self, rest: str) -> str:
        if self.sender is None:
            return "503 MAIL first"
        self.recipients.append(_address(rest))
        return "250 OK"

    async def _take_message(self) -> str:
        if not self.recipients:
            return "503 RCPT first"
        await self._say("354 End with a dot on its own line")
        body = await self._read_body()
        if body is None:
            return "552 Too big"
        envelope = f"X-Envelope-From: {self.sender}\r\nX-Envelope-To: {', '.join(self.recipients)}\r\n"
        name = _keep(self.folder, envelope.encode() + body)
        print(f"mail for {', '.join(self.recipients)}: {name}", flush=True)
        self.sender, self.recipients = None, []
        return f"250 Kept as {name}"

    async def _read_body(self) -> bytes | None:
        lines: list[bytes] = []
        size = 0
        while (line := await self.reader.readuntil(b"\n")) not in (b".\r\n", b".\n"):
            size += len(line)
            if size <= LIMIT:
                lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines) if size <= LIMIT else None

    async def _say(self, text: str) -> None:
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()


def _address(rest: str) -> str:
    """The address in `FROM:<a@b> SIZE=9`."""
    return rest.partition(":")[2].strip().partition(" ")[0].strip("<>")


def _keep(folder: Path, message: bytes) -> str:
    """Write the message under a name that sorts by arrival; complete or not at all."""
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}-{next(_counter):05d}.eml"
    draft = folder / f".{name}"
    draft.write_bytes(message)
    draft.rename(folder / name)
    return name
