"""What a calculator found, in one sentence that somebody would say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext, ngettext

from compliance.presentation import day_in_words, locale_of

Found = Mapping[str, Any]


def read_day(text: Any) -> date | None:
    """Return a date or date-time written in ISO 8601, or None for anything else."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def when_in_words(when: date, language: str) -> str:
    """Return ``Tuesday, 8 December 2026`` and, for an instant, its time with the offset."""
    if not isinstance(when, datetime):
        return day_in_words(when, language)
    locale = locale_of("en-GB" if language == "en" else language)
    return f"{day_in_words(when.date(), language)}, {format_datetime(when, 'HH:mm (OOOO)', locale=locale)}"


def amount_in_words(amount: str, currency: str, language: str) -> str:
    """Return an amount as the language writes it."""
    return str(format_currency(Decimal(amount), currency, locale=locale_of(language)))


def sentence(ask: str, answer: Found, language: str, today: date) -> str:
    """Return the sentence an answer's page begins with."""
    return SENTENCES[ask](answer, language, today)


def _until(answer: Found, name: str, language: str) -> str:
    when = read_day(answer.get(name))
    return when_in_words(when, language) if when else ""


def _withdrawal(answer: Found, language: str, today: date) -> str:
    if not answer["right_exists"]:
        return gettext("The law gives you no right to change your mind here.")
    day = _until(answer, "last_day", language)
    if not day:
        return gettext("You can change your mind. The time runs once the goods are with you.")
    if answer["last_day"] < today.isoformat():
        return gettext("You could change your mind until %(day)s. That day has passed.") % {"day": day}
    return gettext("You can change your mind until %(day)s, 23:59 your time.") % {"day": day}


def _declaration(answer: Found, language: str, today: date) -> str:
    if not answer["right_exists"]:
        return gettext("The law gives you no right to change your mind here.")
    if answer["in_time"] is None:
        return gettext("Whether your withdrawal was in time cannot be said for certain.")
    if not answer["in_time"]:
        return gettext("Your withdrawal came too late.")
    return gettext("Your withdrawal is in time. It counts from %(day)s.") % {
        "day": _until(answer, "effective_on", language)
    }


def _send_back(answer: Found, language: str, today: date) -> str:
    day = _until(answer, "send_back_by", language)
    return (
        gettext("Send it back by %(day)s.") % {"day": day} if day else gettext("The law sets no day for it.")
    )


def _return_cost(answer: Found, language: str, today: date) -> str:
    payer = {
        "merchant": gettext("The seller pays for the return."),
        "consumer": gettext("You pay for the return."),
    }
    return payer.get(str(answer["paid_by"]), gettext("Who pays for the return cannot be said for certain."))


def _refund_due(answer: Found, language: str, today: date) -> str:
    day = _until(answer, "due_on", language)
    if day:
        return gettext("Your money must be back by %(day)s.") % {"day": day}
    if answer.get("may_withhold"):
        return gettext("The seller may wait until the goods are back or you show that you sent them.")
    return gettext("No day for the refund can be worked out from this.")


def _refund(answer: Found, language: str, today: date) -> str:
    return gettext("You get %(amount)s back.") % {
        "amount": amount_in_words(answer["refund"], answer["currency"], language)
    }


def _delivery(answer: Found, language: str, today: date) -> str:
    if answer.get("deemed_cancelled_on"):
        return gettext("The order is off from %(day)s, and the money goes back.") % {
            "day": _until(answer, "deemed_cancelled_on", language)
        }
    if answer.get("may_terminate_at_once"):
        return gettext("You can end the contract at once.")
    if day := _until(answer, "deliver_by", language):
        return gettext("It must be delivered by %(day)s.") % {"day": day}
    if day := _until(answer, "ship_by", language):
        return gettext("It must be sent by %(day)s.") % {"day": day}
    return gettext("The law sets no day for it.")


def _guarantee(answer: Found, language: str, today: date) -> str:
    if day := _until(answer, "liable_until", language):
        return gettext("The seller answers for faults until %(day)s.") % {"day": day}
    if answer.get("open_ended"):
        return gettext("The seller answers for faults without a fixed end.")
    return gettext("How long the seller answers cannot be said for certain.")


def _landed(answer: Found, language: str, today: date) -> str:
    said = gettext("It costs %(amount)s at your door.")
    if answer.get("unknown"):
        said = gettext("It costs at least %(amount)s at your door.")
    if answer.get("total") is None:
        return gettext("The whole price cannot be worked out from this.")
    return said % {"amount": amount_in_words(answer["total"], answer["currency"], language)}


def _prior_price(answer: Found, language: str, today: date) -> str:
    percent = answer.get("true_percent")
    if percent is None or answer["lawful"] is None:
        return gettext("Whether the reduction is true cannot be said for certain.")
    shown = {"percent": format_decimal(Decimal(percent), locale=locale_of(language))}
    if answer["lawful"]:
        return gettext("The reduction is true: it is %(percent)s percent.") % shown
    return gettext("The reduction is not as announced: it is %(percent)s percent.") % shown


def _deadline(answer: Found, language: str, today: date) -> str:
    day = _until(answer, "due_at", language) or _until(answer, "due_on", language)
    if day:
        return gettext("The time ends on %(day)s.") % {"day": day}
    return gettext("No day can be worked out from this.")


def _clock(answer: Found, language: str, today: date) -> str:
    first = next(iter(answer["clocks"].values()), None)
    day = _until(first or {}, "due_at", language)
    return gettext("An answer is due by %(day)s.") % {"day": day} if day else gettext("Nothing was promised.")


def _trader(answer: Found, language: str, today: date) -> str:
    owed = len(answer["obligations"])
    if not owed:
        return gettext("Nothing is owed beyond what every seller gives.")
    return ngettext("One duty is open.", "%(n)s duties are open.", owed) % {"n": owed}


def _clearance(answer: Found, language: str, today: date) -> str:
    where = str(locale_of(language).territories.get(answer["market"][:2], answer["market"]))
    blocking = sum(finding["severity"] == "block" for finding in answer["findings"])
    if answer["verdict"] != "blocked":
        return gettext("This may be sold to %(place)s.") % {"place": where}
    return ngettext(
        "This must not be sold to %(place)s yet: one thing is missing.",
        "This must not be sold to %(place)s yet: %(n)s things are missing.",
        blocking,
    ) % {"place": where, "n": blocking}


SENTENCES: Mapping[str, Callable[[Found, str, date], str]] = {
    "withdrawal": _withdrawal,
    "withdrawal_declaration": _declaration,
    "return_deadline": _send_back,
    "return_cost": _return_cost,
    "refund_deadline": _refund_due,
    "refund_amount": _refund,
    "delivery": _delivery,
    "guarantee": _guarantee,
    "landed_price": _landed,
    "prior_price": _prior_price,
    "deadline": _deadline,
    "clock": _clock,
    "trader_status": _trader,
    "clearance": _clearance,
}
