"""From the categories that files name to our leaves: what a merchant chose, else what the words suggest. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]{3,}", re.UNICODE)
SEPARATORS = re.compile(r"\s*(?:>|->|/|»|:)\s*")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of our taxonomy with the words that point to it."""

    code: str
    names: tuple[str, ...]
    google_path: str


@lru_cache(maxsize=20_000)
def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, lower-case, a plural's s dropped."""
    return frozenset(word.lower().removesuffix("s") for word in WORD.findall(text))


def suggest(source: str, title: str, leaves: Iterable[Leaf]) -> str:
    """Return the code of the leaf that fits best, or "" if none shares a word with the file's category.

    The last part of a path weighs most; the title only breaks ties, so that a word in a name never decides alone.
    """
    parts = [part for part in SEPARATORS.split(source) if part]
    tail = words_of(parts[-1].replace("-", " ")) if parts else frozenset()
    whole, named = words_of(source.replace("-", " ")), words_of(title)
    best, best_score = "", 0.0
    for leaf in leaves:
        own = words_of(
            " ".join((*leaf.names, leaf.google_path, leaf.code.replace(".", " ").replace("_", " ")))
        )
        if leaf.google_path and leaf.google_path.lower().endswith(source.lower()) and source:
            return leaf.code
        score = 3 * len(tail & own) + len(whole & own)
        if score:
            score += 0.5 * len(named & own) - 0.01 * len(own)
        if score > best_score:
            best, best_score = leaf.code, score
    return best
