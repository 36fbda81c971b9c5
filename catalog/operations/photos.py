"""Photos of reviews: drawn anew before anything is locked, and no file is left of what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.files.base import ContentFile

from catalog.models import ReviewPhoto
from catalog.models.voice import photo_name
from marketplace.kernel import uploads
from marketplace.kernel.files import private_files


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo whose file is kept: the file's name, width and height in pixels."""

    name: str
    width: int
    height: int


@contextmanager
def photos_kept(photos: Sequence[bytes]) -> Iterator[tuple[KeptPhoto, ...]]:
    """Keep photos while something is done with them; if that fails, their files are removed.

    :raises BadUpload: for a photo that is none; then none is kept.
    """
    drawn, files, kept = [_drawn(data) for data in photos], private_files(), list[KeptPhoto]()
    try:
        for data, size in drawn:
            name = files.save(photo_name(ReviewPhoto(), ""), ContentFile(data))
            kept.append(KeptPhoto(name, *size))
        yield tuple(kept)
    except BaseException:
        for one in kept:
            files.delete(one.name)
        raise


def _drawn(data: bytes) -> tuple[bytes, tuple[int, int]]:
    uploads.media_type(data, kinds=uploads.PICTURES, most_bytes=settings.UPLOAD_MAX_BYTES)
    drawn = uploads.redrawn(data)
    return drawn, uploads.upright(drawn).size
