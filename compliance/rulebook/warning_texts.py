"""The standard warnings (W-…): official wordings by language, chosen on a listing by code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from compliance.rulebook.markets import languages_of
from compliance.rulebook.tables import Column, Row, register_table, table

register_table(
    "warnings",
    Column("code", required=True, pattern=r"W-[A-Z0-9-]+"),
    Column("market", required=True),
    Column("language", required=True, pattern=r"[a-z]{2}(-[a-z]{4})?"),
    Column("text", required=True),
)


@dataclass(frozen=True, slots=True)
class WarningText:
    """A standard warning in one language. `verified` is false for translations nobody has checked."""

    code: str
    language: str
    text: str
    cite: str
    verified: bool


def text_of(code: str, language: str) -> WarningText | None:
    """Return a warning in a language, or in English if it has no such wording; None for other codes."""
    texts = _by_code().get(code, {})
    row = texts.get(language) or texts.get(language.split("-", 1)[0]) or texts.get("en")
    return _text(row) if row else None


def texts_for(code: str, market: str) -> tuple[WarningText, ...]:
    """Return a warning in every required language of a market that it has, English if it has none."""
    found = (text_of(code, language) for language in languages_of(market)[0] or ("en",))
    return tuple(dict.fromkeys(text for text in found if text is not None))


@cache
def languages_with(code: str) -> frozenset[str]:
    """Return the languages a warning has a wording in."""
    return frozenset(_by_code().get(code, {}))


def is_for(code: str, market: str) -> bool:
    """Return whether a warning belongs on pages of a market: American ones only in the United States."""
    scope = next((row["market"] for row in _by_code().get(code, {}).values()), "WORLD")
    return not scope.startswith("US") or market.startswith(scope)


@cache
def _by_code() -> Mapping[str, Mapping[str, Row]]:
    codes: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in table("warnings"):
        codes[row["code"]][row["language"]] = row
    return dict(codes)


def _text(row: Row) -> WarningText:
    return WarningText(
        row["code"], row["language"], row["text"], row["cite"], row["confidence"] != "knowledge"
    )
