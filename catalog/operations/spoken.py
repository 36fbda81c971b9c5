"""What all writes of what people say share: clean words, the listing's lock, and pages that are drawn afresh."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from catalog.domain.drafts import clean_text
from catalog.domain.errors import BadVoice
from catalog.models import Listing, Report

LONGEST = 4000  # characters of a text


def lock_listings(listing_ids: Iterable[int]) -> None:
    """Lock listings in the order of their keys. Whoever writes what is said of one holds it before any other row."""
    rows = Listing.objects.select_for_update().filter(pk__in=set(listing_ids)).order_by("pk")
    list(rows.values_list("pk", flat=True))


def show_anew(listing_id: int) -> None:
    """Let kept pages of a listing be drawn afresh: something on them changed, and nothing in lists."""
    Listing.objects.filter(pk=listing_id).update(version=F("version") + 1)


def settle_reports(subject: str, now: datetime) -> tuple[int, ...]:
    """Settle what was reported of something said; return the keys of the reports that waited until now."""
    waiting = Report.objects.select_for_update().filter(subject=subject, settled_at=None).order_by("pk")
    found = tuple(waiting.values_list("pk", flat=True))
    Report.objects.filter(pk__in=found).update(settled_at=now)
    return found


def clean_line(text: str, *, field: str, most: int) -> str:
    """Return one line of plain text.

    :raises BadVoice: if nothing is left of it.
    """
    clean = clean_text(text)[:most]
    if not clean:
        raise BadVoice("This is empty.", field=field)
    return clean


def clean_paragraphs(text: str, *, field: str, most: int = LONGEST) -> str:
    """Return a text in plain paragraphs.

    :raises BadVoice: if nothing is left of it.
    """
    lines = [clean_text(line) for line in text[:most].splitlines()]
    clean = "\n".join(lines).strip()
    if not clean:
        raise BadVoice("This is empty.", field=field)
    return clean
