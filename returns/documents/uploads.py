"""Files that people send: looked at, rewritten without what cameras write into them, kept apart from the web server."""

from __future__ import annotations

import io
import secrets
from typing import Any

from PIL import Image, UnidentifiedImageError

from returns.domain import policy
from returns.domain.errors import BadEvidence

MOST_PIXELS = 40_000_000
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
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadEvidence("The picture has too many pixels.", field="proof")
            plain = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadEvidence("This is not a picture that we can read.", field="proof") from error
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    plain.save(out, format="JPEG", quality=85)
    return out.getvalue()


def type_of(name: str) -> str:
    return "application/pdf" if name.endswith(".pdf") else "image/jpeg"
