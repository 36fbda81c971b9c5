"""Worked cases: facts, and what a lawyer says the answer is. They are the tests of the rulebook.

A file of ``cases/`` is a list of ``{case, ask, facts, expect, because}``. `ask` is a calculator, or one of

- ``rule``: which rule of a name governs a market on a day. Facts ``name, market, on``; the answer has
  ``rule, value, unit, counting, status, confidence, severity, where`` and each parameter of the version;
- ``duties``: what a subject misses. Facts ``about, market, on, given, under``; the answer has ``missed``,
  the ids of the duties under a name that its facts do not meet, and ``gravest``.

`expect` names the fields of the answer that matter, or ``error: <field>`` for facts that must be refused.
For ``clearance`` it may also say ``finds``, ``finds_not`` and ``announces`` (lists of rules).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from compliance.rulebook.book import Rulebook
from compliance.rulebook.strict_yaml import BookRefused, Document, Refusal, load_yaml
from marketplace.kernel.errors import Invalid

DIRECTORY = Path(__file__).parent / "cases"
_KEYS = {"case", "ask", "facts", "expect", "because"}
_NAMING = ("rule", "missed", "finds", "finds_not", "announces")
_GRAVITY = ("block", "high", "medium", "info")


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


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of an answer that is not what the case says."""

    field: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.field}: expected {_said(self.expected)}, found {_said(self.found)}"


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


def differences(case: WorkedCase, book: Rulebook) -> tuple[Difference, ...]:
    """Return where the book's answer differs from what the case says; nothing if all is well."""
    try:
        found = _answer(case, book)
    except Invalid as refused:
        found = {"error": refused.field}
    return tuple(
        Difference(name, wanted, found.get(name, "nothing"))
        for name, wanted in case.expect.items()
        if found.get(name, "nothing") != wanted
    )


def rules_decided(case: WorkedCase, book: Rulebook) -> frozenset[str]:
    """Return the rules that decide a case: those its answer cites, and those it says something of."""
    named = {rule for key in _NAMING for rule in _listed(case.expect.get(key))}
    if case.ask == "rule":
        named |= {rule.id for rule in book.rules.values() if rule.name == case.facts["name"]}
    if case.ask == "duties":
        about, under = case.facts["about"], case.facts.get("under", "")
        duties = (rule for rule in book.rules.values() if rule.kind == "duty" and rule.about == about)
        named |= {rule.id for rule in duties if rule.name.startswith(under)}
    if case.ask not in _OWN and "error" not in case.expect:
        from compliance.rulebook import calculators

        named |= {ruling.rule for ruling in calculators.answer(case.ask, dict(case.facts), book).rulings}
    return frozenset(named)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _answer(case: WorkedCase, book: Rulebook) -> Mapping[str, Any]:
    from compliance.rulebook import calculators

    own = _OWN.get(case.ask)
    if own is not None:
        return own(case.facts, book)
    found = calculators.answer(case.ask, dict(case.facts), book).answer
    return {**found, **_findings(case, found)} if case.ask == "clearance" else found


def _findings(case: WorkedCase, found: Mapping[str, Any]) -> dict[str, Any]:
    """Say of the rules that a case names whether they are found today, not found, or announced."""
    today = {finding["rule"] for finding in found["findings"] if finding["due_on"] is None}
    coming = {finding["rule"] for finding in found["findings"]} - today
    return {
        "finds": [rule for rule in case.expect.get("finds", ()) if rule in today],
        "finds_not": [rule for rule in case.expect.get("finds_not", ()) if rule not in today],
        "announces": [rule for rule in case.expect.get("announces", ()) if rule in coming],
    }


def _governing(facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    _only(facts, {"name", "market", "on"})
    found = book.on(_day(facts)).find(facts["name"], facts["market"])
    if found is None:
        return {"rule": None}
    rule, version = found.rule, found.version
    return {
        "rule": rule.id,
        "value": found.ruling.as_json()["value"],
        "unit": rule.unit,
        "counting": rule.counting,
        "status": str(version.status),
        "confidence": str(version.confidence),
        "severity": str(version.severity) if version.severity else None,
        "where": list(version.fields.get("where", ())),
        **{name: _json(value) for name, value in version.params.items()},
    }


def _missed(facts: Mapping[str, Any], book: Rulebook) -> dict[str, Any]:
    from compliance.rulebook.subject_duties import judge_subject

    _only(facts, {"about", "market", "on", "given", "under"})
    found = judge_subject(
        facts["about"], facts.get("given", {}), book, market=facts["market"], on=_day(facts)
    )
    under = facts.get("under", "")
    chosen = [finding for finding in found if finding.rule.partition(".")[2].startswith(under)]
    gravest = min((_GRAVITY.index(str(finding.severity)) for finding in chosen), default=None)
    return {
        "missed": sorted({finding.rule for finding in chosen}),
        "gravest": None if gravest is None else _GRAVITY[gravest],
    }


_OWN: Mapping[str, Callable[[Mapping[str, Any], Rulebook], dict[str, Any]]] = {
    "rule": _governing,
    "duties": _missed,
}


def _only(facts: Mapping[str, Any], known: set[str]) -> None:
    for name in sorted(set(facts) - known):
        raise Invalid("This fact is not known here.", field=name)


def _day(facts: Mapping[str, Any]) -> date:
    return date.fromisoformat(facts["on"])


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


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return "nothing" if value is None else str(value)
