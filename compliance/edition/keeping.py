"""Every process answers from the law in use, within two seconds of a change, without asking the database each time.

An acceptance writes its number into the cache; processes look there at most every two seconds. A lost
number is read from the database again.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache

from compliance import rulebook
from compliance.edition import queries

KEY = "law-edition"
_known = {"number": 0, "looked_at": float("-inf")}


def keep_up(*, now: float | None = None) -> None:
    """Take over a new edition if there is one; cheap enough for every request and task."""
    at = time.monotonic() if now is None else now
    if settings.LAW_LOOK_SECONDS is None or at - _known["looked_at"] < settings.LAW_LOOK_SECONDS:
        return
    _known["looked_at"] = at
    number = cache.get(KEY)
    if number is None:
        number = queries.edition_number()
        cache.set(KEY, number, None)
    if number != _known["number"]:
        take_over()


def take_over() -> None:
    """Read the edition from the database and answer from it from now on; tell the other processes."""
    number = queries.edition_number()
    cache.set(KEY, number, None)
    rulebook.use(queries.book_in_use() if number else None)
    _known["number"] = number


def reset() -> None:
    """Go back to the released law, as a process that has just started."""
    rulebook.use(None)
    _known.update(number=0, looked_at=float("-inf"))
