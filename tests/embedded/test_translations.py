"""What translators write is what shoppers read."""

import gettext
import os
from pathlib import Path

import pytest

from marketplace.embedded.translations import compile_stale, stale

HEADER = '#, fuzzy\nmsgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def written(root: Path, messages: str, folder: str = "locale") -> Path:
    po = root / folder / "de" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(HEADER + messages)
    return po


def read(po: Path) -> gettext.GNUTranslations:
    with po.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_reviewed_messages_are_compiled_and_unreviewed_ones_are_not(tmp_path: Path) -> None:
    messages = 'msgid "Yes"\nmsgstr "Ja"\n\n#, fuzzy\nmsgid "No"\nmsgstr "Nee"\n'
    po = written(tmp_path, messages)
    assert compile_stale(tmp_path) == 0
    assert [read(po).gettext(word) for word in ("Yes", "No")] == ["Ja", "No"]


def test_only_what_has_changed_is_compiled(tmp_path: Path) -> None:
    root, app = written(tmp_path, ""), written(tmp_path, "", folder="catalog/locale")
    assert list(stale(tmp_path)) == [root, app]
    compile_stale(tmp_path)
    later = root.with_suffix(".mo").stat().st_mtime + 5
    os.utime(app, (later, later))
    assert list(stale(tmp_path)) == [app]


def test_broken_file_is_named_and_the_compiled_one_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    po = written(tmp_path, 'msgid "Yes"\nmsgstr "Ja"\n')
    compile_stale(tmp_path)
    os.utime(po.with_suffix(".mo"), (0, 0))
    po.write_text(HEADER + 'msgid "Yes"\nnonsense\n')
    assert compile_stale(tmp_path) == 1
    assert read(po).gettext("Yes") == "Ja"
    assert str(po) in capsys.readouterr().err
