"""The answer of a calculator as a page says it: one sentence on top, then what it leaves out, named in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.presentation import ruling_view, step_in_words
from compliance.rulebook.types import Answer
from compliance.web.rights_sentences import amount_in_words, read_day, sentence, when_in_words

# field of an answer -> its name; what is not named here is for programs
NAMES: Mapping[str, Promise] = {
    "effective_on": _("It counts from"),
    "last_day": _("Last day"),
    "nth_day": _("Counted out"),
    "ends_at": _("It ends at"),
    "return_paid_by": _("The return is paid by"),
    "send_back_by": _("Send it back by"),
    "paid_by": _("Paid by"),
    "due_on": _("Due on"),
    "due_at": _("Due at"),
    "latest_at": _("At the latest at"),
    "may_withhold": _("May the seller wait for the goods?"),
    "may_withhold_until": _("It may wait until"),
    "overdue_from": _("Overdue from"),
    "interest_per_year": _("Interest a year, percent"),
    "refund": _("Refund"),
    "consumer_owes": _("Taken off"),
    "deliver_by": _("Delivery due"),
    "ship_by": _("Dispatch due"),
    "may_terminate_at_once": _("Can you end the contract at once?"),
    "deemed_cancelled_on": _("Cancelled on"),
    "refund_due_on": _("Refund due"),
    "next_step": _("Next step"),
    "liable_until": _("The seller answers until"),
    "covered": _("Is the fault covered?"),
    "burden_on_seller_until": _("The seller must prove until"),
    "reject_until": _("Reject it until"),
    "tell_seller_by": _("Tell the seller by"),
    "remedies_open": _("You can ask for"),
    "goods": _("Goods"),
    "shipping": _("Shipping"),
    "duty": _("Duty"),
    "tax": _("Tax"),
    "fees": _("Fees"),
    "total": _("Total"),
    "who_collects": _("Collected by"),
    "prior_price": _("Prior price"),
    "true_percent": _("True percentage"),
    "prior_price_must_be_shown": _("Must the prior price be shown?"),
    "status": _("Status"),
    "qualified_on": _("Reached on"),
}
VALUES: Mapping[str, Promise] = {
    "consumer": _("the buyer"),
    "merchant": _("the seller"),
    "late": _("late"),
    "due": _("not yet due"),
    "open": _("open"),
    "delivered": _("delivered"),
    "delivered_late": _("delivered late"),
    "cancelled": _("cancelled"),
    "wait": _("wait"),
    "none": _("nothing"),
    "set_additional_period": _("give the seller more time, in writing"),
    "wait_for_additional_period": _("wait for the end of that time"),
    "terminate_and_refund_without_delay": _("end the contract and ask for the money"),
    "consent_or_cancel": _("agree to the delay or cancel"),
    "refund": _("refund"),
    "repair": _("repair"),
    "replacement": _("replacement"),
    "price_reduction": _("a lower price"),
    "termination": _("the money for the goods"),
    "final_rejection": _("the money for the goods"),
    "reject": _("handing it back at once"),
    "compensation": _("compensation"),
    "high_volume_seller": _("high-volume seller"),
    "below_threshold": _("below the threshold"),
    "trader": _("trader"),
    "private_or_unregistered": _("private or not registered"),
    "sell": _("may be sold"),
    "notice": _("may be sold with a notice"),
    "blocked": _("must not be sold"),
    "seller_at_checkout": _("the seller, at the checkout"),
    "platform_at_checkout": _("the marketplace, at the checkout"),
    "carrier_at_border": _("the carrier, at the border"),
    "recipient_direct": _("you, directly"),
    "nobody": _("nobody"),
    "identify": _("give its details"),
    "verify": _("be verified"),
    "disclose": _("be shown to buyers"),
    "suspend": _("be suspended"),
    "first_response": _("First answer"),
    "resolution": _("Solution"),
}
MONEY = ("refund", "consumer_owes", "goods", "shipping", "duty", "tax", "fees", "total")


def answer_view(ask: str, found: Answer, language: str, today: date) -> dict[str, Any]:
    """Return what the page shows of an answer."""
    fields = dict(found.answer) | _amounts(found.answer, language)
    rows = [
        {"label": str(NAMES[name]), "value": said}
        for name, value in fields.items()
        if name in NAMES and (said := fields[name] if name in MONEY else in_words(value, language))
    ]
    headline = sentence(ask, found.answer, language, today)
    return {
        "headline": headline,
        "rows": [row for row in rows if row["value"] not in headline],
        "extra": _extra(ask, found.answer, language),
        "certain": found.answer.get("certain", True),
        "doubts": _doubts(found, language),
        "steps": [{"text": step_in_words(step, language), "language": ""} for step in found.steps]
        or [{"text": line, "language": _foreign(language)} for line in found.explain],
        "rulings": [ruling_view(ruling, language) for ruling in found.rulings],
    }


def _foreign(language: str) -> str:
    """The calculators that only explain in English say so to a reader of another language."""
    return "" if language == "en" else "en"


def _amounts(answer: Mapping[str, Any], language: str) -> dict[str, str]:
    """Amounts as people write them, where the answer says their currency."""
    currency = answer.get("currency")
    if not currency:
        return {}
    given = {name: answer[name] for name in MONEY if isinstance(answer.get(name), str)}
    return {name: amount_in_words(value, currency, language) for name, value in given.items()}


def _extra(ask: str, answer: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Return rows of the lists in an answer: clocks, obligations, findings, fees."""
    if ask == "clock":
        return [
            {"label": in_words(name, language), "value": in_words(clock["due_at"], language)}
            for name, clock in answer["clocks"].items()
        ]
    if ask == "trader_status":
        now = gettext("now")
        return [
            {"label": in_words(item["what"], language), "value": in_words(item["due_on"], language) or now}
            for item in answer["obligations"]
        ]
    if ask == "clearance":
        return [
            {"label": item["what"], "value": item["fix"], "language": _foreign(language)}
            for item in answer["findings"]
        ]
    return []


def _doubts(found: Answer, language: str) -> list[dict[str, str]]:
    if found.doubts:
        return [{"text": step_in_words(doubt, language), "language": ""} for doubt in found.doubts]
    said = found.answer.get("reasons") or found.answer.get("uncertain_because") or []
    return [{"text": str(line), "language": _foreign(language)} for line in said]


def in_words(value: Any, language: str) -> str:
    """Return one value of an answer in words; "" for one that says nothing."""
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(filter(None, (in_words(item, language) for item in value)))
    if isinstance(value, str):
        return _text_in_words(value, language)
    return str(value) if isinstance(value, int) else ""


def _text_in_words(text: str, language: str) -> str:
    when = read_day(text)
    return when_in_words(when, language) if when else str(VALUES.get(text, text.replace("_", " ")))
