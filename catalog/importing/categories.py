"""From the categories that files name to our leaves: what a merchant chose, else what the words suggest. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

WORD = re.compile(r"[^\W\d_]{3,}", re.UNICODE)
SEPARATORS = re.compile(r"\s*(?:>|->|/|»|:)\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A leaf of our taxonomy with the words that point to it. Compared by identity."""

    code: str
    names: tuple[str, ...]
    google_path: str


@lru_cache(maxsize=20_000)
def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, lower-case, a plural's s dropped."""
    return frozenset(word.lower().removesuffix("s") for word in WORD.findall(text))


def suggest(source: str, title: str, leaves: tuple[Leaf, ...]) -> str:
    """Return the code of the leaf that fits best, or "" if none shares a word with the file's category.

    The last part of a path weighs most; the title only breaks ties, so that a word in a name never decides alone.
    """
    named = words_of(title)
    best, best_score = "", 0.0
    for code, own, score in _fitting(source, leaves):
        score += 0.5 * len(named & own)
        if score > best_score:
            best, best_score = code, score
    return best


@lru_cache(maxsize=5_000)
def _fitting(source: str, leaves: tuple[Leaf, ...]) -> tuple[tuple[str, frozenset[str], float], ...]:
    """Return the leaves that share a word with a file's category: code, words, score without the title."""
    parts = [part for part in SEPARATORS.split(source) if part]
    tail = words_of(parts[-1].replace("-", " ")) if parts else frozenset()
    whole = words_of(source.replace("-", " "))
    found = []
    for leaf in leaves:
        own = _words_of_leaf(leaf)
        if leaf.google_path and leaf.google_path.lower().endswith(source.lower()) and source:
            return ((leaf.code, own, 1.0),)
        if score := 3 * len(tail & own) + len(whole & own):
            found.append((leaf.code, own, score - 0.01 * len(own)))
    return tuple(found)


@cache
def _words_of_leaf(leaf: Leaf) -> frozenset[str]:
    code = leaf.code.replace(".", " ").replace("_", " ")
    return words_of(" ".join((*leaf.names, leaf.google_path, code)))
