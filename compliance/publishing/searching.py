"""One box for the whole law: rules by the words of their title, text, source or id."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from django.utils.translation import get_language, gettext

from compliance import rulebook
from compliance.publishing.reading import place_name
from compliance.publishing.wording import text_of
from compliance.rulebook.book import Rule, Rulebook

MOST = 60
LONGEST = 200


def search(words: str, *, place: str = "", most: int = MOST) -> tuple[tuple[str, ...], int]:
    """Return the ids of the rules that hold every word, the best first, and how many there are.

    A word in the title counts more than one in the text. With `place` only rules of the law that governs it.
    """
    book = rulebook.default()
    wanted = _folded(words[:LONGEST]).split()
    if not wanted:
        return (), 0
    codes = {step.code for step in book.chain(place)} if place else None
    found = [
        (-sum(2 * (word in title) + (word in rule_id) for word in wanted), rule_id)
        for rule_id, (code, title, text) in _index(book, get_language() or "en").items()
        if (codes is None or code in codes) and all(word in text for word in wanted)
    ]
    return tuple(rule_id for _, rule_id in sorted(found)[:most]), len(found)


@lru_cache(maxsize=16)
def _index(book: Rulebook, language: str) -> dict[str, tuple[str, str, str]]:
    """Return (place, title, everything) by rule, as it is searched."""
    return {rule.id: _entry(rule) for rule in book.rules.values()}


def _entry(rule: Rule) -> tuple[str, str, str]:
    version = rule.versions[-1]
    title = f"{gettext(rule.title)} {rule.title}"
    cites = " ".join(f"{cite.act} {cite.at}" for one in rule.versions for cite in one.cites)
    all_of_it = f"{title} {rule.id} {text_of(rule, version)} {cites} {place_name(rule.jurisdiction)}"
    return rule.jurisdiction, _folded(title), _folded(all_of_it)


def _folded(text: str) -> str:
    """Fold case and accents, so that "garantia" finds "garantía"."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))
