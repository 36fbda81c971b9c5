"""Take over the orders of another shop as history, or take a history away again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from orders.domain.histories import History, Unreadable, read_olist, read_uci
from orders.operations.histories import drop_history, take_history


class Command(BaseCommand):
    help = "Take over orders of another shop as history: every row is taken or refused, everything odd is listed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, nargs="?", help="a table (uci) or a folder of tables (olist)")
        parser.add_argument("--format", choices=["uci", "olist"])
        parser.add_argument("--name", required=True, help="a short name of the source")
        parser.add_argument("--attribution", default="", help="whose data it is, under which licence")
        parser.add_argument("--drop", action="store_true", help="take the history of this name away")

    def handle(self, *args: Any, path: Path | None, name: str, drop: bool, **options: Any) -> None:
        try:
            if drop:
                drop_history(slug=name)
                self.stdout.write(f"{name} is gone.")
                return
            if path is None or not options["format"]:
                raise CommandError("Name a path and --format.")
            history = _read(path, options["format"])
            take_history(
                slug=name, format=options["format"], attribution=options["attribution"], history=history, now=clock.now()
            )  # fmt: skip
        except (Unreadable, RightfulError) as error:
            raise CommandError(str(error)) from error
        self._report(history)

    def _report(self, history: History) -> None:
        for file, count in history.files.items():
            self.stdout.write(f"{file}: {count.rows} rows, {count.taken} taken, {count.refused} refused")
        late = sum(order.is_late(history.zone) for order in history.orders.values())
        self.stdout.write(f"{len(history.orders)} orders, {late} late")
        for code, number in Counter(odd.code for odd in history.oddities).most_common():
            self.stdout.write(f"  {code}: {number}")


def _read(path: Path, format: str) -> History:
    try:
        if format == "uci":
            return read_uci(path.read_text(encoding="utf-8-sig"), path.name)
        return read_olist({one.name: one.read_text(encoding="utf-8-sig") for one in path.glob("*.csv")})
    except KeyError as missing:
        raise CommandError(f"{path} lacks the table {missing}.") from missing
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as text in UTF-8: {error}") from error
