"""Check that a dossier is whole and, where we made it, that it is the one we made."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.documents import BrokenDossier, verify_dossier
from complaints.models import Referral


class Command(BaseCommand):
    help = "Check a dossier: every member against its manifest, the whole against what was handed over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        content = file.read_bytes()
        try:
            manifest = verify_dossier(content)
        except BrokenDossier as broken:
            raise CommandError(str(broken)) from broken
        digest = hashlib.sha256(content).hexdigest()
        ours = Referral.objects.filter(digest=digest).first()
        known = f"handed over as {ours.public_id}" if ours else "not one that we handed over"
        self.stdout.write(
            f"Complaint {manifest['complaint']}: {len(manifest['sha256'])} members, all whole; {known}."
        )
