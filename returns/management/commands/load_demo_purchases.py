"""Fill the demo's orders: bought, sent, delivered, withdrawn, claimed, exchanged, reviewed and asked about."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.accounts.models import User
from marketplace.kernel import clock
from returns.demo import loading


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = loading.load(now=clock.now())
        except User.DoesNotExist as missing:
            raise CommandError("The demo's people are not there yet: run load_demo first.") from missing
        self.stdout.write(f"{counts['orders']} orders, {counts['reviews']} reviews.")
