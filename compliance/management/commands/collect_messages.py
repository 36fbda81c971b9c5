"""Write the sentences of the rulebook's duties where the translators' tools find them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.rulebook import default
from compliance.rulebook.duties import messages
from compliance.rulebook.sentences import messages as term_messages

WIDTH = 110
TARGET = Path(__file__).parents[2] / "checks" / "messages.py"
HEAD = '''"""What findings and fields say, for the translators. Made by `manage.py collect_messages`; not imported."""

from django.utils.translation import gettext_noop as _

MESSAGES = (
'''


def module_text() -> str:
    """Return the text of checks/messages.py for the present rulebook."""
    said = sorted({*messages(), *term_messages(default())})
    return HEAD + "".join(map(_line, said)) + ")\n"


def _line(message: str) -> str:
    """Return one entry as the formatter would write it."""
    line = f"    _({_quoted(message)}),\n"
    return line if len(line) <= WIDTH + 1 else f"    _(\n        {_quoted(message)}\n    ),\n"


def _quoted(message: str) -> str:
    return '"' + message.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Command(BaseCommand):
    help = "Collect the sentences of duties, terms and disclosure fields for makemessages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if it is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        text = module_text()
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return
        if options["check"]:
            raise CommandError(f"{TARGET.name} is out of date; run manage.py collect_messages.")
        TARGET.write_text(text, encoding="utf-8")
