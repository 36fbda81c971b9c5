"""Texts with places filled in: legal figures by the law of a market on a day, with where they are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import ngettext

from compliance import rulebook
from compliance.rulebook.book import InForce
from compliance.rulebook.placeholders import filled, laws_in


def with_law(body: str, values: Mapping[str, str], *, market: str, language: str, on: date) -> str | None:
    """Return a text filled in, its legal figures by the law of a market on a day; None where that has no such law."""
    law = rulebook.default().on(on)
    said = dict(values)
    for name in laws_in(body):
        found = law.find(name, market)
        if found is None or not _is_figure(found.ruling.value):
            return None
        cite = found.ruling.cites[0]
        said[f"law:{name}"] = figure(found, language)
        said[f"source:{name}"] = ", ".join(part for part in (cite.act, cite.at) if part)
    return filled(body, said)


def figure(found: InForce, language: str) -> str:
    """Return a rule's figure with its unit: ``14 days``."""
    n = int(found.ruling.value)
    with translation.override(language):
        words = {
            "calendar_days": ngettext("%(n)s day", "%(n)s days", n),
            "working_days": ngettext("%(n)s working day", "%(n)s working days", n),
            "hours": ngettext("%(n)s hour", "%(n)s hours", n),
            "months": ngettext("%(n)s month", "%(n)s months", n),
            "years": ngettext("%(n)s year", "%(n)s years", n),
        }.get(found.rule.unit or "", "%(n)s")
        return words % {"n": n}


def _is_figure(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_rule(name: str) -> bool:
    """Tell whether some market has a rule of this name with a number for its value."""
    return any(
        rule_id.partition(".")[2] == name and any(_is_figure(version.value) for version in rule.versions)
        for rule_id, rule in rulebook.default().rules.items()
    )
