"""The command that looks at the rulebook: check, show, diff, cases."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from compliance import rulebook
from compliance.rulebook.loader import ROOT

RULE = ROOT / "rules" / "eu" / "withdrawal" / "period.yaml"


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("rulebook", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_check_finds_the_data_in_order() -> None:
    assert said("check").startswith(f"{len(rulebook.release().rules)} rules for ")


def test_show_prints_a_rule_of_a_day() -> None:
    assert "since 2014-06-13" in said("show", "eu.withdrawal.period", "2026-11-23")


def test_diff_says_what_a_file_changes(tmp_path: Path) -> None:
    other = tmp_path / "period.yaml"
    other.write_text(RULE.read_text(encoding="utf-8").replace("value: 14", "value: 30"), encoding="utf-8")
    lines = said("diff", str(other)).splitlines()
    assert lines[0] == "~ eu.withdrawal.period  (term)"
    assert any(line.startswith("- ") and "14 calendar_days" in line for line in lines)
    assert any(line.startswith("+ ") and "30 calendar_days" in line for line in lines)


def test_diff_of_the_same_file_says_nothing() -> None:
    assert said("diff", str(RULE)).strip() == "No rule differs."


def test_diff_compares_whole_rulebooks(tmp_path: Path) -> None:
    copy = tmp_path / "rulebook"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (copy / "rules" / "sg" / "withdrawal" / "right.yaml").unlink()
    assert "- sg.withdrawal.right  (term)" in said("diff", str(copy)).splitlines()


def test_diff_says_what_a_time_brings() -> None:
    lines = said("diff", "2026-09-26", "2026-09-27").splitlines()
    assert any(line.startswith("2026-09-27 eu.claims.banned") for line in lines)
    assert said("diff", "2026-09-26", "2026-09-26").strip() == "No rule differs."


@pytest.mark.parametrize(
    ("text", "message"),
    [("title: nothing\n", "names no rule"), (None, "cannot be read")],
)
def test_diff_says_what_it_cannot_read(text: str | None, message: str, tmp_path: Path) -> None:
    other = tmp_path / "rule.yaml"
    if text is not None:
        other.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        said("diff", str(other))


def test_diff_refuses_what_check_would_refuse(tmp_path: Path) -> None:
    other = tmp_path / "rule.yaml"
    other.write_text(RULE.read_text(encoding="utf-8").replace("kind: term", "kind: wish"), encoding="utf-8")
    with pytest.raises(CommandError, match="kind must be one of"):
        said("diff", str(other))


def test_cases_counts_by_family() -> None:
    lines = said("cases", "--all").splitlines()
    assert any(line.startswith("term  withdrawal ") for line in lines)
    assert " worked cases; " in lines[-1]
