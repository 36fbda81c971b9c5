"""Load the prepared replies of the house that are not there yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from complaints.operations.macros import load_macros


class Command(BaseCommand):
    help = "Make the prepared replies of complaints/policies/macros.yaml that are not there yet; none is overwritten."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_macros()} prepared replies made")
