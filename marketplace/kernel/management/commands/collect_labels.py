"""Write the names of tables, fields and states where the translators' tools find them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from marketplace.kernel.labels import shown

TARGET = Path(__file__).parents[2] / "label_messages.py"
HEAD = '''"""Names that the administration shows, for the translators. Made by `manage.py collect_labels`; not imported."""

from django.utils.translation import gettext_noop as _

MESSAGES = (
'''


def module_text() -> str:
    """Return the text of label_messages.py for the present models."""
    with translation.override("en"):
        names = sorted({name for name in shown() if not name.isdigit() and len(name) > 1})
    return HEAD + "".join(f'    _("{name}"),\n' for name in names) + ")\n"


class Command(BaseCommand):
    help = "Collect the names that the administration shows for makemessages."

    def handle(self, *args: Any, **options: Any) -> None:
        TARGET.write_text(module_text(), encoding="utf-8")
