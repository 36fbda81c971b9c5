"""Words that speak of danger: a complaint with one of them jumps the queue. A reviewed lexicon, not a guess."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from compliance.rulebook.strict_yaml import load_plain

LEXICON = Path(__file__).resolve().parents[1] / "policies" / "danger.yaml"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for hazard, by_language in load_plain(LEXICON).items():
        for words in by_language.values():
            stems = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
            wide = any(
                ord(letter) > 0x2E80 for word in words for letter in word
            )  # no spaces between words there
            found.append((hazard, re.compile(stems if wide else rf"(?<!\w)(?:{stems})(?!\w)", re.IGNORECASE)))
    return tuple(found)


def hazards_in(text: str) -> tuple[str, ...]:
    """Return the kinds of danger that a text speaks of, each once, in the lexicon's order."""
    return tuple(dict.fromkeys(hazard for hazard, pattern in _patterns() if pattern.search(text)))
