"""Every family of terms and duties has worked cases, each with its provision."""

from __future__ import annotations

import re

from compliance.rulebook import default
from compliance.rulebook.coverage import ENOUGH, families
from compliance.rulebook.worked_cases import load_cases


def test_every_family_has_three_worked_cases() -> None:
    short = [
        (one.kind, one.name, one.cases) for one in families(default(), load_cases()) if not one.is_covered
    ]
    assert (ENOUGH, short) == (3, [])


def test_a_family_without_cases_is_not_covered() -> None:
    """The control: nobody counts for what it does not decide."""
    only = [case for case in load_cases() if case.ask == "guarantee"]
    covered = {one.name for one in families(default(), only) if one.is_covered}
    assert covered == {"guarantee"}


def test_every_rule_that_is_a_term_or_a_duty_is_in_one_family() -> None:
    rules = sum(rule.kind in ("term", "duty") for rule in default().rules.values())
    assert sum(one.rules for one in families(default(), ())) == rules


def test_every_case_says_why() -> None:
    empty = [case.name for case in load_cases() if not re.search(r"\w{3}", case.because)]
    assert empty == []
