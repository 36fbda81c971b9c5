"""One rule with all that is known of it: versions, whose law it replaces, where it governs, what it is used for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import get_language, gettext

from compliance import rulebook
from compliance.publishing.reading import Provision, place_name, provision
from compliance.publishing.topics import Topic, topic_of
from compliance.publishing.wording import value_of
from compliance.rulebook import worked_cases
from compliance.rulebook.book import Rule, Rulebook
from compliance.rulebook.calculators import answer
from compliance.rulebook.categories import categories
from marketplace.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule's page."""

    id: str
    title: str
    kind: str
    topic: Topic
    place: str
    place_name: str
    versions: tuple[Provision, ...]  # the newest first
    conditions: tuple[tuple[str, str], ...]  # as the machine reads them
    overrides: tuple[str, str] | None  # (id, title)
    overridden_by: tuple[tuple[str, str, str], ...]  # (id, what it says instead, place)
    governs: tuple[tuple[str, str], ...]  # places where it is the law today
    asks: tuple[str, ...]  # calculators whose worked cases rest on it
    categories: tuple[str, ...]  # goods that a duty is judged on
    sources: tuple[str, ...]
    note: str


def rule_view(rule_id: str, *, today: date) -> RuleView | None:
    """Return a rule's page, None if there is no such rule; kept by version, day and language."""
    book = rulebook.default()
    return _view(book, rule_id, today, get_language() or "en") if rule_id in book.rules else None


@lru_cache(maxsize=2048)
def _view(book: Rulebook, rule_id: str, today: date, language: str) -> RuleView:
    rule = book.rules[rule_id]
    namesakes = [one for one in book.rules.values() if one.overrides == rule.id]
    above = book.rules.get(rule.overrides) if rule.overrides else None
    return RuleView(
        id=rule.id,
        title=gettext(rule.title),
        kind=rule.kind,
        topic=topic_of(rule.name),
        place=rule.jurisdiction,
        place_name=place_name(rule.jurisdiction),
        versions=tuple(provision(rule, one, language, today=today) for one in reversed(rule.versions)),
        conditions=_conditions(rule),
        overrides=(above.id, gettext(above.title)) if above else None,
        overridden_by=tuple(
            (one.id, value_of(one, one.versions[-1], language), place_name(one.jurisdiction))
            for one in namesakes
        ),
        governs=_governs(book, rule, today),
        asks=_asks(book).get(rule.id, ()),
        categories=_categories(rule, language),
        sources=rule.source_ids,
        note=rule.note,
    )


def _conditions(rule: Rule) -> tuple[tuple[str, str], ...]:
    version = rule.versions[-1]
    said = [
        (gettext("It applies if"), version.when.source if version.when else ""),
        (gettext("It is met if"), version.must.source if version.must else ""),
        (gettext("It asks for"), ", ".join(version.needs)),
    ]
    return tuple((label, text) for label, text in said if text)


def _governs(book: Rulebook, rule: Rule, today: date) -> tuple[tuple[str, str], ...]:
    law = book.on(today)
    found = (code for code in book.markets() if (item := law.find(rule.name, code)) and item.rule is rule)
    return tuple(sorted(((code, place_name(code)) for code in found), key=lambda one: one[1]))


@lru_cache(maxsize=4)
def _asks(book: Rulebook) -> dict[str, tuple[str, ...]]:
    """Return the calculators by rule, as the worked cases show: each is answered, its rulings are read."""
    found: dict[str, set[str]] = {}
    known = set(rulebook.asks())
    for case in worked_cases.load_cases():
        with suppress(Invalid):  # some cases show what is refused
            rulings = answer(case.ask, dict(case.facts), book).rulings if case.ask in known else ()
            for ruling in rulings:
                found.setdefault(ruling.rule, set()).add(case.ask)
    return {rule: tuple(sorted(asks)) for rule, asks in found.items()}


def _categories(rule: Rule, language: str) -> tuple[str, ...]:
    if rule.kind != "duty" or "ALL" in rule.groups:
        return ()
    wanted = set(rule.groups)
    return tuple(
        one.names.get(language) or one.names["en"]
        for one in categories().values()
        if wanted & set(one.groups)
    )
