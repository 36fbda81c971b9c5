"""Every sentence of the shopper's way exists in German, and no translation loses a placeholder."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "fr", "es", "zh_Hans")
TEMPLATES = ("catalog", "orders", "accounts", "legal", "components", "email")
MODULES = (
    *(ROOT / "orders" / "web").glob("*.py"),
    *(ROOT / "catalog" / "web").glob("*.py"),
    ROOT / "compliance" / "presentation.py",
    ROOT / "compliance" / "rulebook" / "cards.py",
    ROOT / "marketplace" / "kernel" / "messages.py",
)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
# The test that every new sentence has a German form: languages besides German fall back to English.
COMPLETE = "de"


@cache
def catalog(language: str) -> Catalog:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def sentences_of(path: Path) -> set[tuple[str, str | None]]:
    """Return the (msgid, context) pairs that one file marks."""
    source = path.read_text(encoding="utf-8")
    text = templatize(source) if path.suffix in (".html", ".txt") else source
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)
    return {
        (message[0] if isinstance(message, tuple) else message, context)
        for _, message, _, context in found
        if message
    }


def shopper_files() -> list[Path]:
    folders = (ROOT / "templates" / name for name in TEMPLATES)
    pages = (path for folder in folders for path in folder.rglob("*") if path.suffix in (".html", ".txt"))
    return sorted((*pages, *(ROOT / "templates").glob("*.html"), *MODULES))


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_sentence_of_the_shoppers_way_is_there_in_german():
    known = {
        (message.id[0] if isinstance(message.id, tuple) else message.id, message.context)
        for message in catalog(COMPLETE)
        if message.id and all(forms(message))
    }
    missing = {
        f"{path.relative_to(ROOT)}: {msgid}"
        for path in shopper_files()
        if path.name != "gallery.html"
        for msgid, context in sentences_of(path)
        if (msgid, context) not in known
    }
    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_placeholders(language: str):
    wrong = [
        (message.id, form)
        for message in catalog(language)
        if message.id
        for form in forms(message)
        if form and not _same_placeholders(message, form)
    ]
    assert wrong == []


def _same_placeholders(message: Message, form: str) -> bool:
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    return sorted(PLACEHOLDER.findall(form)) in [sorted(PLACEHOLDER.findall(one)) for one in ids]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_and_plurals_are_whole(language: str):
    doubtful = [message.id for message in catalog(language) if message.id and message.fuzzy]
    half = [m.id for m in catalog(language) if m.id and any(forms(m)) != all(forms(m))]
    assert (doubtful, half) == ([], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_shouts(language: str):
    loud = [form for m in catalog(language) if m.id for form in forms(m) if "!" in form or "\uff01" in form]
    assert loud == []


def test_each_language_of_the_shop_has_its_file():
    offered = {code for code, _ in settings.LANGUAGES} - {"en"}
    assert offered == {language.lower().replace("_", "-") for language in LANGUAGES}
