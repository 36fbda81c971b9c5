"""Short films that people send: MP4 or QuickTime, kept without place, time and device that cameras write into them.

Boxes that hold such notes are blanked where they stand, so that all offsets stay true (ISO/IEC 14496-12). Tracks
that are neither picture nor sound are blanked too. A film that cannot be read box by box is refused.
"""

from __future__ import annotations

import secrets
import struct
from typing import Any

from django.http import HttpResponse

from returns.documents.uploads import checked
from returns.domain import policy
from returns.domain.errors import BadEvidence

NOTES = (b"udta", b"meta", b"uuid", b"XMP_", b"ID32")
INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")
DATED = (b"mvhd", b"tkhd", b"mdhd")  # two times follow version and flags
SHOWN = (b"vide", b"soun")
DEEPEST = 8


def checked_evidence(upload: Any) -> tuple[str, bytes]:
    """Return a name of ours and the bytes to keep of a picture, a PDF or a film.

    :raises BadEvidence: for what is too large, or none of these.
    """
    head = upload.read(12)
    upload.seek(0)
    if head[4:8] != b"ftyp":
        return checked(upload)
    if upload.size > policy.VIDEO_BYTES:
        raise BadEvidence("The film is larger than 40 MB.", field="files")
    film = bytearray(upload.read())
    try:
        _blank(film, 0, len(film), 0)
    except (struct.error, IndexError, ValueError) as error:
        raise BadEvidence("This is not a film that we can read.", field="files") from error
    return f"{secrets.token_hex(8)}.mp4", bytes(film)


def type_of(name: str) -> str:
    """Return the content type of a file that was kept."""
    ending = name.rpartition(".")[2]
    return {"pdf": "application/pdf", "mp4": "video/mp4"}.get(ending, "image/jpeg")


def _blank(film: bytearray, start: int, end: int, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("too deep")
    at = start
    while at < end:
        size, kind, head = _box(film, at, end)
        if kind in NOTES or (kind == b"trak" and not _is_shown(film, at + head, at + size)):
            film[at + 4 : at + 8] = b"free"
            film[at + head : at + size] = bytes(size - head)
        elif kind in DATED:
            _undate(film, at + head)
        elif kind in INSIDE:
            _blank(film, at + head, at + size, depth + 1)
        at += size


def _box(film: bytearray, at: int, end: int) -> tuple[int, bytes, int]:
    """Return size, kind and length of the head of the box at an offset."""
    size, kind = struct.unpack_from(">I4s", film, at)
    head = 8
    if size == 1:
        (size,) = struct.unpack_from(">Q", film, at + 8)
        head = 16
    elif size == 0:
        size = end - at
    if size < head or at + size > end:
        raise ValueError("a box that does not fit")
    return size, kind, head


def _undate(film: bytearray, at: int) -> None:
    width = 8 if film[at] == 1 else 4
    film[at + 4 : at + 4 + 2 * width] = bytes(2 * width)


def _is_shown(film: bytearray, start: int, end: int) -> bool:
    """Tell whether a track is picture or sound, by the handler of its media."""
    at = start
    while at < end:
        size, kind, head = _box(film, at, end)
        if kind == b"mdia":
            return _is_shown(film, at + head, at + size)
        if kind == b"hdlr":
            return bytes(film[at + head + 8 : at + head + 12]) in SHOWN
        at += size
    return False


def as_reply(found: Any) -> HttpResponse:
    """Return a file that was kept (a row with `file` and `name`), so that a browser runs nothing in it."""
    with found.file.open("rb") as opened:
        data = opened.read()
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return HttpResponse(data, content_type=type_of(found.name), headers=headers)
