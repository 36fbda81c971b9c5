"""Files that come with a complaint: known kinds only, by their content; pictures drawn anew without what they tell of their maker."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import filetype
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from complaints.domain.errors import Incomplete
from complaints.models import Attachment, Message
from compliance.rulebook.words import noop as _
from marketplace.kernel.ids import new_public_id

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
AS_THEY_ARE = {"application/pdf": "pdf", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
LARGEST = 15 * 1024 * 1024
MOST = 8  # files of one message
MAX_PIXELS = 40_000_000


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
    if len(file.content) > LARGEST:
        raise Incomplete(
            _("%(name)s is larger than %(most)s MB."), field="files", name=name, most=LARGEST // 1024 // 1024
        )
    guess = filetype.guess(file.content)
    kind = guess.mime if guess else ""
    if kind in PICTURES:
        return Checked(
            name, kind, _drawn_anew(file.content, PICTURES[kind], name), kind.removeprefix("image/")
        )
    if kind in AS_THEY_ARE:
        return Checked(name, kind, file.content, AS_THEY_ARE[kind])
    raise Incomplete(
        _("%(name)s is of a kind we do not take. We take pictures (JPEG, PNG, WebP), PDF and videos (MP4, MOV, WebM)."),
        field="files", name=name,
    )  # fmt: skip


def _drawn_anew(content: bytes, form: str, name: str) -> bytes:
    """Return a picture without its metadata (places, cameras, hidden parts); what is no picture is refused."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Incomplete(
                    _("%(name)s has more than %(most)s million pixels."),
                    field="files",
                    name=name,
                    most=MAX_PIXELS // 1_000_000,
                )
            upright = ImageOps.exif_transpose(picture)
            upright = upright.convert("RGB") if form == "JPEG" else upright
            out = io.BytesIO()
            upright.save(out, form)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Incomplete(_("%(name)s cannot be opened as a picture."), field="files", name=name) from error
    return out.getvalue()


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
