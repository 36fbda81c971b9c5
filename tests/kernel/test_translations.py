"""What a language lacks is found, and what is added fits its sentence and moves nothing else."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from marketplace.kernel.translations import Misfit, Sentence, insert, marked, misfit, missing, read_additions

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
YES = 'msgid "Yes"\nmsgstr "Ja"\n'
PAGE = '{% load i18n %}{% translate "Yes" %}{% blocktranslate trimmed count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}'
DAYS = Sentence("%(n)s day", "%(n)s days")
NO = Sentence("No", context="an answer")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout with one page, one module, a German catalogue and an app's own."""
    for name, text in {
        "templates/catalog/page.html": PAGE,
        "returns/web.py": 'from x import gettext as _, pgettext\n\n_("Sent")\npgettext("an answer", "No")\n',
        "locale/de/LC_MESSAGES/django.po": f"{HEAD}\n{YES}",
        "returns/locale/de/LC_MESSAGES/django.po": f'{HEAD}\nmsgid "Sent"\nmsgstr "Gesendet"\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_what_no_catalogue_has_is_missing_with_the_files_that_say_it(shop: Path):
    assert missing(shop, "de") == {NO: ["returns/web.py"], DAYS: ["templates/catalog/page.html"]}
    assert missing(shop, "de", under="returns") == {NO: ["returns/web.py"]}


def test_what_is_added_goes_to_the_end_and_is_known_then(shop: Path):
    po = shop / "locale/de/LC_MESSAGES/django.po"
    insert(po, {DAYS: ("%(n)s Tag", "%(n)s Tage"), NO: ("Nein",)})
    assert po.read_text() == (
        f"{HEAD}\n{YES}\n"
        '#, python-format\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
        'msgstr[0] "%(n)s Tag"\nmsgstr[1] "%(n)s Tage"\n\n'
        'msgctxt "an answer"\nmsgid "No"\nmsgstr "Nein"\n'
    )
    assert missing(shop, "de") == {}


@pytest.mark.parametrize("forms", [("%(n)s día",), ("%(n)s día", "%(n)s días")])
def test_a_plural_has_as_many_forms_as_its_language(shop: Path, forms: tuple[str, ...]):
    po = shop / "locale/de/LC_MESSAGES/django.po"
    po.write_text(
        f'{HEAD}"Plural-Forms: nplurals=3; plural=n == 1 ? 0 : n % 1000000 == 0 ? 1 : 2;\\n"\n\n{YES}'
    )
    before = po.read_text()
    with pytest.raises(Misfit, match=f"{len(forms)} forms instead of 3"):
        insert(po, {DAYS: forms})
    assert po.read_text() == before


def test_a_second_translation_replaces_the_first_in_its_place(shop: Path):
    po = shop / "locale/de/LC_MESSAGES/django.po"
    insert(po, {NO: ("Nein",)})
    insert(po, {Sentence("Yes"): ("Gewiss",)})
    assert [line for line in po.read_text().splitlines() if line.startswith("msgstr")][1:] == [
        'msgstr "Gewiss"',
        'msgstr "Nein"',
    ]


@pytest.mark.parametrize(
    ("msgid", "form", "reason"),
    [
        ("Until %(day)s.", "Bis %(day)s.", ""),
        ("Until %(day)s.", "Bis.", "other placeholders"),
        ("Until %(day)s.", "Bis %(tag)s.", "other placeholders"),
        ("<b>Now</b>", "Jetzt", "other tags"),
        ("from ", "von", "other spaces at its ends"),
        ("Done.", "Fertig!", "an exclamation mark"),
        ("Done.", " ", "empty"),
    ],
)
def test_a_translation_that_would_break_its_sentence_is_named(msgid: str, form: str, reason: str):
    assert misfit(Sentence(msgid), [form]) == reason


def test_nothing_is_written_when_one_of_several_does_not_fit(shop: Path):
    po = shop / "locale/de/LC_MESSAGES/django.po"
    before = po.read_text()
    with pytest.raises(Misfit, match="other placeholders"):
        insert(po, {NO: ("Nein",), DAYS: ("ein Tag", "%(n)s Tage")})
    assert po.read_text() == before


def test_a_translator_hands_in_an_object_or_the_printed_lines(shop: Path):
    plain = json.dumps({"Yes": "Ja"})
    lines = "\n".join(
        json.dumps(line)
        for line in (
            {"msgid": "No", "context": "an answer", "msgstr": "Nein"},
            {"msgid": "%(n)s day", "plural": "%(n)s days", "msgstr": ["%(n)s Tag", "%(n)s Tage"]},
        )
    )
    assert dict(read_additions(plain, marked(shop))) == {Sentence("Yes"): ("Ja",)}
    assert dict(read_additions(lines, marked(shop))) == {NO: ("Nein",), DAYS: ("%(n)s Tag", "%(n)s Tage")}
    with pytest.raises(Misfit, match="no file says this"):
        dict(read_additions(json.dumps({"Perhaps": "Vielleicht"}), marked(shop)))


def test_the_command_prints_what_is_missing_and_takes_it_back(shop: Path, settings, tmp_path: Path):
    settings.BASE_DIR = shop
    printed = io.StringIO()
    call_command("missing_translations", under="returns", stdout=printed)
    file = tmp_path / "german.jsonl"
    file.write_text(json.dumps({**json.loads(printed.getvalue()), "msgstr": "Nein"}))
    call_command("missing_translations", insert=file, app="returns", stdout=io.StringIO())
    assert (shop / "returns/locale/de/LC_MESSAGES/django.po").read_text().endswith('msgstr "Nein"\n')
    with pytest.raises(CommandError, match="does not exist"):
        call_command("missing_translations", insert=file, app="orders")
