"""Files that people send: looked at, rewritten without what cameras write into them, kept apart from the web server."""

from __future__ import annotations

import secrets
from typing import Any

from marketplace.kernel import uploads
from returns.domain import policy
from returns.domain.errors import BadEvidence

LONGEST_SIDE = 2400


def checked(upload: Any, *, papers: bool = True) -> tuple[str, bytes]:
    """Return a name of ours and the bytes to keep: a picture is drawn anew as JPEG, a PDF stays as it is.

    :raises BadEvidence: for what is too large, or neither.
    """
    if upload.size > policy.EVIDENCE_BYTES:
        raise BadEvidence("The file is larger than 8 MB.", field="proof")
    data = upload.read()
    if papers and data.startswith(b"%PDF-"):
        return f"{secrets.token_hex(8)}.pdf", data
    return f"{secrets.token_hex(8)}.jpg", _redrawn(data)


def _redrawn(data: bytes) -> bytes:
    """Return the picture the way up it was taken, with nothing beside its pixels."""
    try:
        uploads.media_type(data, kinds=uploads.PICTURES, most_bytes=policy.EVIDENCE_BYTES)
        return uploads.redrawn(data, longest_side=LONGEST_SIDE)
    except uploads.BadUpload as error:
        if error.reason == "too_many_pixels":
            raise BadEvidence("The picture has too many pixels.", field="proof") from error
        raise BadEvidence("This is not a picture that we can read.", field="proof") from error


def type_of(name: str) -> str:
    return "application/pdf" if name.endswith(".pdf") else "image/jpeg"
