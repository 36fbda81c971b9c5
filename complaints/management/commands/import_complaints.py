"""Take over the complaints of another house as history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.operations.history import import_history
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Take over complaints from a table in the format of the CFPB; every row is taken, known or refused with a reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--market", default="US")

    def handle(self, *args: Any, file: Path, market: str, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read as text in UTF-8: {error}") from error
        result = import_history(text=text, source=file.name, market=market, now=clock.now())
        for line, reason in result.refused:
            self.stderr.write(f"{file.name}:{line}: {reason}")
        self.stdout.write(
            f"{result.rows} rows: {result.taken} taken, {result.known} known, {len(result.refused)} refused"
        )
