"""Duties whose subject is not a listing: the platform itself, and what else has a facts_<subject>.yaml.

`duties.py` judges millions of listings by plans and shared findings; here a record is judged once in a
while, so the law of the day is simply walked through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from compliance.rulebook import facts
from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.cel_conditions import context_of
from compliance.rulebook.duties import binding_severity
from compliance.rulebook.types import Finding, Severity


def judge_subject(
    about: str, given: Mapping[str, Any], book: Rulebook, *, market: str, on: date
) -> tuple[Finding, ...]:
    """Return the duties of a subject that its facts do not meet in a market, by rule.

    :param about: the subject, such as ``platform``; `given` holds facts of facts_<about>.yaml.
    Raises Invalid naming the fact that is not documented or of another type.
    """
    record = facts.read_subject(about, given)
    context = context_of(record)
    found = book.on(on).duties(market, about=about)
    return tuple(
        _finding(duty, need)
        for duty in found
        if duty.version.when is None or duty.version.when.holds(context)
        for need in _missing(duty, record, context)
    )


def _missing(duty: InForce, record: Mapping[str, Any], context: Any) -> list[str]:
    if duty.version.must is not None:
        return [] if duty.version.must.holds(context) else [str(duty.version.fields.get("field", ""))]
    return [need for need in duty.version.needs if not _is_given(record, need)]


def _is_given(record: Mapping[str, Any], need: str) -> bool:
    name, _, attribute = need.partition(".")
    return bool(record[name].get(attribute) if attribute else record[name])


def _finding(duty: InForce, need: str) -> Finding:
    version = duty.version
    return Finding(
        rule=duty.id,
        market=duty.rule.jurisdiction,
        severity=binding_severity(version.severity or Severity.MEDIUM, version.confidence),
        what=version.fields["what"],
        fix=version.fields["fix"],
        field=need,
        cites=version.cites,
        confidence=version.confidence,
        params=dict(version.params),
    )
