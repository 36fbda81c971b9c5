"""The feed of changes: law that began or begins, and what officers corrected, confirmed or switched off.

Identifiers never change (RFC 4151 tag addresses of rule and day). `updated` is when we last read the source, or
when an officer's change was accepted; a feed is in the order of `updated`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import get_language, gettext

from compliance import rulebook
from compliance.edition.models import RuleChange
from compliance.publishing.reading import Provision, provision
from compliance.rulebook.book import Rulebook

BACK = timedelta(days=2 * 366)  # law that is older is no news
MOST = 150


@dataclass(frozen=True, slots=True)
class Entry:
    """One change."""

    id: str
    path: str  # of its page
    title: str
    text: str
    published: datetime
    updated: datetime
    place: str
    topic: str
    provision: Provision | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What both forms of a feed are made of. Addresses are whole."""

    title: str
    page: str
    atom: str
    json: str
    entries: tuple[Entry, ...]
    updated: datetime


def entries(*, place: str, today: date, site: str) -> tuple[Entry, ...]:
    """Return the changes of a place ("" for all), the latest first. One query."""
    book = rulebook.default()
    law = _of_law(book, place, today, get_language() or "en", site)
    return tuple(sorted((*law, *_of_officers(book, place, site)), key=_latest_first)[:MOST])


def _latest_first(entry: Entry) -> tuple[float, float, str]:
    return (-entry.updated.timestamp(), -entry.published.timestamp(), entry.id)


@lru_cache(maxsize=256)
def _of_law(book: Rulebook, place: str, today: date, language: str, site: str) -> tuple[Entry, ...]:
    codes = {step.code for step in book.chain(place)} if place else None
    found = []
    for rule in book.rules.values():
        for version in rule.versions:
            if version.since >= today - BACK and (codes is None or rule.jurisdiction in codes):
                seen = provision(rule, version, language, today=today)
                found.append(_entry(seen, version.since, rule.checked_on, site))
    return tuple(found)


def _entry(seen: Provision, since: date, checked: date, site: str) -> Entry:
    begins = gettext("From %(day)s") if seen.is_ahead else gettext("Since %(day)s")
    marks = [f"{cite.act}, {cite.at}".strip(", ") for cite in seen.cites]
    doubt = "" if seen.is_verified else gettext("Not yet checked against the text.")
    said = [begins % {"day": seen.since} + ".", seen.value and f"{seen.value}.", seen.text, *marks, doubt]
    return Entry(
        id=tag(site, f"rule/{seen.rule}/{seen.since_on}"),
        path=f"/law/rules/{seen.rule}",
        title=f"{seen.place_name}: {seen.title}",
        text=" ".join(filter(None, said)),
        published=_midnight(min(since, checked)),
        updated=_midnight(checked),
        place=seen.place,
        topic=seen.topic,
        provision=seen,
    )


def _of_officers(book: Rulebook, place: str, site: str) -> list[Entry]:
    rows = RuleChange.objects.filter(state=RuleChange.State.ACCEPTED).order_by("-decided_at")[:MOST]
    codes = {step.code for step in book.chain(place)} if place else None
    found = []
    for row in rows:
        rule = book.rules.get(row.rule)
        if rule is None or row.decided_at is None or (codes is not None and rule.jurisdiction not in codes):
            continue
        seen = provision(rule, rule.versions[-1], get_language() or "en", today=row.decided_at.date())
        found.append(
            Entry(
                id=tag(site, f"change/{row.public_id}"),
                path=f"/law/rules/{row.rule}",
                title=f"{seen.place_name}: {seen.title}",
                text=" ".join(
                    filter(None, [f"{row.get_kind_display()}.", seen.value and f"{seen.value}.", seen.text])
                ),
                published=row.decided_at,
                updated=row.decided_at,
                place=seen.place,
                topic=seen.topic,
            )
        )
    return found


def tag(site: str, what: str) -> str:
    """Return an identifier that stays (RFC 4151); the day is the one from which this name space is ours."""
    return f"tag:{urlsplit(site).hostname or 'localhost'},2026-11-01:law/{what}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def feed(*, place: str, name: str, today: date, site: str) -> Feed:
    """Return the feed of a place, or of all for ""."""
    found = entries(place=place, today=today, site=site)
    base = f"{site}/law/{place}/" if place else f"{site}/law/"
    title = (
        gettext("Changes of the law: %(place)s") % {"place": name} if place else gettext("Changes of the law")
    )
    updated = max((one.updated for one in found), default=_midnight(today))
    return Feed(title, f"{base}changes", f"{base}changes.atom", f"{base}changes.json", found, updated)


def as_atom(feed: Feed, *, site: str, language: str) -> str:
    """Return the feed as Atom (RFC 4287)."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(language)}>',
        f"<title>{escape(feed.title)}</title>",
        f"<id>{escape(feed.atom)}</id>",
        f"<updated>{rfc3339(feed.updated)}</updated>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.atom)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(feed.page)}/>',
        "<author><name>Rightful</name></author>",
        *(_atom_entry(one, site) for one in feed.entries),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _atom_entry(one: Entry, site: str) -> str:
    return (
        f"<entry><id>{escape(one.id)}</id><title>{escape(one.title)}</title>"
        f'<link rel="alternate" type="text/html" href={quoteattr(site + one.path)}/>'
        f"<published>{rfc3339(one.published)}</published><updated>{rfc3339(one.updated)}</updated>"
        f"<category term={quoteattr(one.place)}/><category term={quoteattr(one.topic)}/>"
        f'<content type="text">{escape(one.text)}</content></entry>'
    )


def as_json(feed: Feed, *, site: str, language: str) -> str:
    """Return the feed as JSON Feed 1.1."""
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.json,
        "language": language,
        "authors": [{"name": "Rightful"}],
        "items": [_json_item(one, site) for one in feed.entries],
    }
    return json.dumps(body, ensure_ascii=False, indent=1)


def _json_item(one: Entry, site: str) -> dict[str, object]:
    return {
        "id": one.id,
        "url": site + one.path,
        "title": one.title,
        "content_text": one.text,
        "date_published": rfc3339(one.published),
        "date_modified": rfc3339(one.updated),
        "tags": [one.place, one.topic],
    }


def rfc3339(when: datetime) -> str:
    """Return ``2026-11-23T00:00:00Z``."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def history_of(rule: str) -> Sequence[RuleChange]:
    """Return what officers changed of a rule, the newest first. One query."""
    rows = RuleChange.objects.filter(rule=rule, state=RuleChange.State.ACCEPTED)
    return list(rows.order_by("-decided_at"))
