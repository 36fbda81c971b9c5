"""Load what we promise about complaints into new versions of policies and calendars."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from complaints import operations
from marketplace.kernel import clock


class Command(BaseCommand):
    help = "Make a version of every calendar and policy of complaints/policies/promises.yaml that changed."

    def handle(self, *args: Any, **options: Any) -> None:
        made = operations.load_promises(now=clock.now())
        self.stdout.write(f"{made} new versions")
