"""What `bin/up` says on the terminal: where to go and what goes wrong; the rest goes to `logs/`."""

import logging
import re
from collections.abc import Callable
from logging.handlers import RotatingFileHandler

from marketplace.embedded.home import LOG_LIMIT, Home

# A task taken up, a letter caught, a worker booted: said every second, and read by nobody who waits for an address.
# That `/healthz` says no is for who asked: at the start that is `bin/up` itself, until the first sweep has been.
ROUTINE = re.compile(
    r"\[(?:info|debug) *\]|\[(?:INFO|DEBUG)\]|^mail for |^catching mail |Service Unavailable: /healthz\b"
)
TOLD = re.compile(r"\bready\.")


class Console:
    """Keeps every line of every program in `logs/NAME.log` and says those that somebody should read.

    A file of 20 MB makes place for the next one; the one before is kept.
    """

    def __init__(self, home: Home, say: Callable[[str, str], None], *, verbose: bool = False) -> None:
        self.home, self.say, self.verbose = home, say, verbose
        self._files: dict[str, RotatingFileHandler] = {}

    def __call__(self, name: str, line: str) -> None:
        """Take one line that a program said; `rightful` is the supervisor itself."""
        if name != "rightful":
            self._keep(name, line)
        if self.verbose or not ROUTINE.search(line) or TOLD.search(line):
            self.say(name, line)

    def _keep(self, name: str, line: str) -> None:
        if name not in self._files:
            path = self.home / "logs" / f"{name}.log"
            self._files[name] = RotatingFileHandler(
                path, maxBytes=LOG_LIMIT, backupCount=1, encoding="utf-8", delay=True
            )
        record = logging.LogRecord(name, logging.INFO, "", 0, line, None, None)
        self._files[name].emit(record)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
