"""Check everything at once: rules, tables, registries and worked cases load, and fit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from compliance.rulebook import lookups, substances, tables, warning_texts  # noqa: F401 -- they register tables
from compliance.rulebook.loader import load_rulebook
from compliance.rulebook.strict_yaml import BookRefused, Refusal
from compliance.rulebook.worked_cases import load_cases


def check() -> list[Refusal]:
    """Return every refusal in the rulebook's data, sorted; an empty list means all is well."""
    return sorted(
        [*_refusals(load_rulebook), *_table_refusals(), *_refusals(load_cases), *_wording_refusals()]
    )


def _refusals(load: Callable[[], Any]) -> list[Refusal]:
    try:
        load()
    except BookRefused as refused:
        return list(refused.refusals)
    return []


def _table_refusals() -> Iterator[Refusal]:
    known = {path.stem for path in tables.DIRECTORY.glob("*.csv")}
    for name in sorted(known - set(tables.TABLES)):
        yield Refusal(f"tables/{name}.csv", 1, "no module has registered this table")
    for name in sorted(tables.TABLES):
        yield from _refusals(lambda name=name: tables.table(name))


def _wording_refusals() -> Iterator[Refusal]:
    """A notice or duty names a wording that exists."""
    try:
        book = load_rulebook()
        keys = set(lookups.wording_keys())
    except BookRefused:
        return
    for rule in book.rules.values():
        for version in rule.versions:
            key = version.fields.get("wording")
            if key and key not in keys:
                yield Refusal(rule.file, 1, f"there is no wording {key} in tables/wordings.csv")
