"""The claim linter: what a listing's texts may not say, by phrases that the rules carry as data.

A phrase is written as people read it: words follow each other, `climat*` is a beginning, `*neutral` an end,
`(a|b|)` one of several or nothing, `..` up to three words, `#` a number, `#%` a percentage. Case, accents of
quotation and hyphens between words do not matter. A phrase of `unless` in the same sentence makes it no hit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.finders import Facts, Found

PLACES = {
    "title": "title",
    "subtitle": "subtitle",
    "description": "description",
    "bullet": "bullet points",
    "image": "text of a picture",
}
LONGEST = 70  # characters of the words a finding quotes
NAMED = 3
BEGINNING = 5  # letters of a word that decide whether a phrase is tried at all
_WORD = re.compile(r"\w+")
_PARTS = re.compile(r"\w+\*?")
_TOKEN = re.compile(r"\([^()]*\)|\S+")
_BETWEEN = r"[^\w.!?\n]{1,3}"
_GAP = r"(?:[^\w.!?\n]{1,3}\w+){0,3}?"
_ANY = ".."
_END = re.compile(r"[.!?\n](?:\s|$)")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "‑": "-", "–": "-", "−": "-"})


class BadPhrase(ValueError):
    """A phrase cannot be read."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase compiled. A text that it fits has a word that begins as one of `keys`; empty: nobody can say."""

    pattern: re.Pattern[str]
    keys: tuple[str, ...]


@lru_cache(maxsize=4096)
def compile_phrase(phrase: str) -> Phrase:
    """Compile a phrase. Raises BadPhrase with a reason that a lawyer can act on."""
    tokens = _TOKEN.findall(plain(phrase).replace("-", " "))
    if not tokens or _ANY in (tokens[0], tokens[-1]):
        raise BadPhrase(f"a phrase begins and ends with a word: {phrase!r}")
    if phrase.count("(") != phrase.count(")"):
        raise BadPhrase(f"a bracket is not closed: {phrase!r}")
    source, needles = "", []
    for token in tokens:
        if token == _ANY:
            source += _GAP
            continue
        options = token[1:-1].split("|") if token.startswith("(") else [token]
        words = [_BETWEEN.join(map(_word, option.split())) for option in options if option.strip()]
        optional = len(words) < len(options)
        body = f"(?:{'|'.join(words)})"
        if source:
            body = f"(?:{_BETWEEN}{body})"
        elif optional:
            body = f"(?:{body}{_BETWEEN})"
        source += body + ("?" if optional else "")
        if not optional:
            needles.append(tuple(_needle(option) for option in options))
    if not needles:
        raise BadPhrase(f"nothing in it must be there: {phrase!r}")
    source = _rid_of_double_gaps(source)
    best = max(needles, key=lambda some: min(len(_key(one)) for one in some))
    keys = dict.fromkeys(map(_key, best))
    return Phrase(re.compile(rf"(?<!\w)(?:{source})(?!\w)"), () if "" in keys else tuple(keys))


def _rid_of_double_gaps(source: str) -> str:
    """After an optional beginning the separator is already taken."""
    return source.replace(f"{_BETWEEN})?(?:{_BETWEEN}", f"{_BETWEEN})?(?:")


def _word(word: str) -> str:
    if word == "#":
        return r"\d+(?:[.,]\d+)?"
    if word == "#%":
        return r"\d{1,3}(?:[.,]\d+)?\s?%"
    if "*" in word.strip("*") or "#" in word:
        raise BadPhrase(f"* stands at the beginning or end of a word: {word!r}")
    body = re.escape(word.strip("*"))
    return (r"\w*" if word.startswith("*") else "") + body + (r"\w*" if word.endswith("*") else "")


def _needle(option: str) -> str:
    """Return the longest word whose beginning is known; a word that may go on ends in a star."""
    words = [part for word in option.split() for part in _PARTS.findall(word) if not word.startswith("*")]
    return max(words, key=len, default="")


def _key(needle: str) -> str:
    """Return how a word begins that is in every text of a phrase; empty if too little of it is known."""
    word = needle.strip("*")
    return "" if needle.endswith("*") and len(word) < BEGINNING else word[:BEGINNING]


def beginnings(text: str) -> frozenset[str]:
    """Return how the words of a plain text begin."""
    return frozenset(word[:BEGINNING] for word in _WORD.findall(text))


def plain(text: str) -> str:
    """Return a text as it is looked at: lower case, one kind of quote, hyphen and space. Keeps its length."""
    lowered = text.lower()
    return (lowered if len(lowered) == len(text) else text).translate(_QUOTES)


def reasons_against(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the parameters of a rule that finds claims."""
    for key in params:
        if key not in ("patterns", "unless", "places"):
            yield f"unknown parameter: {key}"
    if not params.get("patterns"):
        yield "patterns are phrases by language"
    for key in ("patterns", "unless"):
        yield from _bad_phrases(key, params.get(key, {}))
    places = params.get("places", [])
    if not isinstance(places, list) or not set(map(str, places)) <= set(PLACES):
        yield f"places are some of {', '.join(PLACES)}"


def _bad_phrases(key: str, by_language: Any) -> Iterator[str]:
    if not isinstance(by_language, Mapping):
        yield f"{key} are phrases by language"
        return
    for language, phrases in by_language.items():
        if not re.fullmatch(r"[a-z]{2}", str(language)):
            yield f"{key}: {language} is not a language such as en"
        elif not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
            yield f"{key}: {language} is a list of phrases"
        else:
            yield from (f"{key}: {bad}" for bad in map(_badness, phrases) if bad)


def _badness(phrase: str) -> str:
    try:
        compile_phrase(phrase)
    except BadPhrase as bad:
        return str(bad)
    return ""


class ClaimFinder:
    """Finds phrases in the texts of a listing. Params: `patterns`, `unless` (by language), `places`."""

    key = ""

    def __init__(self, params: Mapping[str, Any], on: date, markets: tuple[str, ...], book: Rulebook) -> None:
        self.markets = markets
        self.places = frozenset(params.get("places") or PLACES)
        self.phrases = {code: Index(some) for code, some in _compiled(params["patterns"]).items()}
        self.unless = _compiled(params.get("unless", {}))

    def find(self, facts: Facts) -> Iterator[Found]:
        """Yield the words found, once a place and language."""
        said: dict[tuple[str, str], list[str]] = {}
        for one in facts["texts"]:
            place, language = one["place"], one["language"]
            phrases = self.phrases.get(language) or self.phrases.get(language[:2].lower())
            if phrases and place in self.places:
                hits = self._hits(phrases, self.unless.get(language[:2].lower(), ()), one["text"])
                if hits:
                    said.setdefault((place, language), []).extend(hits)
        for (place, language), words in said.items():
            quoted = ", ".join(f"“{one}”" for one in list(dict.fromkeys(words))[:NAMED])
            params = (("words", quoted), ("place", PLACES[place]), ("languages", (language,)))
            yield Found(f"texts.{place}.{language}", self.markets, params)

    def _hits(self, phrases: Index, unless: Iterable[Phrase], text: str) -> list[str]:
        looked_at, begin = _prepared(text)
        hits = []
        for phrase in phrases.worth_a_try(begin):
            for match in phrase.pattern.finditer(looked_at):
                sentence = _sentence(looked_at, *match.span())
                if not any(one.pattern.search(sentence) for one in unless):
                    hits.append(" ".join(text[match.start() : match.end()].split())[:LONGEST])
        return hits


class Index:
    """Phrases by the beginnings of their words: of a text without any of them, none is tried."""

    def __init__(self, phrases: tuple[Phrase, ...]) -> None:
        self.phrases = phrases
        self.always = tuple(one for one in phrases if not one.keys)
        self.keys = frozenset(key for one in phrases for key in one.keys)

    def worth_a_try(self, begin: frozenset[str]) -> tuple[Phrase, ...]:
        if self.keys.isdisjoint(begin):
            return self.always
        return tuple(one for one in self.phrases if not one.keys or not begin.isdisjoint(one.keys))


@lru_cache(maxsize=512)  # each duty looks at the same texts
def _prepared(text: str) -> tuple[str, frozenset[str]]:
    looked_at = plain(text)
    return looked_at, beginnings(looked_at)


def _sentence(text: str, start: int, end: int) -> str:
    before = [match.end() for match in _END.finditer(text, 0, start)]
    after = _END.search(text, end)
    return text[before[-1] if before else 0 : after.start() if after else len(text)]


def _compiled(by_language: Mapping[str, list[str]]) -> dict[str, tuple[Phrase, ...]]:
    return {language: tuple(map(compile_phrase, phrases)) for language, phrases in by_language.items()}
