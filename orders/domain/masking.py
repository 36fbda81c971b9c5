"""Contact data in messages is taken out before they are delivered: addresses, telephone numbers, links.

Whoever buys here keeps the protection of the place: messages, claims and refunds that can be proved. Numbers that
are no telephone numbers (of orders, articles, parcels; dates, prices) stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = "[…]"
_AT = r"(?:\s{0,3}(?:@|＠|\(at\)|\[at\]|\{at\})\s{0,3})"
_DOT = r"(?:\.|\s{0,3}(?:\(dot\)|\[dot\]|\{dot\})\s{0,3})"
EMAIL = re.compile(rf"[\w.+-]{{1,64}}{_AT}[\w-]+(?:{_DOT}[\w-]+)+", re.IGNORECASE)
LINK = re.compile(
    r"(?:\b(?:https?|ftp)://\S+|\bwww\.\S+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|shop|store|online|app|io|me|de|fr|"
    r"it|es|nl|pl|at|ch|uk|eu|us|cn|jp|br|ru|in|ly)(?:/\S*)?(?![\w-]))",
    re.IGNORECASE,
)
DATE = r"(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d))"
AREA = r"(?:\([2-9]\d\d\)[\s.-]{0,2}|(?:1[\s.-])?[2-9]\d\d[\s.-])[2-9]\d\d[\s.-]\d{4}"  # of North America: (415) 555-1234
PHONE = re.compile(rf"(?<![\w.-])(?:{DATE}(?:\+|00|\(?0)[\d()][\d\s()./-]{{5,20}}\d|{AREA})(?![\w-])")
KINDS = (("email", EMAIL), ("link", LINK), ("phone", PHONE))


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as it is delivered, and which kinds of contact data were taken out of it."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str) -> Masked:
    """Return a text without contact data; masking twice changes nothing."""
    kinds = []
    for kind, pattern in KINDS:
        text, number = pattern.subn(MARK, text)
        if number:
            kinds.append(kind)
    return Masked(text, tuple(kinds))
