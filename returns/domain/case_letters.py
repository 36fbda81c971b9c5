"""Letters about a case that a person chooses to send: which there are, for which cases, in which languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from compliance.rulebook.strict_yaml import load_plain

FILE = Path(__file__).resolve().parents[1] / "policies" / "letters.yaml"
PLAIN = ("name", "number", "order", "product", "seller")
SIDES = ("seller", "platform")


@cache
def templates() -> Mapping[str, Mapping[str, object]]:
    """Return the prepared letters by their short names."""
    return load_plain(FILE)


def names_for(case: str) -> tuple[str, ...]:
    """Return the letters that fit a kind of case (see `returns.queries.case_letters.Case`), in their order."""
    return tuple(name for name, one in templates().items() if case in one["cases"])  # type: ignore[operator]


def body_of(name: str, language: str) -> tuple[str, str]:
    """Return a letter's text in a language, and the language that it is in: English where there is no other."""
    bodies: Mapping[str, str] = templates()[name]["bodies"]  # type: ignore[assignment]
    return (bodies[language], language) if language in bodies else (bodies["en"], "en")


def digest_of(text: str) -> str:
    """Return what a text is known by, so that what is sent is what was seen."""
    return sha256(text.encode()).hexdigest()[:16]
