"""Complaints in words: states, stages, clocks, as pages show them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from complaints.domain.remedies import GIVEN
from complaints.models import Settlement
from complaints.queries.tickets import ClockView
from compliance.presentation import locale_of, ruling_view
from marketplace.kernel.money import Money

MEANINGS = {
    "new": "information", "open": "information", "waiting_customer": "attention", "waiting_merchant": "information",
    "waiting_outside": "information", "decided": "allowed", "closed": "allowed", "merged": "information",
}  # fmt: skip


def state_in_words(state: str) -> str:
    """Return a complaint's state as its complainant reads it."""
    return {
        "new": _("received"),
        "open": _("being looked at"),
        "waiting_customer": _("waiting for your answer"),
        "waiting_merchant": _("waiting for the seller"),
        "waiting_outside": _("waiting for somebody else"),
        "decided": _("decided"),
        "closed": pgettext("a complaint", "closed"),
        "merged": _("joined with another"),
    }[state]


def stage_in_words(stage: str) -> str:
    return {
        "received": _("Received"),
        "acknowledged": _("Acknowledged"),
        "assessed": _("Assessed"),
        "investigated": _("Looked into"),
        "decided": _("Decided"),
        "communicated": _("Told you"),
        "closed": _("Closed"),
    }[stage]


def clock_in_words(kind: str) -> str:
    """Return what a clock is about."""
    return {
        "first_response": _("First answer"),
        "next_response": _("Next answer"),
        "agent_update": _("News for you"),
        "resolution": _("Decision"),
        "merchant_answer": _("The seller’s answer"),
        "law:acknowledgement": _("Acknowledgement by law"),
        "law:decision": _("Decision by law"),
    }[kind]


def clock_chip(clock: ClockView, *, language: str, time_zone: str, now: datetime) -> dict[str, Any]:
    """Return a clock as components/clock_chip.html draws it."""
    until = clock.due_at
    label = clock_in_words(clock.kind)
    common = {
        "label": label,
        "until": until.isoformat(timespec="seconds") if until else "",
        "until_label": moment(until, language, time_zone),
    }
    if clock.state == "paused":
        return {**common, "state": "paused", "left": "", "state_label": _("paused")}
    if clock.done_at is not None or clock.state in ("met", "cancelled"):
        late = clock.state == "breached"
        return {
            **common,
            "state": "late" if late else "done",
            "left": "",
            "state_label": _("late") if late else _("done"),
        }
    if until is not None and until < now:
        return {**common, "state": "late", "left": span(now - until, language), "state_label": _("late")}
    left = until - now if until else None
    share = left / (until - clock.started_at) if left and until and until > clock.started_at else 1
    return {
        **common,
        "state": "soon" if share < 0.25 else "running",
        "left": span(left, language) if left else "",
    }


def why(clock: ClockView, *, language: str, time_zone: str) -> dict[str, Any]:
    """Return why a deadline is what it is: its beginning, every window that counted, pauses, or the law's steps."""
    windows = [
        _("%(from)s to %(until)s")
        % {
            "from": moment(datetime.fromisoformat(begins), language, time_zone),
            "until": moment(datetime.fromisoformat(ends), language, time_zone),
        }
        for begins, ends in clock.told.get("windows", ())
    ]
    return {
        "title": clock_in_words(clock.kind),
        "began": moment(clock.started_at, language, time_zone),
        "due": moment(clock.due_at, language, time_zone),
        "target": hours(clock.told.get("target")),
        "used": hours(clock.told.get("elapsed")),
        "paused": hours(clock.told.get("paused")),
        "windows": windows,
        "steps": clock.told.get("steps", ()),
        "rulings": [ruling_view(ruling, language) for ruling in clock.told.get("rulings", ())],
        "is_law": clock.is_law,
    }


def hours(seconds: int | None) -> str:
    """Return a number of seconds as ``7 h 30 min``; empty for none."""
    if seconds is None:
        return ""
    whole, rest = divmod(abs(int(seconds)) // 60, 60)
    return " ".join(
        part for part in (f"{whole} h" if whole else "", f"{rest} min" if rest or not whole else "") if part
    )


def span(delta: Any, language: str) -> str:
    """Return a length of time, roughly, in words."""
    return format_timedelta(delta, locale=locale_of(language), threshold=1.2)


def month(day: date, language: str) -> str:
    """Return "November 2026" in a language."""
    return format_date(day, format="LLLL y", locale=locale_of(language))


def moment(at: datetime | None, language: str, time_zone: str) -> str:
    """Return an instant in somebody's own time, to the minute."""
    if at is None:
        return ""
    locale = locale_of("en-GB" if language == "en" else language)
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{format_date(local, 'long', locale)}, {format_time(local, 'short', locale=locale)}"


def settlement_in_words(one: Settlement, language: str, time_zone: str) -> dict[str, Any]:
    """Return what was brought about, how it stands and what that means, with the sum and the day."""
    amount = Money(one.amount_minor, one.currency).display(language) if one.amount_minor else ""
    said = {
        "pending": _("on its way"), "paid": _("paid"), "failed": _("did not go"), "done": _("opened with the seller"),
        "choosing": _("waits for the buyer’s choice"),
    }[one.state]  # fmt: skip
    return {
        "id": one.public_id,
        "remedy": _(GIVEN[one.remedy]),
        "amount": amount,
        "state": said,
        "state_key": one.state,
        "meaning": {
            "pending": "information",
            "paid": "allowed",
            "failed": "blocked",
            "done": "allowed",
            "choosing": "attention",
        }[one.state],
        "when": moment(one.done_at or one.changed_at, language, time_zone),
        "iso": (one.done_at or one.changed_at).isoformat(timespec="seconds"),
        "why": one.failure,
        "ref": one.ref,
        "attempts": one.attempts,
    }
