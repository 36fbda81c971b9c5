"""Which language somebody writes in, as far as small words and letters tell. Never forced: people may choose another."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from compliance.rulebook.strict_yaml import load_plain

WORDS = Path(__file__).resolve().parents[1] / "policies" / "languages.yaml"
_KANA, _HAN, _HANGUL = (
    re.compile(r"[\u3040-\u30ff]"),
    re.compile(r"[\u4e00-\u9fff]"),
    re.compile(r"[\uac00-\ud7af]"),
)
_WORD = re.compile(r"[^\W\d_]+")
FEW = 2  # small words that must be there before we believe it


@cache
def _languages_of() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for language, words in load_plain(WORDS).items():
        for word in words:
            found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}


@cache
def known_languages() -> tuple[str, ...]:
    """Return the languages in which a complaint can be known to be written."""
    return tuple(sorted({*load_plain(WORDS), "ja", "ko", "zh-hans"}))


def detect_language(text: str, *, otherwise: str) -> str:
    """Return the code of the language of a text, or `otherwise` where it is too short or mixed to tell."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    if len(_HAN.findall(text)) > len(text) / 8:
        return "zh-hans"
    counts: Counter[str] = Counter()
    for word in _WORD.findall(text.lower())[:400]:
        for language in _languages_of().get(word, ()):
            counts[language] += 1
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < FEW or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return otherwise
    return ranked[0][0]
