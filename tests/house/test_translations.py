"""German is complete for everybody, French, Spanish and Chinese on the shopper's way, and no translation loses a part.

What is missing is listed as `file: sentence`; `bin/manage missing_translations --language de` prints it for translators.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings

from compliance.rulebook import default
from compliance.rulebook.cards import rights_on_purchase
from compliance.rulebook.markets import selling_markets
from marketplace.kernel.translations import Sentence, catalogues, forms_of, misfit, missing, translated

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "fr", "es", "zh_Hans")
ON = date(2026, 11, 28)
SHOPPER = (
    *(
        f"templates/{name}/"
        for name in ("accounts", "catalog", "complaints", "components", "legal", "orders")
    ),
    *(f"templates/{name}" for name in ("404.html", "base.html", "error.html", "home.html", "returns/")),
    "catalog/web/",
    "complaints/web/",
    "compliance/presentation.py",
    "compliance/rulebook/cards.py",
    "marketplace/accounts/web/",
    "orders/documents/",
    "orders/operations/letters.py",
    "orders/web/",
    "returns/web/",
    "templates/email/orders/",
)


def listed(found: dict[Sentence, list[str]]) -> list[str]:
    return sorted(f"{names[0]}: {sentence.msgid}" for sentence, names in found.items())


@cache
def messages(language: str) -> tuple[Message, ...]:
    found = []
    for path in catalogues(ROOT, language):
        with path.open("rb") as file:
            found += [message for message in read_po(file) if message.id]
    return tuple(found)


@cache
def said_on_cards() -> frozenset[str]:
    """The sentences, steps and titles of rules on the cards of every market, on one day."""
    book, said = default(), set()
    for market in selling_markets():
        facts = {"market": market, "on": ON, "time_zone": "Europe/Berlin", "delivery_days": [2, 5]}
        for line in rights_on_purchase(facts, book):
            said |= {line.sentence, *(step.sentence for step in line.answer.steps)}
            said |= {book.rules[ruling.rule].title for ruling in line.answer.rulings}
    return frozenset(said)


def test_german_is_complete_for_shoppers_merchants_and_officers():
    assert listed(missing(ROOT, "de")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shoppers_way_is_complete(language: str):
    found = {
        sentence: [name for name in names if name.startswith(SHOPPER)]
        for sentence, names in missing(ROOT, language).items()
    }
    assert listed({sentence: names for sentence, names in found.items() if names}) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cards_of_rights_are_complete(language: str):
    known = {msgid for msgid, _ in translated(ROOT, language)}
    assert sorted(said_on_cards() - known) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fits_its_sentence(language: str):
    """Placeholders, tags and spaces at the ends stay; nothing shouts."""
    wrong = [
        f"{reason}: {message.id}"
        for message in messages(language)
        if all(forms_of(message.string)) and (reason := misfit(_sentence(message), forms_of(message.string)))
    ]
    assert wrong == []


def _sentence(message: Message) -> Sentence:
    msgid, plural = (*forms_of(message.id), "")[:2]
    return Sentence(msgid, plural, message.context or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_and_plurals_are_whole(language: str):
    doubtful = [message.id for message in messages(language) if message.fuzzy]
    half = [m.id for m in messages(language) if any(forms_of(m.string)) != all(forms_of(m.string))]
    assert (doubtful, half) == ([], [])


def test_each_language_of_the_shop_has_its_file():
    offered = {code for code, _ in settings.LANGUAGES} - {"en"}
    assert offered == {language.lower().replace("_", "-") for language in LANGUAGES}
