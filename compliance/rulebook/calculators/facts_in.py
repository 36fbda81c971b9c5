"""Reading the facts of a question: typed, complete, and nothing beyond what the question knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rulebook import lookups
from compliance.rulebook.book import Rulebook
from compliance.rulebook.contracts import read_amount
from compliance.rulebook.periods import Calendar, given_calendar, local_day, time_zone, weekend_of
from marketplace.kernel.errors import Invalid

EARLIEST = date(1971, 7, 1)
LATEST = date(2200, 1, 1)


class Reader:
    """The facts of one question. Every method raises Invalid naming the field."""

    def __init__(self, facts: Mapping[str, Any], known: Iterable[str], path: str = "") -> None:
        self.facts, self.path = facts, path
        unknown = sorted(str(name) for name in facts.keys() - set(known))
        if unknown:
            raise self.wrong(unknown[0], "This field is not known here.")

    def wrong(self, name: str, reason: str, /, **values: Any) -> Invalid:
        """Return the error of one field; `reason` is a msgid, its values stand beside it."""
        return Invalid(reason, field=self.path + name, **values)

    def get(self, name: str) -> Any:
        return self.facts.get(name)

    def market(self, book: Rulebook, name: str = "market") -> str:
        """Return a market that the rulebook knows."""
        value = self.facts.get(name)
        if not isinstance(value, str) or not value:
            raise self.wrong(name, "The market is needed: a country such as DE, or US-CA.")
        book.chain(value)
        return value

    def day(self, name: str) -> date | None:
        """Return a date, or None if it is not given."""
        value = self.facts.get(name)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            found = value
        else:
            found = self._parsed_day(name, value)
        if not EARLIEST <= found <= LATEST:
            raise self.wrong(name, "%(name)s is out of range: %(day)s.", name=name, day=found.isoformat())
        return found

    def needed_day(self, *names: str) -> date:
        """Return the first of these dates that is given."""
        for name in names:
            found = self.day(name)
            if found is not None:
                return found
        raise self.wrong(names[0], "%(name)s is needed, as a date such as 2026-11-23.", name=names[0])

    def instant(self, name: str) -> datetime | None:
        """Return a date-time with its offset, or None if it is not given."""
        value = self.facts.get(name)
        if value is None:
            return None
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            raise self.wrong(
                name, "%(name)s is a date-time such as 2026-11-23T10:00:00+01:00.", name=name
            ) from None
        if found.tzinfo is None:
            raise self.wrong(name, "%(name)s needs an offset, or Z for UTC.", name=name)
        if not EARLIEST < found.date() < LATEST:
            raise self.wrong(name, "%(name)s is out of range: %(day)s.", name=name, day=found.isoformat())
        return found

    def day_or_instant(self, stem: str, zone: ZoneInfo) -> tuple[date | None, datetime | None]:
        """Return ``<stem>_on`` or the local day of ``<stem>_at``; both must agree if both are given."""
        day, instant = self.day(f"{stem}_on"), self.instant(f"{stem}_at")
        if instant is None:
            return day, None
        local = local_day(instant, zone)
        if day is not None and day != local:
            raise self.wrong(
                f"{stem}_on",
                "%(stem)s_on and %(stem)s_at are not the same day where the consumer is.",
                stem=stem,
            )
        return local, instant

    def flag(self, name: str, default: bool | None = False) -> bool | None:
        value = self.facts.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(name, "%(name)s is true or false.", name=name)
        return value

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        value = self.facts.get(name)
        if value is None:
            return default
        if value not in choices:
            raise self.wrong(
                name, "%(name)s is one of %(choices)s, not %(value)s.",
                name=name, choices=", ".join(choices), value=repr(value),
            )  # fmt: skip
        return str(value)

    def whole(self, name: str, most: int = 36500) -> int | None:
        value = self.facts.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self.wrong(name, "%(name)s is a whole number up to %(most)s.", name=name, most=most)
        return value

    def amount(self, name: str) -> Any:
        """Return an amount as it was given, once it is known to be one."""
        value = self.facts.get(name)
        if value is not None:
            read_amount(value, self.path + name)
        return value

    def items(self, name: str, known: Iterable[str]) -> list[Reader]:
        """Return a list of objects, each with its own reader."""
        value = self.facts.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            raise self.wrong(name, "%(name)s is a list.", name=name)
        return [self._item(name, i, item, known) for i, item in enumerate(value)]

    def zone(self, market: str) -> ZoneInfo:
        """Return the consumer's time zone: the one given, or the market's main one."""
        value = self.facts.get("time_zone")
        if value is not None and not isinstance(value, str):
            raise self.wrong("time_zone", "The time zone is a name such as Europe/Berlin.")
        return time_zone(value or main_zone(market))

    def calendar(self, market: str, book: Rulebook) -> Calendar:
        """Return the holidays that are given, or the built-in ones of the market."""
        code = book.chain(market)[0].calendar or market
        value = self.facts.get("holidays")
        if value is None:
            return Calendar(code)
        if not isinstance(value, list | tuple):
            raise self.wrong("holidays", "holidays is a list of dates.")
        days = [Reader({"holidays": day}, ("holidays",)).needed_day("holidays") for day in value]
        return given_calendar(days, weekend_of(code))

    def _item(self, name: str, i: int, item: Any, known: Iterable[str]) -> Reader:
        if not isinstance(item, Mapping):
            raise self.wrong(f"{name}[{i}]", "Each of %(name)s is an object.", name=name)
        return Reader(item, known, f"{self.path}{name}[{i}].")

    def _parsed_day(self, name: str, value: Any) -> date:
        try:
            if not isinstance(value, str) or len(value) != 10:
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise self.wrong(
                name, "%(name)s is a date such as 2026-11-23, not %(value)s.", name=name, value=repr(value)
            ) from None


def main_zone(market: str) -> str:
    """Return the main time zone of a market; UTC if we know none."""
    locale = lookups.locale(market)
    return (locale.time_zone if locale else "") or "UTC"
