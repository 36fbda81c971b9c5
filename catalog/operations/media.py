"""Take pictures in: looked at, re-encoded, stripped of what they say about their maker, stored in several widths."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filetype
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from PIL import Image

from catalog.domain.drafts import clean_text
from catalog.domain.errors import BadPicture
from catalog.events import ListingChanged
from catalog.models import Listing, Media
from catalog.operations.reading import settle_listings
from marketplace.kernel import outbox, uploads

TAKEN = {"image/jpeg", "image/png", "image/webp", "image/avif"}
WIDTHS = (320, 640, 960, 1280)
MAX_PIXELS = 40_000_000
MOST = 20  # pictures of one listing
FOLDER = "pictures"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as it is stored: its size and one WebP file per width."""

    width: int
    height: int
    files: Mapping[int, bytes]


@transaction.atomic
def add_media(
    *,
    listing_id: int,
    data: bytes,
    alt: Mapping[str, str],
    now: datetime,
    variant_id: int | None = None,
    source_url: str = "",
) -> Media:
    """Add a picture to a listing with its alternative text by language. The same file twice is one picture.

    :raises BadPicture: with the reason, if it is not a picture we take.
    """
    digest = hashlib.sha256(data).hexdigest()
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    known = Media.objects.filter(listing=listing, digest=digest).first()
    if known:
        return known
    _refuse_too_many(listing)
    encoded = encode(data)
    for width, webp in encoded.files.items():
        _store(file_name(name_of(digest), width), webp)
    return _add(listing, digest, encoded, alt, now, variant_id, source_url)


@transaction.atomic
def add_prepared_media(
    *,
    listing_id: int,
    folder: Path,
    digest: str,
    size: tuple[int, int],
    alt: Mapping[str, str],
    now: datetime,
) -> Media:
    """Add a picture of our own making that lies encoded in a folder as `<width>.webp`; nothing is re-encoded.

    `digest` is the SHA-256 of the drawing it was made from, `size` its width and height in pixels.
    """
    listing = Listing.objects.select_for_update().get(pk=listing_id)
    known = Media.objects.filter(listing=listing, digest=digest).first()
    if known:
        return known
    files = {int(path.stem): path for path in folder.glob("*.webp")}
    for width, path in files.items():
        _copy(path, file_name(name_of(digest), width))
    encoded = Encoded(*size, dict.fromkeys(sorted(files), b""))
    return _add(listing, digest, encoded, alt, now, None, "")


@transaction.atomic
def update_media(
    *, media_id: int, now: datetime, alt: Mapping[str, str] | None = None, position: int | None = None
) -> Media:
    """Change a picture's alternative text or its place."""
    listing = Listing.objects.select_for_update().get(media__pk=media_id)
    row = Media.objects.get(pk=media_id)
    row.alt = _clean(alt) if alt is not None else row.alt
    row.position = position if position is not None else row.position
    row.save(update_fields=["alt", "position"])
    _tell(listing, now)
    return row


@transaction.atomic
def remove_media(*, media_id: int, now: datetime) -> None:
    """Take a picture off its listing; the files stay, other listings may show the same."""
    listing = Listing.objects.select_for_update().get(media__pk=media_id)
    Media.objects.filter(pk=media_id).delete()
    _tell(listing, now)


def encode(data: bytes) -> Encoded:
    """Return a picture as WebP in several widths, upright, without metadata, never enlarged.

    :raises BadPicture: if it is too large, of another kind, or broken.
    """
    _refuse_kind(data)
    try:
        picture = uploads.upright(data, most_pixels=MAX_PIXELS)
    except uploads.BadUpload as error:
        raise _bad(error.reason, error.detail.message, **error.detail.params) from error
    widths = [width for width in WIDTHS if width < picture.width] + [min(picture.width, WIDTHS[-1])]
    return Encoded(picture.width, picture.height, {w: _webp(picture, w) for w in sorted(set(widths))})


def _refuse_kind(data: bytes) -> None:
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise _bad(
            "too_large", "A picture has at most %(most)s MB.", most=settings.UPLOAD_MAX_BYTES // 1_048_576
        )
    kind = filetype.guess_mime(data)
    if kind not in TAKEN:
        raise _bad("kind", "We take JPEG, PNG, WebP and AVIF pictures.", kind=kind or "unknown")


def _webp(picture: Image.Image, width: int) -> bytes:
    height = max(1, round(picture.height * width / picture.width))
    scaled = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    scaled.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()


def _bad(reason: str, detail: str, **data: Any) -> BadPicture:
    return BadPicture(detail, field="picture", reason=reason, **data)


def _refuse_too_many(listing: Listing) -> None:
    if Media.objects.filter(listing=listing).count() >= MOST:
        raise _bad("too_many", "A listing has at most %(most)s pictures.", most=MOST)


def name_of(digest: str) -> str:
    """Return the path of a picture without width and ending."""
    return f"{digest[:2]}/{digest[:32]}"


def file_name(name: str, width: int) -> str:
    """Return where a width of a picture is stored."""
    return f"{FOLDER}/{name}-{width}.webp"


def _store(path: str, data: bytes) -> None:
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


def _copy(source: Path, path: str) -> None:
    if default_storage.exists(path):
        return
    try:
        target = Path(default_storage.path(path))
    except NotImplementedError:  # a storage that is not a file system
        _store(path, source.read_bytes())
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _add(
    listing: Listing, digest: str, encoded: Encoded, alt: Mapping[str, str], now: datetime,
    variant_id: int | None, source_url: str,
) -> Media:  # fmt: skip
    last = Media.objects.filter(listing=listing).aggregate(last=Max("position"))["last"]
    row = Media.objects.create(
        listing=listing,
        variant_id=variant_id,
        name=name_of(digest),
        widths=list(encoded.files),
        width=encoded.width,
        height=encoded.height,
        alt=_clean(alt),
        digest=digest,
        source_url=source_url[:1000],
        position=0 if last is None else last + 1,
    )
    _tell(listing, now)
    return row


def _clean(alt: Mapping[str, str]) -> dict[str, str]:
    return {language.lower(): clean_text(text)[:300] for language, text in alt.items() if text.strip()}


def _tell(listing: Listing, now: datetime) -> None:
    settle_listings(listing_ids=[listing.pk], now=now)
    outbox.publish(ListingChanged((listing.pk,), listing.merchant_id, "media"))
