"""What a shopper typed, taken apart into words that an index can find."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_WORDS = 12
MAX_LENGTH = 200
CJK = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
PIECES = re.compile(rf'(-?)"([^"]*)"|(-?)([{CJK}]+)|(-?)((?:(?![{CJK}])[\w.\'’])+(?:-(?:(?![{CJK}])\w)+)*)')
IS_CJK = re.compile(rf"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase; `must_not`: leave out what has it."""

    text: str
    is_phrase: bool = False
    must_not: bool = False

    @property
    def is_cjk(self) -> bool:
        return bool(IS_CJK.search(self.text))

    @property
    def is_correctable(self) -> bool:
        """Whether a slip of the finger could be mended: words of four letters or more, no numbers."""
        return not (
            self.is_phrase or self.must_not or self.is_cjk or any(c.isdigit() for c in self.text)
        ) and (len(self.text) >= 4)


@dataclass(frozen=True, slots=True)
class Query:
    """A search as understood: every term must be found, except those that must not."""

    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        return any(not term.must_not for term in self.terms)

    @property
    def text(self) -> str:
        """The query in one canonical spelling, for keys and addresses."""
        return " ".join(
            ("-" if t.must_not else "") + (f'"{t.text}"' if t.is_phrase else t.text) for t in self.terms
        )


def parse_query(typed: str) -> Query:
    """Return what was typed as terms: "a phrase", -without, single words; runs of Chinese as one term."""
    plain = unicodedata.normalize("NFKC", typed[:MAX_LENGTH]).replace("\x00", " ").casefold()
    terms = [_term(match) for match in PIECES.finditer(plain)]
    return Query(tuple(dict.fromkeys(term for term in terms if term.text))[:MAX_WORDS])


def _term(match: re.Match[str]) -> Term:
    no_phrase, phrase, no_run, run, no_word, word = match.groups()
    if phrase is not None:
        return Term(" ".join(phrase.split()), is_phrase=True, must_not=bool(no_phrase))
    if run:
        return Term(run, must_not=bool(no_run))
    return Term(word.strip(".'’_"), must_not=bool(no_word))


def bigrams(run: str) -> str:
    """Return a run of Chinese, Japanese or Korean as pairs of neighbours: 有机蜂蜜 → 有机 机蜂 蜂蜜."""
    return run if len(run) == 1 else " ".join(run[i : i + 2] for i in range(len(run) - 1))


def plain(word: str) -> str:
    """Return a word as the vocabulary keeps it: lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("ß", "ss"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def vocabulary(text: str) -> set[str]:
    """Return the words of a title worth correcting to: four letters or more, no numbers, no Chinese."""
    words = re.findall(r"[^\W\d_]+", plain(text))
    return {word for word in words if 4 <= len(word) <= 40 and not IS_CJK.search(word)}


def distance(one: str, other: str) -> int:
    """Return how many slips of the finger lie between two words: a letter too many, too few, wrong, or two swapped.

    Optimal string alignment distance (Boytsov 2011, section 2.1).
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
