"""Statements of reasons fit the public database's own options, and its examples pass the same check."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.enforcement.statements import Stated, as_submission, problems_of

STATED = Stated(
    puid="SR-23456789",
    markets=("DE", "FR", "JP"),
    rules=("eu.listing.food.allergens",),
    grounds=("Regulation (EU) No 1169/2011, Art. 9(1)(c)",),
    explanation="“Allergens” is missing.",
    gtin="4006381333931",
    language="de",
    content_on=date(2026, 1, 2),
    taken_on=date(2026, 11, 24),
    ended_on=None,
    is_trader=True,
)


@pytest.fixture
def options(shared: Path) -> Any:
    known = json.loads((shared / "data/dsa_transparency/statements.json").read_text(encoding="utf-8"))
    return known | {"category": known["categories"]}


@pytest.mark.parametrize(
    "rule",
    [
        "eu.merchant.verified",
        "eu.price.prior",
        "eu.listing.prohibited.vapes",
        "eu.listing.toys.age",
        "eu.other",
    ],
)
def test_ours_fit_its_options(options: Any, rule: str):
    body = as_submission(replace(STATED, rules=(rule,)))
    assert problems_of(body, options) == []


@pytest.mark.parametrize("ended_on", [None, date(2026, 12, 1)])
def test_a_suspension_fits_its_options(options: Any, ended_on: date | None):
    body = as_submission(replace(STATED, is_suspension=True, ended_on=ended_on)) or {}
    assert (problems_of(body, options), body["end_date_account_restriction"]) == (
        [], ended_on.isoformat() if ended_on else None,
    )  # fmt: skip


def test_its_own_examples_pass_and_nonsense_does_not(options: Any, shared: Path):
    folder = shared / "data/dsa_transparency"
    example = json.loads((folder / "example_statement.json").read_text(encoding="utf-8"))
    many = json.loads((folder / "example_multi_statements.json").read_text(encoding="utf-8"))
    bodies = [example, *(many["statements"] if isinstance(many, dict) else many)]
    broken = {**example, "category": "STATEMENT_CATEGORY_NONSENSE"}
    assert [problems_of(body, options) for body in bodies] == [[]] * len(bodies)
    assert problems_of(broken, options) == ["category: STATEMENT_CATEGORY_NONSENSE"]


def test_it_has_every_field_that_is_required_and_no_person(options: Any):
    body = as_submission(STATED)
    required = {
        "decision_visibility", "decision_ground", "illegal_content_legal_ground", "illegal_content_explanation",
        "content_type", "category", "content_date", "application_date", "decision_facts", "source_type",
        "automated_detection", "automated_decision", "puid",
    }  # fmt: skip
    assert required <= body.keys()
    assert (body["territorial_scope"], body["content_id"]) == (["DE", "FR"], {"EAN-13": "4006381333931"})


def test_what_lies_outside_the_area_is_not_sent():
    assert as_submission(replace(STATED, markets=("JP", "US-CA"))) is None


def test_long_texts_are_cut_to_what_it_takes():
    body = as_submission(replace(STATED, explanation="x" * 9000, grounds=("y" * 900,)))
    lengths = [
        len(body[name])
        for name in ("illegal_content_legal_ground", "illegal_content_explanation", "decision_facts")
    ]
    assert lengths == [500, 2000, 5000]
