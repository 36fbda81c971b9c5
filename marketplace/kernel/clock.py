"""The only place that reads the clock. Everybody else takes time as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(tz=UTC)


def today(time_zone: str = "UTC") -> date:
    """Return the present day in an IANA time zone."""
    return now().astimezone(ZoneInfo(time_zone)).date()
