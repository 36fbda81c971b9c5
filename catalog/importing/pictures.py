"""The pictures that a file names: noted with the row that was taken, fetched in the background, each with its result.

A row never waits for its pictures and is never lost by one. A try is claimed by moving `not_before` ahead, so
that no lock is held while the network is waited for; a worker that dies with it loses nothing but that time.
Lock order: the listing, then the picture.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Case, Count, When

from catalog.importing.events import PicturesNamed
from catalog.importing.records import Item
from catalog.models import ImportPicture, ImportRun, Listing, Media
from catalog.operations.media import MOST, TAKEN, add_media
from marketplace.kernel import outbox
from marketplace.kernel.errors import RightfulError, Words
from marketplace.kernel.outgoing import Fetched, FetchRefused, Outgoing

log = structlog.get_logger(__name__)
KINDS = {*TAKEN, "image/jpg", "application/octet-stream", "binary/octet-stream"}
UNDER_WAY = timedelta(minutes=5)  # longer than any try may take
MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=30)
URL_LENGTH = 2000
SOON = UNDER_WAY + timedelta(minutes=1)


def note_pictures(*, run: ImportRun, taken: list[tuple[int, Item]], now: datetime) -> None:
    """Note the pictures of items just written, in the caller's transaction; workers fetch them once it is committed."""
    if not settings.FETCH_PICTURES:
        return
    rows = [row for listing_id, item in taken for row in _rows(run, listing_id, item, now)]
    ImportPicture.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        outbox.publish(PicturesNamed(run.pk))


def _rows(run: ImportRun, listing_id: int, item: Item, now: datetime) -> list[ImportPicture]:
    named = dict(item.draft.images[:MOST]) if item.draft else {}
    language = item.draft.language.lower() if item.draft else ""
    return [
        ImportPicture(
            run=run,
            listing_id=listing_id,
            line=item.lines[0] if item.lines else 0,
            url=url[:URL_LENGTH].replace("\x00", ""),
            alt={language: alt} if alt else {},
            not_before=now,
        )
        for url, alt in named.items()
    ]


def count_due(*, now: datetime) -> int:
    """Return how many pictures wait whose time has come."""
    return ImportPicture.objects.filter(state=ImportPicture.State.WAITING, not_before__lte=now).count()


def fetch_next(*, now: datetime, outgoing: Outgoing | None = None) -> ImportPicture | None:
    """Fetch the next picture that is due and put it on its listing; None if none is due.

    What went wrong stands on the row: for good, or with a later time for the next of `MOST_TRIES` tries.
    """
    row = _claim(now)
    if row is None:
        return None
    try:
        return _put(row.pk, _found(row, outgoing or _way_out()), now)
    except RightfulError as error:
        return _fail(row.pk, error, now)
    except ObjectDoesNotExist:
        return row  # the listing was deleted meanwhile, and its pictures with it
    except Exception as error:  # a picture that breaks what reads it must not stop the others
        log.exception("A picture could not be taken.", url=row.url)
        broken = FetchRefused(
            "The picture cannot be read; its file is damaged.", reason="broken", may_pass=True
        )
        broken.__cause__ = error
        return _fail(row.pk, broken, now)


def _found(row: ImportPicture, outgoing: Outgoing) -> Fetched | Media:
    """Return what lies at a picture's address, or the picture where the listing has it already."""
    if not settings.FETCH_PICTURES:
        raise FetchRefused("Pictures are not fetched here. Upload them to the listing.", reason="off")
    if row.attempts > MOST_TRIES:
        raise FetchRefused("Taking it broke off several times.", reason="lost")
    known = Media.objects.filter(listing=row.listing_id, source_url=row.url[:1000]).first()
    return known or outgoing.fetch(
        row.url, most_bytes=settings.FETCH_MAX_BYTES, seconds=settings.FETCH_SECONDS, kinds=KINDS
    )


@lru_cache(maxsize=1)
def _way_out() -> Outgoing:
    return Outgoing(agent=f"Rightful (+{settings.SITE_URL})")


@transaction.atomic
def _claim(now: datetime) -> ImportPicture | None:
    due = ImportPicture.objects.filter(state=ImportPicture.State.WAITING, not_before__lte=now)
    row = due.select_for_update(skip_locked=True).order_by("not_before", "pk").first()
    if row is not None:
        row.attempts, row.not_before = row.attempts + 1, now + UNDER_WAY
        row.save(update_fields=["attempts", "not_before"])
    return row


@transaction.atomic
def _put(pk: int, found: Fetched | Media, now: datetime) -> ImportPicture:
    """Put what was found on the listing: looked at and encoded anew like every picture."""
    row = _locked(pk)
    if row.state == ImportPicture.State.WAITING:
        row.media = (
            found
            if isinstance(found, Media)
            else add_media(
                listing_id=row.listing_id, data=found.data, alt=row.alt, now=now, source_url=row.url
            )
        )
        row.state, row.problem = ImportPicture.State.DONE, {}
        row.save(update_fields=["state", "problem", "media"])
    return row


@transaction.atomic
def _fail(pk: int, error: RightfulError, now: datetime) -> ImportPicture:
    row = _locked(pk)
    if row.state == ImportPicture.State.WAITING:
        may_pass = isinstance(error, FetchRefused) and error.may_pass and row.attempts < MOST_TRIES
        row.not_before = now + FIRST_PAUSE * 4 ** (row.attempts - 1) if may_pass else now
        row.state = ImportPicture.State.WAITING if may_pass else ImportPicture.State.FAILED
        row.problem = {"message": error.detail.message, "params": error.detail.params}
        row.save(update_fields=["state", "problem", "not_before"])
    return row


def _locked(pk: int) -> ImportPicture:
    listing = ImportPicture.objects.values_list("listing_id", flat=True).get(pk=pk)
    Listing.objects.select_for_update().get(pk=listing)
    return ImportPicture.objects.select_for_update().get(pk=pk)


def progress_of(*, run: ImportRun, limit: int, now: datetime) -> dict[str, Any]:
    """Return how far the pictures of a file are, and the first of them with their results, what failed first.

    `is_moving` says whether a picture is being fetched or will be within minutes.
    """
    counted = run.pictures.values_list("state").annotate(count=Count("pk")).order_by()
    counts = dict.fromkeys(ImportPicture.State.values, 0) | dict(counted)
    rank = Case(*(When(state=state, then=place) for place, state in enumerate(("failed", "waiting", "done"))))
    rows = run.pictures.select_related("listing").order_by(rank, "line", "pk")[:limit]
    total = sum(counts.values())
    return {
        "total": total,
        "settled": total - counts["waiting"],
        **counts,
        "is_moving": run.pictures.filter(state="waiting", not_before__lte=now + SOON).exists(),
        "rows": [_result(row) for row in rows],
    }


def _result(row: ImportPicture) -> dict[str, Any]:
    return {
        "line": row.line,
        "url": row.url,
        "listing_id": row.listing_id,
        "code": row.listing.code,
        "state": row.state,
        "problem": Words(row.problem["message"], **row.problem["params"]) if row.problem else None,
    }
