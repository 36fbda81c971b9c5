"""Clocks of a service promise: opening windows, pauses and when the time is used up. Pure.

Conventions (docs/rulebook.md): windows are half-open and local to the calendar's zone, 24:00 is the end of a
day; a deadline is the earliest instant at which the time is used up, so one that falls on the closing minute
stays there; seconds are exact; overlapping pauses count once; time after closing and before reopening is a pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FARTHEST = 3660  # days; no promise reaches further, and a calendar that never opens ends here
ZERO = timedelta(0)
Span = tuple[datetime, datetime]  # UTC, half-open


@dataclass(frozen=True, slots=True)
class Opening:
    """When somebody is there: windows by weekday (0 is Monday) as minutes of the local day, and days that differ."""

    zone: ZoneInfo
    weekly: Mapping[int, tuple[tuple[int, int], ...]]
    holidays: frozenset[date] = frozenset()
    overrides: Mapping[date, tuple[tuple[int, int], ...]] | None = None

    def windows_of(self, day: date) -> tuple[tuple[int, int], ...]:
        """Return the windows of a day; what is said of the very day goes before holidays and the week."""
        if self.overrides and day in self.overrides:
            return self.overrides[day]
        return () if day in self.holidays else self.weekly.get(day.weekday(), ())

    def spans_from(self, start: datetime) -> Iterator[Span]:
        """Yield open spans from an instant on, in order, cut to begin there."""
        day = (
            start.astimezone(self.zone).date() - DAY
        )  # a window of yesterday may end today by the clock's change
        for _ in range(FARTHEST):
            for begins, ends in self.windows_of(day):
                opens, closes = self._instant(day, begins), self._instant(day, ends)
                if closes > start and closes > opens:
                    yield max(opens, start), closes
            day += DAY

    def _instant(self, day: date, minutes: int) -> datetime:
        """Return the instant of a local minute; one that the clocks skip is the instant they skip to."""
        days, rest = divmod(minutes, 24 * 60)
        local = datetime.combine(day + days * DAY, time(rest // 60, rest % 60), tzinfo=self.zone)
        return local.astimezone(UTC)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the spans sorted and merged, empty ones left out."""
    merged: list[Span] = []
    for begins, ends in sorted(span for span in spans if span[0] < span[1]):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return merged


def without(span: Span, pauses: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of a span when merged pauses are taken out."""
    begins, ends = span
    for pause_begins, pause_ends in pauses:
        if pause_ends <= begins or pause_begins >= ends:
            continue
        if begins < pause_begins:
            yield begins, pause_begins
        begins = max(begins, pause_ends)
    if begins < ends:
        yield begins, ends


def used(opening: Opening, start: datetime, end: datetime, pauses: Sequence[Span]) -> timedelta:
    """Return the open time between two instants that no pause covers."""
    total = ZERO
    for span in opening.spans_from(start):
        if span[0] >= end:
            break
        for begins, ends in without((span[0], min(span[1], end)), pauses):
            total += ends - begins
    return total


def open_time(opening: Opening, start: datetime, end: datetime) -> timedelta:
    """Return the open time between two instants, paused or not."""
    return used(opening, start, end, ())


def used_up_at(
    opening: Opening, start: datetime, target: timedelta, pauses: Sequence[Span]
) -> datetime | None:
    """Return the earliest instant at which the time is used up; None if the calendar never opens long enough."""
    left = target
    for span in opening.spans_from(start):
        for begins, ends in without(span, pauses):
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
    return None


def spans_counted(
    opening: Opening, start: datetime, end: datetime, pauses: Sequence[Span], *, most: int = 60
) -> list[Span]:
    """Return the spans that counted between two instants, at most so many: why a deadline is what it is."""
    found: list[Span] = []
    for span in opening.spans_from(start):
        if span[0] >= end or len(found) >= most:
            break
        found += without((span[0], min(span[1], end)), pauses)
    return found[:most]
