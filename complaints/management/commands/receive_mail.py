"""Take in e-mail: one raw message on standard input (as a mail server pipes it), or the mailbox of the settings."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from complaints.operations import incoming
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Take in one e-mail from standard input, or with --mailbox all that wait in the mailbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mailbox", action="store_true", help="fetch from the mailbox of the settings")

    def handle(self, *args: Any, mailbox: bool, **options: Any) -> None:
        if mailbox:
            with incoming.open_mailbox() as box:
                self.stdout.write(str(incoming.fetch_letters(mailbox=box, now=clock.now())))
            return
        taken = incoming.take_letter(raw=sys.stdin.buffer.read(), now=clock.now())
        self.stdout.write(f"{taken.what} {taken.ticket}".strip())
