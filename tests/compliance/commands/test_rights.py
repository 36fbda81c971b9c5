"""``manage.py rights``: one line out for each line in, in order, errors named, no database."""

from __future__ import annotations

import io
import json
import sys
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bench.rights import MAKERS, questions
from compliance.management.commands.rights import replies
from compliance.rulebook import asks

CASE = {"market": "DE", "concluded_on": "2026-11-16", "deliveries": [{"received_on": "2026-11-23"}]}


def _ask(*lines: Any) -> list[dict[str, Any]]:
    given = [line if isinstance(line, (str, bytes)) else json.dumps(line) for line in lines]
    return [json.loads(reply) for reply in replies(given)]


def test_an_answer_comes_with_rulings_and_explanation() -> None:
    (reply,) = _ask({"id": "a1", "ask": "withdrawal", "facts": CASE})
    assert (reply["id"], reply["answer"]["last_day"]) == ("a1", "2026-12-07")
    ruling = next(ruling for ruling in reply["rulings"] if ruling["rule"] == "eu.withdrawal.period")
    assert (ruling["value"], ruling["version_from"], ruling["confidence"]) == (14, "2014-06-13", "secondary")
    assert reply["explain"][0] == "The law gives 14 calendar days to withdraw (eu.withdrawal.period)."


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{", None),
        ("", None),
        ("[]", None),
        ("NaN", None),
        (b"\xff\xfe", None),
        ('{"id": 1, "ask": "withdrawal", "facts": {"market": NaN}}', None),
        ({"ask": "fortune", "facts": {}}, "ask"),
        ({"ask": 7, "facts": {}}, "ask"),
        ({"ask": "withdrawal", "facts": []}, "facts"),
        ({"ask": "withdrawal", "facts": {}, "extra": 1}, "extra"),
        ({"ask": "withdrawal", "facts": {"market": "DE", "concluded_on": "2026-13-01"}}, "concluded_on"),
        ({"ask": "withdrawal", "facts": {**CASE, "market": "XX"}}, "market"),
        ({"ask": "withdrawal", "facts": {**CASE, "market": None}}, "market"),
        ({"ask": "withdrawal", "facts": {**CASE, "shoe_size": 42}}, "shoe_size"),
        ({"ask": "withdrawal", "facts": {"market": "DE", "concluded_on": "2026-02-30"}}, "concluded_on"),
        ({"ask": "withdrawal", "facts": {"market": "DE", "concluded_on": "0001-01-01"}}, "concluded_on"),
        (
            {
                "ask": "deadline",
                "facts": {"market": "DE", "rule": "eu.tea.time", "happened_on": "2026-11-23"},
            },
            "rule",
        ),
        (
            {
                "ask": "deadline",
                "facts": {"market": "DE", "rule": "eu.withdrawal.right", "happened_on": "2026-11-23"},
            },
            "rule",
        ),
        ({"ask": "clock", "facts": {"calendar": {"tz": "Mars"}}}, "created_at"),
        ({"ask": "withdrawal", "facts": {**CASE, "deliveries": "one"}}, "deliveries"),
        ({"ask": "withdrawal", "facts": {**CASE, "deliveries": [7]}}, "deliveries[0]"),
        ({"ask": "withdrawal", "facts": {**CASE, "contract_type": "magic"}}, "contract_type"),
        ("[" * 100_000, None),
    ],
)
def test_a_line_that_cannot_be_answered_says_why_and_the_next_goes_on(line: Any, field: str | None) -> None:
    wrong, right = _ask(line, {"id": 2, "ask": "withdrawal", "facts": CASE})
    assert set(wrong) == {"id", "error"}
    assert wrong["error"]["field"] == field
    assert right["answer"]["last_day"] == "2026-12-07"


def test_the_command_reads_and_writes_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    given = "".join(json.dumps({"id": i, "ask": "withdrawal", "facts": CASE}) + "\n" for i in range(3))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    out = io.StringIO()
    call_command("rights", stdout=out)
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [0, 1, 2]


def test_a_thousand_lines_take_about_a_second() -> None:
    line = json.dumps({"ask": "withdrawal", "facts": CASE})
    list(replies([line]))
    start = time.perf_counter()
    assert len(list(replies([line] * 1000))) == 1000
    assert time.perf_counter() - start < 2


def test_the_rulebook_can_be_checked_and_shown() -> None:
    out = io.StringIO()
    call_command("rulebook", "check", stdout=out)
    call_command("rulebook", "show", "eu.withdrawal.period", "2026-11-23", stdout=out)
    checked, *shown = out.getvalue().splitlines()
    assert checked.split(" rules")[0].isdigit()
    assert shown[2] == "  since 2014-06-13: 14 calendar_days (counting: eu)"


@pytest.mark.parametrize("arguments", [("show", "eu.nothing"), ("show", "eu.withdrawal.period", "soon")])
def test_what_cannot_be_shown_is_said(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("rulebook", *arguments)


def test_questions_of_every_kind_over_all_markets_are_answered_in_order() -> None:
    lines = questions(600, 7)
    told = _ask(*lines)
    asked = [json.loads(line) for line in lines]
    assert [reply["id"] for reply in told] == list(range(600))
    wrong = [reply["id"] for reply in told if "error" in reply]
    assert wrong == list(range(49, 600, 50))
    assert set(asks()) == set(MAKERS) == {one["ask"] for one in asked} - {"fortune"}
    assert len({one["facts"].get("market") for one in asked}) >= 25
