"""`manage.py missing_translations --language de`: what a language lacks; `--insert FILE` adds to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.kernel import translations
from marketplace.kernel.translations import Misfit


class Command(BaseCommand):
    help = "Print the sentences that a language lacks as JSON lines, or insert translations of them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--language", default="de", help='the folder in locale/: "de" (default), "zh_Hans"'
        )
        parser.add_argument(
            "--under", default="", help='only what files below say: "returns", "templates/admin"'
        )
        parser.add_argument(
            "--insert", type=Path, metavar="FILE", help="JSON: {msgid: text}, or printed lines with msgstr"
        )
        parser.add_argument("--app", default="", help="insert into this app's own catalogue")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["insert"]:
            self._insert(options["insert"], options["language"], options["app"])
            return
        root = Path(settings.BASE_DIR)
        for sentence, names in translations.missing(
            root, options["language"], under=options["under"]
        ).items():
            line = {
                "msgid": sentence.msgid,
                "plural": sentence.plural,
                "context": sentence.context,
                "files": names,
            }
            self.stdout.write(
                json.dumps({key: value for key, value in line.items() if value}, ensure_ascii=False)
            )

    def _insert(self, file: Path, language: str, app: str) -> None:
        root = Path(settings.BASE_DIR)
        target = root / app / "locale" / language / "LC_MESSAGES" / "django.po"
        if not target.exists():
            raise CommandError(f"{target.relative_to(root)} does not exist.")
        try:
            text = file.read_text(encoding="utf-8")
            additions = dict(translations.read_additions(text, translations.marked(root)))
            count = translations.insert(target, additions)
        except (Misfit, ValueError) as error:
            raise CommandError(f"Nothing was inserted. {error}") from error
        self.stdout.write(f"{count} in {target.relative_to(root)}")
