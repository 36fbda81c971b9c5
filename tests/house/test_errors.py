"""What is wrong can be said in every language: no error has values written into its sentence, and German knows each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext

from catalog.importing.records import FileRefused
from marketplace.accounts.operations import check_address
from marketplace.kernel.errors import Invalid, RightfulError, Words
from marketplace.kernel.translations import translated

ROOT = Path(__file__).resolve().parents[2]
APPS = ("orders", "catalog", "marketplace/accounts")
HELPERS = {"_bad": 1, "_refused": 0}  # functions that make an error of a sentence: where it stands


def kinds(kind: type) -> Iterator[str]:
    yield kind.__name__
    for sub in kind.__subclasses__():
        yield from kinds(sub)


def sentences() -> Iterator[tuple[str, ast.expr]]:
    """Yield (place, expression) of the sentences that errors are made of."""
    names = {*kinds(RightfulError), FileRefused.__name__}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = HELPERS.get(name, 0)
                count = 2 if name == FileRefused.__name__ else 1
                if name in names or name in HELPERS:
                    for sentence in node.args[first : first + count]:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", sentence


def test_no_error_has_values_written_into_its_sentence():
    assert [place for place, said in sentences() if isinstance(said, ast.JoinedStr)] == []


def test_german_knows_every_sentence_of_an_error():
    known = {msgid for msgid, _context in translated(ROOT, "de")}
    said = {
        s.value: place for place, s in sentences() if isinstance(s, ast.Constant) and isinstance(s.value, str)
    }
    assert len(said) > 60
    assert {text: place for text, place in said.items() if text not in known} == {}


def test_the_words_of_a_postcode_in_german():
    with pytest.raises(Invalid) as refused:
        check_address({"name": "Ada", "street": "Weg 1", "city": "Berlin", "country": "DE", "postcode": "1"})
    error = refused.value
    assert re.fullmatch(r"A postcode there looks like \d{5}\.", error.detail)
    with translation.override("de"):
        said = error.in_words(gettext)
    assert said == f"Eine Postleitzahl sieht dort so aus: {error.data['example']}."


def test_words_may_hold_words():
    inner = Words("Line %(line)s is empty.", line=3)
    error = Invalid("%(what)s Nothing was saved.", what=inner)
    german = {
        "Line %(line)s is empty.": "Zeile %(line)s ist leer.",
        "%(what)s Nothing was saved.": "%(what)s Nichts ist gespeichert.",
    }
    assert error.detail == "Line 3 is empty. Nothing was saved."
    assert error.in_words(lambda text: german.get(text, text)) == "Zeile 3 ist leer. Nichts ist gespeichert."


def test_a_sentence_without_values_may_hold_a_percent_sign():
    assert Invalid("10 % is too much.", rate=10).in_words(str) == "10 % is too much."


def test_an_error_made_of_anothers_words_can_still_be_said():
    first = Invalid("At most %(most)s.", most=5)
    assert (
        Invalid(first.detail, field="x").in_words(lambda text: text.replace("At most", "Höchstens"))
        == "Höchstens 5."
    )
