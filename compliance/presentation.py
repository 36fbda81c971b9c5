"""How rulings and rights are shown: from the rulebook's answers to the right card's parameters.

Pages of every app use it, so that a right looks and reads the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext, pgettext

from compliance import rulebook
from compliance.rulebook.types import Confidence, Length, Msgid, Ruling, Step

LABELS = {
    "withdrawal": "Changing your mind",
    "guarantee": "If it is faulty",
    "return_cost": "Sending it back",
    "refund": "Your money back",
    "delivery": "If it is late",
    "exemption": "No change of mind",
    "promise": "The seller’s own promise",
    "reject": "Handing it back at once",
    "private_seller": "A private seller",
}
ICONS = {
    "withdrawal": "undo-2", "guarantee": "shield-check", "return_cost": "package", "refund": "wallet",
    "delivery": "truck", "exemption": "circle-minus", "promise": "hand-heart", "reject": "package", "private_seller": "user-round",
}  # fmt: skip


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """Return Babel's locale for one of our language codes."""
    try:
        return Locale.parse({"zh-hans": "zh_Hans"}.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def day_in_words(day: date, language: str) -> str:
    """Return ``Tuesday, 8 December 2026`` in a language."""
    return _written(date(day.year, day.month, day.day), "full", "en-GB" if language == "en" else language)


def month_in_words(day: date, language: str) -> str:
    """Return ``December 2026`` in a language."""
    return _written(date(day.year, day.month, 1), "LLLL y", language)


@lru_cache(maxsize=4096)  # pages say the same few days again and again
def _written(day: date, form: str, language: str) -> str:
    return str(format_date(day, format=form, locale=locale_of(language)))


def how_long_until(day: date, today: date) -> str:
    """Return how far away a day is: ``15 days from now``, ``today``, ``3 days ago``."""
    days = (day - today).days
    if days == 0:
        return gettext("today")
    if days > 0:
        return ngettext("%(n)s day from now", "%(n)s days from now", days) % {"n": days}
    return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}


def ruling_view(ruling: Ruling | dict[str, Any], language: str) -> dict[str, Any]:
    """Return a ruling (or one frozen as JSON) as components/why.html shows it."""
    data = ruling.as_json() if isinstance(ruling, Ruling) else ruling
    cite = next(iter(data["cites"]), {"act": "", "at": "", "url": ""})
    since = data["version_from"]
    return {
        "title": gettext(data["title"]) if data["title"] else data["rule"],
        "value": _value(data["value"]),
        "rule": data["rule"],
        "page": page_of(data["rule"]),
        "article": ", ".join(part for part in (cite["act"], cite["at"]) if part),
        "url": cite["url"],
        "since": _written(date.fromisoformat(since), "long", language) if since else "",
        "jurisdiction": data["jurisdiction"],
        "confidence": data["confidence"],
        "confidence_label": confidence_in_words(data["confidence"]),
    }


def page_of(rule: str) -> str:
    """Return the address of a rule's public page; "" for a row of a table, which has none."""
    return _address_of(rule) if rule in rulebook.default().rules else ""


@lru_cache(maxsize=4096)
def _address_of(rule: str) -> str:
    return reverse("public-law-rule", args=[rule])


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "" if value is None or isinstance(value, dict | list) else str(value).replace("_", " ")


CONFIDENCE = {
    Confidence.OFFICIAL: gettext_noop("read in the law itself"),
    Confidence.SECONDARY: gettext_noop("read in a dated source"),
    Confidence.KNOWLEDGE: gettext_noop("not yet checked against the text"),
}


def confidence_in_words(confidence: str) -> str:
    """Return how a row of law is known, in words."""
    words = CONFIDENCE.get(Confidence(confidence), "")
    return gettext(words) if words else ""


def right_card(
    lines: Iterable[Any], *, title: str, subtitle: str, language: str, today: date
) -> dict[str, Any]:
    """Return the parameters of components/right_card.html for RightLines of the rulebook."""
    return {"title": title, "subtitle": subtitle, "lines": [_line(line, language, today) for line in lines]}


def _line(line: Any, language: str, today: date) -> dict[str, Any]:
    params = {name: _word(value, language) for name, value in line.params.items()}
    shown = line.on is not None and line.state != "no"
    return {
        "key": line.key,
        "label": gettext(LABELS.get(line.key, line.key)),
        "icon": ICONS.get(line.key, "scale"),
        "state": line.state,
        "state_label": _state_label(line),
        "day": str(line.on.day) if shown else "",
        "month": month_in_words(line.on, language) if shown else "",
        "when": line.on.isoformat() if shown else "",
        "left": how_long_until(line.on, today) if shown else "",
        "sentence": gettext(line.sentence) % params if params else gettext(line.sentence),
        "rulings": [ruling_view(ruling, language) for ruling in line.answer.rulings],
        "steps": [step_in_words(step, language) for step in line.answer.steps],
    }


def _state_label(line: Any) -> str:
    if line.key == "exemption":
        return gettext("not for this")
    return {"no": gettext("not here"), "uncertain": gettext("not certain")}.get(line.state, "")


def step_in_words(step: Step, language: str) -> str:
    """Return one sentence of a calculator's reasoning in a language."""
    sentence = gettext(step.sentence)
    return (
        sentence % {name: _word(value, language) for name, value in step.params.items()}
        if step.params
        else sentence
    )


def length_in_words(length: Length) -> str:
    """Return ``14 calendar days``, ``1 year``."""
    n = length.value
    words = {
        "calendar_days": ngettext("%(n)s calendar day", "%(n)s calendar days", n),
        "working_days": ngettext("%(n)s working day", "%(n)s working days", n),
        "hours": ngettext("%(n)s hour", "%(n)s hours", n),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", n),
        "months": ngettext("%(n)s month", "%(n)s months", n),
        "years": ngettext("%(n)s year", "%(n)s years", n),
    }
    return words[length.unit] % {"n": n}


def _word(value: Any, language: str) -> Any:
    if isinstance(value, date):
        return day_in_words(value, language)
    if isinstance(value, Length):
        return length_in_words(value)
    if isinstance(value, Msgid):
        return gettext(value)
    return pgettext("a figure in a sentence", "none") if value is None else value
