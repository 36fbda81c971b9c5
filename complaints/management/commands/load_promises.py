"""Load what we promise about complaints into new versions of policies and calendars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import operations
from complaints.operations.policies import FILE
from compliance.rulebook.strict_yaml import BookRefused
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Make a version of every calendar and policy of complaints/policies/promises.yaml that changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", default=FILE, help="another file of promises")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            made = operations.load_promises(now=clock.now(), path=file)
        except (BookRefused, OSError) as refused:
            raise CommandError(f"Nothing was changed.\n{refused}") from refused
        self.stdout.write(f"{made} new versions")
