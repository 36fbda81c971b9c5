"""Sentences of letters in languages that the pages of the product do not speak: reviewed data, by the English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from compliance.rulebook.strict_yaml import load_plain

FOLDER = Path(__file__).resolve().parents[1] / "policies" / "letters"


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that only letters are written in."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def names() -> dict[str, str]:
    """Return those languages with the name that each gives itself."""
    return {code: sentences(code)["English"] for code in languages()}


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by their English; none for one that has no file."""
    return load_plain(FOLDER / f"{language}.yaml") if language in languages() else {}


def in_language(sentence: str, language: str) -> str | None:
    """Return a sentence in a language of letters; None where there is none."""
    return sentences(language).get(sentence)
