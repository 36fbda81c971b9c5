"""The calculators over HTTP: every question with its example, errors as problem+json naming the field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from compliance.api.examples import EXAMPLES, WHAT
from compliance.rulebook import answer, asks

JSON = "application/json"


def ask(name: str, facts: Any) -> Any:
    return Client().post(f"/api/v1/rights/{name}", facts, content_type=JSON)


def test_every_question_has_an_example() -> None:
    assert set(EXAMPLES) == set(WHAT) == set(asks())


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_answered_as_the_function_answers_it(name: str) -> None:
    told = ask(name, EXAMPLES[name])
    assert (told.status_code, told.json()) == (200, answer(name, EXAMPLES[name]).as_json())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "facts", "field", "code"),
    [
        ("withdrawal", {"market": "XX", "concluded_on": "2026-11-23"}, "market", "unknown_market"),
        ("withdrawal", {"market": "DE", "concluded_on": "2026-02-30"}, "concluded_on", "invalid"),
        (
            "withdrawal",
            {"market": "DE", "concluded_on": "2026-11-23", "shoe_size": 42},
            "shoe_size",
            "invalid",
        ),
        (
            "deadline",
            {"market": "DE", "rule": "eu.tea.time", "happened_on": "2026-11-23"},
            "rule",
            "unknown_rule",
        ),
        ("fortune", {}, "ask", "unknown_ask"),
        ("withdrawal", [], "body", "invalid"),
    ],
)
def test_what_cannot_be_answered_says_which_field(name: str, facts: Any, field: str, code: str) -> None:
    told = ask(name, facts)
    problem = told.json()
    assert (told.status_code, told["Content-Type"]) == (400, "application/problem+json")
    assert (problem["field"], problem["type"].rpartition(":")[2]) == (field, code)
