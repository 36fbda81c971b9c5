"""Which rules the worked cases decide, by family, so that no kind of law goes unproved.

A *term family* is the first part of a name ("withdrawal", "import"). A *duty family* is the first two parts of a name
that several rules share ("listing.cosmetics", "merchant.contact"); a duty that shares them with no other belongs to
the family of its place ("listing of FR", "platform of EU"). A case counts for every family of which it decides a rule:
the rules in its answer's rulings, and those it says are found, not found or announced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance.rulebook.book import Rule, Rulebook
from compliance.rulebook.worked_cases import WorkedCase, rules_decided

ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Family:
    """A family with its rules and the number of cases that decide one of them."""

    kind: str  # term, duty
    name: str
    rules: int
    cases: int

    @property
    def is_covered(self) -> bool:
        return self.cases >= ENOUGH


def families(book: Rulebook, cases: Iterable[WorkedCase]) -> list[Family]:
    """Return every family of terms and duties with its cases, by kind and name."""
    home = _homes(book)
    rules = Counter(home.values())
    counted: Counter[tuple[str, str]] = Counter()
    for case in cases:
        counted.update({home[rule] for rule in rules_decided(case, book) if rule in home})
    return [Family(kind, name, rules[kind, name], counted[kind, name]) for kind, name in sorted(rules)]


def _homes(book: Rulebook) -> dict[str, tuple[str, str]]:
    """Return the family of each rule."""
    shared = Counter(_two(rule) for rule in book.rules.values() if rule.kind == "duty")
    return {rule.id: family for rule in book.rules.values() for family in _family(rule, shared)}


def _family(rule: Rule, shared: Counter[str]) -> Iterator[tuple[str, str]]:
    first = rule.name.partition(".")[0]
    if rule.kind == "term":
        yield "term", first
    if rule.kind == "duty":
        yield "duty", _two(rule) if shared[_two(rule)] > 1 else f"{first} of {rule.jurisdiction}"


def _two(rule: Rule) -> str:
    return ".".join(rule.name.split(".")[:2])
