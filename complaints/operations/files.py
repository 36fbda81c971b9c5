"""Files that come with a complaint: known kinds only, by their content; pictures drawn anew without what they tell of their maker."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile

from complaints.domain.errors import Incomplete
from complaints.models import Attachment, Message
from compliance.rulebook.words import noop as _
from marketplace.kernel import uploads
from marketplace.kernel.ids import new_public_id

AS_THEY_ARE = {"application/pdf": "pdf", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
LARGEST = 15 * 1024 * 1024
MOST = 8  # files of one message
LONGEST_SIDE = 6_000  # pixels: small print on a picture of a label can still be read


@dataclass(frozen=True, slots=True)
class Given:
    """A file as somebody gave it: its own name for it and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it is kept."""

    name: str
    kind: str
    content: bytes
    ending: str


def check_files(files: Sequence[Given]) -> list[Checked]:
    """Return files as they may be kept.

    :raises Incomplete: naming the file that cannot be taken and why.
    """
    if len(files) > MOST:
        raise Incomplete(
            _("At most %(most)s files at a time; send the rest with a second message."),
            field="files",
            most=MOST,
        )
    return [_check(file) for file in files]


def _check(file: Given) -> Checked:
    name = clean_name(file.name)
    try:
        kind = uploads.media_type(file.content, kinds=(*uploads.PICTURES, *AS_THEY_ARE), most_bytes=LARGEST)
        if kind in AS_THEY_ARE:
            return Checked(name, kind, file.content, AS_THEY_ARE[kind])
        drawn = uploads.redrawn(file.content, longest_side=LONGEST_SIDE)
    except uploads.BadUpload as refused:
        raise _refused(name, refused.reason) from refused
    return Checked(_as_jpeg(name), "image/jpeg", drawn, "jpg")


def _refused(name: str, reason: str) -> Incomplete:
    """Return why a file cannot be taken, by its own name."""
    said, most = {
        "too_large": (_("%(name)s is larger than %(most)s MB."), LARGEST // uploads.MEGABYTE),
        "too_many_pixels": (_("%(name)s has more than %(most)s million pixels."), uploads.MOST_PIXELS // 1_000_000),
        "broken": (_("%(name)s cannot be opened as a picture."), 0),
    }.get(
        reason,
        (_("%(name)s is of a kind we do not take. We take pictures (JPEG, PNG, WebP), PDF and videos (MP4, MOV, WebM)."), 0),
    )  # fmt: skip
    return Incomplete(said, field="files", name=name, **({"most": most} if most else {}))


def _as_jpeg(name: str) -> str:
    """Return a picture's name with the ending of what it was drawn as."""
    stem, dot, ending = name.rpartition(".")
    return name if ending.lower() in ("jpg", "jpeg") else f"{stem if dot else name}.jpg"


def clean_name(name: str) -> str:
    """Return a file's name for people: never a path, no control characters, not endless."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return (
        "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')[-100:].strip(
            " ."
        )
        or "file"
    )


def attach(message: Message, files: Sequence[Checked]) -> list[Attachment]:
    """Keep checked files with a message; the same file twice is once."""
    kept = []
    for file in files:
        digest = hashlib.sha256(file.content).hexdigest()
        known = message.attachments.filter(digest=digest).first()
        if known is None:
            public_id = new_public_id("CA")
            known = Attachment(
                public_id=public_id,
                message=message,
                name=file.name,
                kind=file.kind,
                size=len(file.content),
                digest=digest,
            )
            known.file.save(f"{public_id}.{file.ending}", ContentFile(file.content), save=False)
            known.save(force_insert=True)
        kept.append(known)
    return kept
