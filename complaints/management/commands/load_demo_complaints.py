"""Fill the demo's desk: agents with their languages, complaints in every state, suggestions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.demo import loading
from marketplace.accounts.models import User
from marketplace.kernel import clock


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = loading.load(now=clock.now())
        except User.DoesNotExist as missing:
            raise CommandError("The demo's people are not there yet: run load_demo first.") from missing
        self.stdout.write(f"{counts['agents']} agents, {counts['tickets']} complaints.")
