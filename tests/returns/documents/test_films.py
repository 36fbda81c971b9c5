"""Films lose what cameras write into them, and keep their offsets."""

from __future__ import annotations

import struct

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from returns.documents.films import checked_evidence
from returns.domain.errors import BadEvidence


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def film(*, place: bytes = b"+52.5200+013.4050/") -> bytes:
    track = box(
        b"trak",
        box(b"tkhd", bytes(4) + b"TIMETIME" + bytes(8)),
        box(b"mdia", box(b"hdlr", bytes(8) + b"vide")),
    )
    told = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + b"meta")), box(b"free", place))
    moov = box(
        b"moov",
        box(b"mvhd", bytes(4) + b"TIMETIME" + bytes(8)),
        track,
        told,
        box(b"udta", box(b"\xa9xyz", place)),
    )
    return box(b"ftyp", b"isom0000") + moov + box(b"mdat", b"picture")


def sent(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("clip.mp4", data, content_type="video/mp4")


def test_place_and_time_are_gone_and_nothing_moved():
    before = film()
    name, kept = checked_evidence(sent(before))
    assert name.endswith(".mp4")
    assert (len(kept), kept.index(b"picture")) == (len(before), before.index(b"picture"))
    assert (b"+52" in kept, b"TIME" in kept, b"vide" in kept) == (False, False, True)


@pytest.mark.parametrize("broken", [film()[:-3], box(b"ftyp", b"isom") + b"\x00\x00\x00\x04moov"])
def test_a_film_that_cannot_be_read_box_by_box_is_refused(broken):
    with pytest.raises(BadEvidence):
        checked_evidence(sent(broken))
