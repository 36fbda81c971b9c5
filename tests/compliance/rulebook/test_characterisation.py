"""Answers change only with a reason: thousands of mixed questions and broken rule files, answered as they were.

A characterisation, no evidence of law: it holds what the code said when somebody last looked, right or wrong. What is
right is in the worked cases and the second calculator. After a change on purpose renew it, and read the difference:

    python -m tests.compliance.rulebook.characterisation --renew
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from compliance.rulebook import asks, default
from tests.compliance.rulebook.characterisation import as_json, questions, rule_files, says

ASKS = (*asks(), "unit_price", "count", "hours", "governs", "in_force")


@cache
def _held() -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    held: defaultdict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    for ask, facts, said in questions():
        held[ask].append((facts, said))
    return held


@pytest.mark.parametrize("ask", ASKS)
def test_a_question_is_answered_as_it_was(ask: str) -> None:
    asked = ((facts, as_json(says(ask, facts, default())), held) for facts, held in _held()[ask])
    different = [(facts, said, held) for facts, said, held in asked if said != held]
    assert different[:2] == []


def test_every_question_is_among_them_and_most_have_many() -> None:
    assert {ask: len(held) >= 20 for ask, held in _held().items()} == dict.fromkeys(ASKS, True)


def test_a_rule_file_is_refused_or_read_as_it_was() -> None:
    held = dict(rule_files.held())
    said = dict(zip(held, rule_files.say_all(list(held), default()), strict=True))
    assert {text: said[text] for text in held if said[text] != held[text]} == {}


def test_another_answer_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: one more day of counting changes what is held fast."""
    from compliance.rulebook import periods

    monkeypatch.setattr(periods, "DAY", 2 * periods.DAY)
    assert any(as_json(says("count", facts, default())) != held for facts, held in _held()["count"])
