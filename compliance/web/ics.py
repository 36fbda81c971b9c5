"""Days and instants as an iCalendar file (RFC 5545): what people put into the calendar of their phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

NOTICE = timedelta(days=2)  # how long before an entry its alarm rings


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: a whole day, or an instant with its offset. `key` says what it is in no language."""

    key: str
    when: date
    title: str
    text: str
    url: str


def calendar(entries: Iterable[Entry], *, now: datetime) -> str:
    """Return the file. The same entry has the same identity, so that adding it twice changes nothing."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rightful//Rights//EN", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += _event(entry, now)
    return "".join(_folded(line) + "\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(entry: Entry, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{sha256(entry.key.encode()).hexdigest()[:32]}@rightful",
        f"DTSTAMP:{_instant(now)}",
        *_times(entry.when),
        f"SUMMARY:{_escaped(entry.title)}",
        f"DESCRIPTION:{_escaped(entry.text)}",
        f"URL:{entry.url}",
        "TRANSP:TRANSPARENT",
        *_alarm(entry, now),
        "END:VEVENT",
    ]


def _alarm(entry: Entry, now: datetime) -> list[str]:
    """An alarm two days before; none where that has already gone by."""
    if _start(entry.when) - NOTICE <= now:
        return []
    title = _escaped(entry.title)
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{title}", "TRIGGER:-P2D", "END:VALARM"]


def _start(when: date) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def _times(when: date) -> list[str]:
    """An instant has no end: an end must lie after the start, and this takes no time."""
    if isinstance(when, datetime):
        return [f"DTSTART:{_instant(when)}"]
    after = when + timedelta(days=1)
    return [f"DTSTART;VALUE=DATE:{when:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]


def _instant(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """A line has at most 75 octets; a longer one goes on after a line break and a space."""
    parts, part = [], b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > (75 if not parts else 74):
            parts.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*parts, part]).decode()
