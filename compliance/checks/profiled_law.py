"""Which law the profiles are judged by, held while outcomes are written."""

from __future__ import annotations

from django.db import connection

from compliance.checks.models import ProfiledLaw
from compliance.checks.outcomes import Outcomes


def is_held(law: Outcomes, turn: int | None = None) -> bool:
    """Hold the law of the profiles in share until the transaction ends; return whether it is this one, or this turn's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, turn FROM compliance_profiledlaw FOR SHARE")
        key, now = cursor.fetchone() or ("", 0)
    return key == law.key and turn in (None, now)


def places() -> list[str]:
    """Return the facts in the order of the numbers that are kept of profiles."""
    return ProfiledLaw.objects.values_list("places", flat=True).first() or []
