"""Views of the law for the public pages. Everything is made once a version of the rulebook, day and language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel.dates import format_date
from django.utils.translation import get_language, gettext

from compliance import rulebook
from compliance.checks.queries import market_name
from compliance.presentation import confidence_in_words, locale_of
from compliance.publishing.plain import SENTENCES, Sentence
from compliance.publishing.topics import TOPICS, Topic, topic_of
from compliance.publishing.wording import text_of, value_of, where_in_words
from compliance.rulebook import lookups
from compliance.rulebook.book import InForce, Rule, Rulebook, Version
from compliance.rulebook.lookups import Contact
from compliance.rulebook.markets import selling_markets
from compliance.rulebook.types import Cite, Confidence, Status

AHEAD = timedelta(days=3 * 366)  # how far the pages look


@dataclass(frozen=True, slots=True)
class Provision:
    """One version of a rule as the pages show it."""

    rule: str
    title: str
    kind: str
    value: str  # "14 calendar days"
    text: str
    where: str  # of a notice
    severity: str  # of a duty
    place: str  # whose law it is: "EU"
    place_name: str
    topic: str
    since: str  # in words
    since_on: str  # ISO
    until: str
    cites: tuple[Cite, ...]
    confidence: str
    confidence_label: str
    status: str
    status_label: str
    checked: str
    note: str
    is_ahead: bool

    @property
    def is_verified(self) -> bool:
        return self.confidence != Confidence.KNOWLEDGE


@dataclass(frozen=True, slots=True)
class Said:
    """One plain sentence with the rule it is made of."""

    text: str
    provision: Provision


@dataclass(frozen=True, slots=True)
class Group:
    """Provisions of one family, such as the duties of cosmetics."""

    title: str
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic in one place on one day."""

    said: tuple[Said, ...]
    groups: tuple[Group, ...]
    ahead: tuple[Provision, ...]
    contacts: tuple[Contact, ...]
    unverified: int
    total: int


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place: what each topic holds there, what is coming, whom to turn to."""

    code: str
    name: str
    chain: tuple[tuple[str, str], ...]  # whose law counts: (code, name)
    topics: tuple[tuple[Topic, int], ...]
    ahead: tuple[Provision, ...]
    contacts: tuple[tuple[str, tuple[Contact, ...]], ...]
    total: int
    unverified: int


def place_name(code: str) -> str:
    """Return the name of a place that makes law, in the active language."""
    known = {
        "WORLD": gettext("Everywhere"),
        "EU": gettext("European Union"),
        "EEA": gettext("European Economic Area"),
    }
    if code in known:
        return known[code]
    name = market_name(code)
    return name if name != code else rulebook.default().jurisdictions[code].name


def places() -> tuple[tuple[str, tuple[tuple[str, str, bool], ...]], ...]:
    """Return the places with pages in groups: (group, ((code, name, is a market of this shop), …))."""
    book, sold = rulebook.default(), set(selling_markets())
    member = {code for code in book.markets() if book.is_under(code, "EU")}
    rest = set(book.markets()) - member
    wide = [code for code in ("EU", "EEA", "WORLD") if code in book.jurisdictions]
    parts = ((gettext("In the European Union"), member), (gettext("Elsewhere"), rest))
    found = [(title, _named(codes, sold)) for title, codes in parts]
    return (*found, (gettext("Law of many countries"), tuple((c, place_name(c), False) for c in wide)))


def _named(codes: Iterable[str], sold: set[str]) -> tuple[tuple[str, str, bool], ...]:
    return tuple(sorted(((code, place_name(code), code in sold) for code in codes), key=lambda one: one[1]))


def place(code: str, *, today: date) -> PlaceView:
    """Return the view of a place that the book knows; kept by version, day and language."""
    return _place(rulebook.default(), code, today, get_language() or "en")


def topic(code: str, about: Topic, *, today: date) -> TopicView:
    """Return a topic's view in a place; kept by version, day and language."""
    return _topic(rulebook.default(), code, about, today, get_language() or "en")


@lru_cache(maxsize=512)
def _place(book: Rulebook, code: str, today: date, language: str) -> PlaceView:
    found = _in_force(book, code, today)
    topics = tuple((one, sum(topic_of(item.rule.name) is one for item in found)) for one in TOPICS)
    return PlaceView(
        code=code,
        name=place_name(code),
        chain=tuple((step.code, place_name(step.code)) for step in book.chain(code)),
        topics=tuple((one, count) for one, count in topics if count),
        ahead=_ahead(book, code, today, language),
        contacts=_by_role(code),
        total=len(found),
        unverified=sum(item.version.confidence is Confidence.KNOWLEDGE for item in found),
    )


@lru_cache(maxsize=1024)
def _topic(book: Rulebook, code: str, about: Topic, today: date, language: str) -> TopicView:
    found = [item for item in _in_force(book, code, today) if topic_of(item.rule.name) is about]
    contacts = [one for role in about.roles for one in _contacts(code) if one.role == role]
    return TopicView(
        said=tuple(_said(book, code, about, today, language)),
        groups=tuple(_groups(found, today, language)),
        ahead=tuple(one for one in _ahead(book, code, today, language) if one.topic == about.key),
        contacts=tuple(contacts),
        unverified=sum(item.version.confidence is Confidence.KNOWLEDGE for item in found),
        total=len(found),
    )


@lru_cache(maxsize=256)
def _in_force(book: Rulebook, code: str, today: date) -> tuple[InForce, ...]:
    """Return every rule that governs a place on a day, the nearest of each name, by name."""
    law = book.on(today)
    codes = {step.code for step in book.chain(code)}
    names = sorted({name for where, name in book.by_name if where in codes})
    return tuple(item for name in names if (item := law.find(name, code)) is not None)


def _said(book: Rulebook, code: str, about: Topic, today: date, language: str) -> Iterator[Said]:
    law = book.on(today)
    for one in SENTENCES.get(about.key, ()):
        line = law.line(one.name, code)
        # a rule with a condition steps aside for most people: the plain sentence is the one that holds for all
        item = next((found for found in line if found.version.when is None), None)
        text = _sentence(one, item, language) if item else ""
        if item is not None and text:
            yield Said(text, provision(item.rule, item.version, language, today=today))


def _sentence(one: Sentence, item: InForce, language: str) -> str:
    if one.says:
        return gettext(one.says) % {"value": value_of(item.rule, item.version, language)}
    chosen = one.if_yes if item.version.value else one.if_no
    return gettext(chosen) if chosen else ""


def _groups(found: list[InForce], today: date, language: str) -> Iterator[Group]:
    """Terms and notices first, then duties by what they are about."""
    parts: dict[str, list[Provision]] = {}
    for item in found:
        words = item.rule.name.split(".")
        is_of_a_kind = item.rule.kind == "duty" and len(words) > 2
        title = words[1].replace("_", " ").capitalize() if is_of_a_kind else ""
        parts.setdefault(title, []).append(provision(item.rule, item.version, language, today=today))
    for title in sorted(parts):
        yield Group(gettext(title) if title else "", tuple(parts[title]))


def _ahead(book: Rulebook, code: str, today: date, language: str) -> tuple[Provision, ...]:
    coming = book.changes_between(today, today + AHEAD, code)
    return tuple(provision(rule, version, language, today=today) for _, rule, version in coming)


def _contacts(code: str) -> tuple[Contact, ...]:
    return lookups.contacts(code) if len(code) in (2, 5) else ()


def _by_role(code: str) -> tuple[tuple[str, tuple[Contact, ...]], ...]:
    found: dict[str, list[Contact]] = {}
    for one in _contacts(code):
        found.setdefault(one.role, []).append(one)
    return tuple((role_in_words(role), tuple(found[role])) for role in sorted(found, key=_rank))


def _rank(role: str) -> int:
    return list(_roles()).index(role) if role in _roles() else len(_roles())


def _roles() -> dict[str, str]:
    return {
        "consumer_authority": gettext("Consumer protection"),
        "ecc": gettext("Help with sellers abroad"),
        "online_complaint": gettext("Complain online"),
        "hotline": gettext("By telephone"),
        "adr_general": gettext("Dispute bodies"),
        "adr_sector": gettext("Dispute bodies of one trade"),
        "product_safety": gettext("Dangerous products"),
        "data_protection": gettext("Data protection"),
        "customs": gettext("Customs"),
        "competition": gettext("Competition"),
    }


def role_in_words(role: str) -> str:
    """Return what a contact is for."""
    return _roles().get(role, role.replace("_", " "))


def status_in_words(status: Status) -> str:
    """Return the standing of a version of law."""
    return {
        Status.IN_FORCE: gettext("in force"),
        Status.PENDING: gettext("adopted, not yet in force"),
        Status.DRAFT: gettext("a draft"),
        Status.VACATED: gettext("struck down"),
        Status.SUPERSEDED: gettext("replaced"),
    }[status]


def long_day(day: date, language: str) -> str:
    """Return ``8 December 2026``."""
    return str(format_date(day, format="long", locale=locale_of("en-GB" if language == "en" else language)))


def provision(rule: Rule, version: Version, language: str, *, today: date) -> Provision:
    """Return one version of a rule in the active language."""
    is_ahead = version.since > today
    status = gettext("from then on") if is_ahead and version.binds else status_in_words(version.status)
    return Provision(
        rule=rule.id,
        title=gettext(rule.title),
        kind=rule.kind,
        value=value_of(rule, version, language),
        text=text_of(rule, version),
        where=where_in_words(version.fields.get("where", ())) if rule.kind == "notice" else "",
        severity=str(version.severity or ""),
        place=rule.jurisdiction,
        place_name=place_name(rule.jurisdiction),
        topic=topic_of(rule.name).key,
        since=long_day(version.since, language),
        since_on=version.since.isoformat(),
        until=long_day(version.until, language) if version.until else "",
        cites=version.cites,
        confidence=str(version.confidence),
        confidence_label=confidence_in_words(str(version.confidence)),
        status=str(version.status),
        status_label=status,
        checked=long_day(rule.checked_on, language),
        note=version.note or rule.note,
        is_ahead=is_ahead,
    )
