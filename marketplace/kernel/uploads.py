"""Files that people send: taken by what is in them, never by what they are called; pictures drawn anew.

A picture that is drawn anew keeps nothing of what cameras and programs write into it: no place, no time, no maker.
What is a picture only by its name, or would fill the memory once it is unpacked, is refused with a reason.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

from marketplace.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2_000
MEGABYTE = 1_048_576
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError)


class BadUpload(Invalid):
    """`reason` says why for machines: too_many, too_large, kind, too_many_pixels, broken."""

    code, title = "bad_upload", "This file is not one we can take."

    def __init__(self, detail: str, *, reason: str, field: str = "files", **data: Any) -> None:
        super().__init__(detail, field=field, **data)
        self.reason = reason


def contents(files: Sequence[Any], *, most: int, most_bytes: int) -> tuple[bytes, ...]:
    """Return what is in uploaded files; how many and how large they are is looked at before any is read.

    :raises BadUpload: for too many, or one that is larger than `most_bytes`.
    """
    if len(files) > most:
        raise BadUpload("Send at most %(most)s files at a time.", reason="too_many", most=most)
    if any(file.size > most_bytes for file in files):
        raise BadUpload(
            "A file has at most %(most)s MB.", reason="too_large", most=max(most_bytes // MEGABYTE, 1)
        )
    return tuple(file.read() for file in files)


def media_type(data: bytes, *, kinds: Collection[str], most_bytes: int) -> str:
    """Return the media type that is found in a file.

    :raises BadUpload: if it is larger than `most_bytes`, empty, or none of `kinds`.
    """
    if len(data) > most_bytes:
        raise BadUpload(
            "A file has at most %(most)s MB.", reason="too_large", most=max(most_bytes // MEGABYTE, 1)
        )
    found = filetype.guess_mime(data) if data else None
    if found not in kinds:
        raise BadUpload("We do not take files of this kind.", reason="kind", kind=found or "unknown")
    return str(found)


def upright(data: bytes, *, most_pixels: int = MOST_PIXELS) -> Image.Image:
    """Return a picture the way up it was taken, in plain RGB; what was see-through is white.

    :raises BadUpload: if it has too many pixels or cannot be read.
    """
    with _opened(data, most_pixels) as picture:
        return _flat(ImageOps.exif_transpose(picture))


def verify(data: bytes, *, most_pixels: int) -> None:
    """Look whether a picture that is kept as it came is one.

    :raises BadUpload: if it has too many pixels or cannot be read.
    """
    with _opened(data, most_pixels) as picture:
        picture.verify()


def redrawn(data: bytes, *, longest_side: int = LONGEST_SIDE, most_pixels: int = MOST_PIXELS) -> bytes:
    """Return a picture as a JPEG of our own drawing, never enlarged, with nothing beside its pixels.

    :raises BadUpload: if it has too many pixels or cannot be read.
    """
    picture = upright(data, most_pixels=most_pixels)
    picture.thumbnail((longest_side, longest_side))
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=85)
    return out.getvalue()


@contextmanager
def _opened(data: bytes, most_pixels: int) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > most_pixels:
                raise Image.DecompressionBombError
            yield picture
    except Image.DecompressionBombError as error:  # the library's own limit may lie higher
        raise BadUpload(
            "A picture has at most %(most)s megapixels.",
            reason="too_many_pixels",
            most=most_pixels // 1_000_000,
        ) from error
    except BROKEN as error:
        raise BadUpload("The picture cannot be read; its file is damaged.", reason="broken") from error


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        return ground.convert("RGB")
    return picture.convert("RGB")
