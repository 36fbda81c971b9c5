"""Certificates, manuals and declarations of a listing: their data, and a file that is kept privately.

A file is taken by what is in it, never by what it is called; it is stored under a name of ours and as it came,
for it may be evidence. Whoever may see it is sent it to save, never to open inside our pages.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime

import filetype
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from catalog.domain.drafts import clean_text
from catalog.domain.errors import BadPaper
from catalog.events import ListingChanged
from catalog.models import Document, Listing
from catalog.operations.reading import settle_listings
from marketplace.kernel import outbox, uploads

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
MAX_PIXELS = 100_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it."""

    name: str
    data: bytes


@transaction.atomic
def set_document(
    *,
    listing_id: int,
    kind: str,
    now: datetime,
    number: str = "",
    market: str = "",
    language: str = "",
    url: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
    upload: Upload | None = None,
) -> Document:
    """Put a certificate or manual on file; one of each kind, market and language. Without an upload a file stays.

    :raises BadPaper: with the reason, if the file is not one we take.
    """
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    row = Document.objects.filter(listing=listing, kind=kind, market=market, language=language).first()
    row = row or Document(listing=listing, kind=kind, market=market, language=language)
    row.number, row.url, row.issued_on, row.expires_on = number, url, issued_on, expires_on
    if upload is not None:
        _keep(row, upload)
    row.save()
    _tell(listing, now)
    return row


@transaction.atomic
def remove_document(*, document_id: int, now: datetime) -> None:
    """Take a document off its listing, with its file."""
    listing = Listing.objects.select_for_update().get(documents__pk=document_id)
    row = Document.objects.get(pk=document_id)
    _drop_later(row)
    row.delete()
    _tell(listing, now)


def type_of(data: bytes) -> str:
    """Return the media type of a file that is taken as a document.

    :raises BadPaper: if it is empty, too large, of another kind, or not the picture it begins as.
    """
    if len(data) > settings.DOCUMENT_MAX_BYTES:
        raise _bad("A document has at most %(most)s MB.", most=settings.DOCUMENT_MAX_BYTES // 1_048_576)
    found = filetype.guess_mime(data) if data else None
    if found not in ENDINGS:
        raise _bad("We take PDF, JPEG, PNG and WebP files.")
    if found == "application/pdf":
        if b"%%EOF" not in data[-2048:]:
            raise _bad("The PDF ends in the middle; send it again.")
    else:
        _look_at(data)
    return found


def _look_at(data: bytes) -> None:
    try:
        uploads.verify(data, most_pixels=MAX_PIXELS)
    except uploads.BadUpload as error:
        raise _bad(error.detail.message, **error.detail.params) from error


def _keep(row: Document, upload: Upload) -> None:
    found = type_of(upload.data)
    _drop_later(row)
    row.file_type, row.file_name = found, shown_name(upload.name, found)
    row.digest = hashlib.sha256(upload.data).hexdigest()
    row.file.save(row.file_name, ContentFile(upload.data), save=False)


def shown_name(name: str, media_type: str) -> str:
    """Return the name under which a file is offered: words of the name it came with, and the ending of its type."""
    last = re.split(r"[/\\]", clean_text(name))[-1]
    words = re.sub(r"[^\w\- ()]+", "-", last.rpartition(".")[0] or last).strip("-. ")[:100]
    return f"{words or 'document'}.{ENDINGS[media_type]}"


def _drop_later(row: Document) -> None:
    """Delete the present file once the change is committed, so that a change that fails keeps it."""
    if row.file:
        storage, name = row.file.storage, row.file.name
        transaction.on_commit(lambda: storage.delete(name))


def _bad(detail: str, **data: int) -> BadPaper:
    return BadPaper(detail, field="file", **data)


def _tell(listing: Listing, now: datetime) -> None:
    settle_listings(listing_ids=[listing.pk], now=now)
    outbox.publish(ListingChanged((listing.pk,), listing.merchant_id, "documents"))
