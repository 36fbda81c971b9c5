"""Print who can sign in to the demo, and where."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.demo.loading import DEMO_PASSWORD
from catalog.demo.reading import merchants
from catalog.management.commands.load_demo import PEOPLE


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Everybody's password: {DEMO_PASSWORD}")
        for email, _name, role in PEOPLE:
            self.stdout.write(f"  {role or 'shopper':10} {email}")
        for slug in merchants():
            self.stdout.write(f"  {'merchant':10} {slug}@merchants.example")
