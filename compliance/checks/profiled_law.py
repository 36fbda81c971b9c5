"""Which law the profiles are judged by, held while outcomes are written."""

from __future__ import annotations

from django.db import connection

from compliance.checks.models import ProfiledLaw
from compliance.checks.outcomes import Outcomes


def hold() -> tuple[str, int]:
    """Hold the law of the profiles in share until the transaction ends; return its key ("" for none yet) and its turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, turn FROM compliance_profiledlaw FOR SHARE")
        return cursor.fetchone() or ("", 0)


def is_held(law: Outcomes, turn: int | None = None) -> bool:
    """Hold the law of the profiles in share until the transaction ends; return whether it is this one, or this turn's."""
    key, now = hold()
    return key == law.key and turn in (None, now)


def turn_to_compare() -> int | None:
    """Return the turn of the law if subjects may differ from their profiles unseen, as some law was not followed to its end."""
    return ProfiledLaw.objects.filter(is_compared=False).values_list("turn", flat=True).first()


def note_compared(turn: int) -> None:
    """Put on record that all subjects were compared with their profiles, unless the law changed meanwhile."""
    ProfiledLaw.objects.filter(turn=turn, unsure=[]).update(is_compared=True)


def turn_now() -> int:
    """Return the turn of the law, 0 before the first."""
    return ProfiledLaw.objects.values_list("turn", flat=True).first() or 0


def places() -> list[str]:
    """Return the facts in the order of the numbers that are kept of profiles."""
    return ProfiledLaw.objects.values_list("places", flat=True).first() or []
