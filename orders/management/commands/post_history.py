"""Bring money that moved before there were books into the books."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.kernel import clock
from orders.operations.history import post_history


class Command(BaseCommand):
    help = "Post captures, sales and refunds that no entry of the books stands for. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Post and say how many payments were brought in."""
        self.stdout.write(f"{post_history(now=clock.now())} payments were brought into the books.")
