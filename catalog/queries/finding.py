"""From a typed query to what the index is asked: stemmed words in every language of the shop, typos mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from catalog.domain.words import Query, Term, bigrams, distance, plain
from catalog.models import SearchWord

# Texts are stemmed in their own language; a word is looked for as each of these would have stored it.
STEMMERS = {"en": "rf_english", "de": "rf_german", "fr": "rf_french", "es": "rf_spanish", "it": "rf_italian",
            "nl": "rf_dutch", "sv": "rf_swedish", "pt": "rf_portuguese", "da": "rf_danish"}  # fmt: skip
SIMPLE = "rf_simple"
ALTERNATIVES = 4  # words that an unknown word may be read as
REMEMBERED = 20_000  # words whose stems a process keeps: stems never change
Piece = tuple[str, str, str]  # function, configuration, text


def tsquery(query: Query, language: str, others: Mapping[str, tuple[str, ...]] | None = None) -> str:
    """Return a query as the text of a tsquery; `others` are words to accept beside a term. One query at most."""
    own = STEMMERS.get(language.split("-")[0], SIMPLE)
    last = query.terms[-1] if query.terms else None
    wanted = {term: _pieces(term, others or {}, is_last=term is last) for term in query.terms}
    own_words = {
        term: ("plainto", own, term.text) for term in query.terms if not (term.is_cjk or term.is_phrase)
    }
    stems = _stems([piece for pieces in wanted.values() for piece in pieces] + list(own_words.values()))
    # A word that means nothing in the shopper's language ("die", "the") is not asked for at all.
    meant = [term for term in query.terms if term not in own_words or stems[own_words[term]]]
    parts = [_either(term, [stems[piece] for piece in wanted[term]]) for term in meant]
    return " & ".join(part for part in parts if part)


def _either(term: Term, stems: Sequence[str]) -> str:
    found = " | ".join(f"({stem})" for stem in dict.fromkeys(stems) if stem)
    return f"{'!' if term.must_not else ''}({found})" if found else ""


def _pieces(term: Term, others: Mapping[str, tuple[str, ...]], *, is_last: bool) -> list[Piece]:
    """Return every form a term may be stored in."""
    if term.is_cjk:
        return [
            ("phraseto", SIMPLE, bigrams(term.text))
            if len(term.text) > 1
            else ("to", SIMPLE, f"{term.text}:*")
        ]
    function = "phraseto" if term.is_phrase else "plainto"
    texts = [term.text, *others.get(term.text, ())]
    found = [(function, name, text) for text in texts for name in (*STEMMERS.values(), SIMPLE)]
    if is_last and len(term.text) >= 3 and not term.must_not and term.text.isalnum() and not term.is_phrase:
        found.append(("to", SIMPLE, f"{term.text}:*"))  # the word may still be being typed
    return found


_kept: dict[Piece, str] = {}


def _stems(pieces: Sequence[Piece]) -> Mapping[Piece, str]:
    """Return each piece as PostgreSQL stores it, asked for once and remembered."""
    missing = list(dict.fromkeys(piece for piece in pieces if piece not in _kept))
    if not missing:
        return _kept
    if len(_kept) > REMEMBERED:
        _kept.clear()
        missing = list(dict.fromkeys(pieces))
    with connection.cursor() as cursor:
        cursor.execute(STEMS, [list(column) for column in zip(*missing, strict=True)])
        _kept.update({(function, name, text): stem for function, name, text, stem in cursor.fetchall()})
    return _kept


STEMS = """
    SELECT p.function, p.name, p.text, (CASE p.function
        WHEN 'to' THEN to_tsquery(p.name::regconfig, p.text)
        WHEN 'phraseto' THEN phraseto_tsquery(p.name::regconfig, p.text)
        ELSE plainto_tsquery(p.name::regconfig, p.text) END)::text
    FROM unnest(%s::text[], %s::text[], %s::text[]) p(function, name, text)
"""


def corrections(query: Query) -> dict[str, tuple[str, ...]]:
    """Return the words that an unknown word may have meant, the nearest first. Three queries at most.

    Words of the vocabulary that contain it whole come too: "honig" finds "blütenhonig".
    """
    typed = {plain(term.text): term.text for term in query.terms if term.is_correctable}
    known = set(SearchWord.objects.filter(word__in=typed).values_list("word", flat=True))
    unknown = sorted(set(typed) - known)
    parts = {typed[word]: found for word, found in _compounds(sorted(known)).items()}
    near = {typed[word]: found for word, found in _near(unknown).items()}
    return {word: found for word, found in (parts | near).items() if found}


def _compounds(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each word, longer words of the vocabulary that contain it."""
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(COMPOUNDS, [list(words), ALTERNATIVES])
        rows = cursor.fetchall()
    return {word: tuple(other for one, other in rows if one == word) for word in words}


def _near(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each word, the words of the vocabulary one or two slips away."""
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(NEAR, [list(words)])
        rows = cursor.fetchall()
    found: dict[str, list[tuple[int, float, str]]] = {}
    for typed, word, similarity in rows:
        slips = distance(typed, word)
        if slips <= (1 if len(typed) < 6 else 2) or word.startswith(typed) or word.endswith(typed):
            found.setdefault(typed, []).append((slips, -similarity, word))
    return {typed: tuple(word for *_, word in sorted(near)[:ALTERNATIVES]) for typed, near in found.items()}


COMPOUNDS = """
    SELECT t.typed, w.word FROM unnest(%s::text[]) t(typed) CROSS JOIN LATERAL (
        SELECT word FROM catalog_searchword WHERE word LIKE '%%' || t.typed || '%%' AND word <> t.typed
        ORDER BY length(word), word LIMIT %s
    ) w
"""
NEAR = """
    SELECT t.typed, w.word, w.similarity
    FROM unnest(%s::text[]) t(typed) CROSS JOIN LATERAL (
        SELECT word, similarity(word, t.typed) AS similarity FROM catalog_searchword
        WHERE word %% t.typed ORDER BY similarity DESC, word LIMIT 20
    ) w
"""
