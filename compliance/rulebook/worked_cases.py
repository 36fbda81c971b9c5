"""Worked cases: facts, and what a lawyer says the answer is. They are the tests of the calculators.

A file of ``cases/`` is a list of ``{case, ask, facts, expect, because}``; `expect` names the
fields of the answer that matter, or ``error: <field>`` for facts that must be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from compliance.rulebook.strict_yaml import BookRefused, Document, Refusal, load_yaml

DIRECTORY = Path(__file__).parent / "cases"
_KEYS = {"case", "ask", "facts", "expect", "because"}


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """One worked example, written from the citation in `because`."""

    name: str
    ask: str
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    because: str
    file: str
    line: int


def load_cases(directory: Path = DIRECTORY) -> tuple[WorkedCase, ...]:
    """Return all worked cases. Raises BookRefused for a case with unknown or missing keys."""
    refusals: list[Refusal] = []
    cases: list[WorkedCase] = []
    for path in sorted(directory.glob("*.yaml")):
        document = load_yaml(path, name=f"cases/{path.name}")
        for i, entry in enumerate(document.data):
            if not isinstance(entry, dict) or set(entry) != _KEYS:
                refusals.append(document.refusal(f"a case has the keys {', '.join(sorted(_KEYS))}", i))
            else:
                cases.append(_case(document, i, entry))
    if refusals:
        raise BookRefused(refusals)
    return tuple(cases)


def _case(document: Document, i: int, entry: Mapping[str, Any]) -> WorkedCase:
    return WorkedCase(
        name=str(entry["case"]),
        ask=entry["ask"],
        facts=_json(entry["facts"]),
        expect=_json(entry["expect"]),
        because=str(entry["because"]),
        file=document.file,
        line=document.line(i),
    )


def _json(value: Any) -> Any:
    """YAML dates and decimals become what JSON would carry."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, list) else value
