"""Fill a fresh database with the demo: merchants, listings, people of every role."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.demo import loading
from catalog.demo.food import load_food
from marketplace.accounts import operations as accounts
from marketplace.accounts.models import Role
from marketplace.kernel import clock

PEOPLE = (
    ("shopper@demo.example", "Ana Shopper", None),
    ("agent@demo.example", "Lin Agent", Role.Kind.AGENT),
    ("agent2@demo.example", "Noa Agent", Role.Kind.AGENT),
    ("supervisor@demo.example", "Sam Supervisor", Role.Kind.AGENT),
    ("officer@demo.example", "Ida Officer", Role.Kind.OFFICER),
    ("authority@demo.example", "Max Authority", Role.Kind.AUTHORITY),
    ("operator@demo.example", "Olu Operator", Role.Kind.OPERATOR),
)


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for email, name, role in PEOPLE:
            user = loading.user_of(email, name)
            if role:
                accounts.give_role(user=user, kind=role)
        loading.confirm_addresses()
        counts = loading.load(now=clock.now())
        foods = load_food(now=clock.now())
        loading.confirm_addresses()
        self.stdout.write(
            f"{counts['merchants']} merchants, {counts['listings']} listings of our own, "
            f"{foods} foods from Open Food Facts."
        )
