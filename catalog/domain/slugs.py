"""Addresses that people can read, in any script."""

from __future__ import annotations

import re
import unicodedata

WRITTEN_OUT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "å": "a",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "&": " ",
    }
)


def slug_of(text: str, *, limit: int = 80) -> str:
    """Return a slug: Latin letters lose their accents, other scripts stay, words are joined by hyphens.

    It is cut at the last whole word that fits; empty if the text has no letter or digit.
    """
    plain = _without_accents(text.casefold().replace("’", "").replace("'", "").translate(WRITTEN_OUT))
    words = re.findall(r"[^\W_]+", plain)
    return _join(words, limit)


def _without_accents(text: str) -> str:
    latin = "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_latin_accent(c))
    return unicodedata.normalize("NFC", latin)


def _is_latin_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


def _join(words: list[str], limit: int) -> str:
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:limit]
        if len(longer) > limit:
            break
        slug = longer
    return slug
