"""Days, instants and sums as people of a language write them; judgements, states and reasons in words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from compliance.presentation import locale_of
from compliance.rulebook.cards import exemption_in_words
from marketplace.kernel.money import Money
from orders.queries.law import wording
from returns.domain import policy


def in_words(day: date | str | None, language: str) -> str:
    """Return a day in full."""
    if not day:
        return ""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return format_date(day, format="full", locale=_locale(language))


def moment(at: datetime | None, language: str, time_zone: str) -> str:
    """Return an instant where the shopper is, to the minute."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{format_date(local, 'long', _locale(language))}, {format_time(local, 'short', locale=_locale(language))}"


def money(minor: int, currency: str, language: str) -> str:
    return Money(minor, currency).display(language)


def _locale(language: str) -> object:
    return locale_of("en-GB" if language == "en" else language)


def function_label(market: str, language: str, on: date) -> str:
    """Return what the withdrawal function is called: the words that the market's law asks for, where it does."""
    return capfirst(wording("withdrawal_function", market, language, on)) or _("Withdraw from a contract")


def confirm_label(market: str, language: str, on: date) -> str:
    """Return the words on the button that declares."""
    return capfirst(wording("withdrawal_confirm", market, language, on)) or _("Confirm withdrawal")


def judgement_in_words(state: str, ground: str, exception: str = "") -> str:
    """Return why a line is judged as it is, in one sentence."""
    if state == "granted":
        return _("Granted. The contract has ended for this.")
    why = {
        "in_time": _("In time. The contract has ended for this."),
        "before_delivery": _("In time, even before it arrived. The contract has ended for this."),
        "promise": _("In time by the seller's own promise. The contract has ended for this."),
        "late": _("It came after the last day."),
        "exempt": _("By law this cannot be sent back because you changed your mind."),
        "no_right": _("The law gives no right here to send this back because you changed your mind."),
        "private_seller": _(
            "The seller is a private person, so the law that protects buyers from traders does not cover it."
        ),
        "already": _("The contract had ended for all pieces of this before."),
        "unknown": _("We do not know for certain what the law says here. A person looks at it."),
    }[ground or "unknown"]
    said = exemption_in_words(exception) if ground == "exempt" and exception else ""
    return _(said) if said else why


def declared_state_in_words(state: str) -> str:
    return {
        "unjudged": _("received"),
        "effective": _("in time"),
        "ineffective": _("no right"),
        "disputed": _("disputed"),
        "granted": _("granted"),
        "upheld": _("not granted"),
    }[state]


def return_state_in_words(state: str) -> str:
    return {
        "announced": _("announced"),
        "label_issued": _("label made"),
        "in_transit": _("on its way"),
        "received": _("arrived"),
        "inspected": _("checked"),
        "closed": _("closed"),
        "cancelled": _("called off"),
        "lost": _("lost on the way"),
    }[state]


def parcel_state_in_words(state: str) -> str:
    return {
        "booked": _("label made"),
        "in_transit": _("on its way"),
        "delivered": _("delivered"),
        "lost": _("lost on the way"),
        "cancelled": _("called off"),
    }[state]


def loss_title(kind: str) -> str:
    """Return what the seller says of what came back, as a heading."""
    if kind == "seal":
        return _("The seller says that the seal was broken")
    return _("The seller wants to take something off")


def seal_in_words(kind: str, answer: dict[str, Any]) -> list[str]:
    """Return what a broken seal means, in sentences; nothing for a loss of value."""
    if kind != "seal":
        return []
    said = exemption_in_words(str(answer.get("answer", {}).get("ground") or ""))
    return [
        *([_(said)] if said else []),
        _(
            "If you broke it, the contract goes on: nothing is paid back for it, and the seller sends it back to you."
        ),
    ]


def loss_state_in_words(state: str, *, to_shopper: bool = True) -> str:
    return {
        "claimed": _("waits for your answer") if to_shopper else _("waits for the shopper’s answer"),
        "agreed": _("agreed"),
        "contested": _("in dispute"),
        "silent": _("no answer came in time"),
        "upheld": _("taken off"),
        "dropped": _("not taken off"),
    }[state]


def owed_state_in_words(state: str) -> str:
    return {
        "waiting": _("waits for the goods or the proof of sending"),
        "held": _("in dispute"),
        "due": _("to be paid"),
        "requested": _("on its way"),
        "paid": _("paid"),
        "void": _("replaced"),
    }[state]


def late_because_in_words(state: str, failure: str) -> str:
    """Return to a seller why money that is late has not been paid, and what helps."""
    if state == "held":
        return _("It is held because a loss of value is in dispute. The marketplace decides it.")
    if state == "requested":
        return _(
            "It was sent to the payment provider, which has not confirmed it. It is asked again by itself."
        )
    if failure:
        return _("It was tried and could not be paid. Please try again, or write to the marketplace.")
    return _("It can be paid now.")


def refund_line(owed: Any, language: str) -> str:
    """Return where a refund stands and its day: when it was paid, or by when it is, also if the seller does nothing."""
    if owed.state == "paid" and owed.paid_at:
        day = owed.paid_at.astimezone(ZoneInfo(owed.order.group.time_zone)).date()
        return _("Paid on %(day)s.") % {"day": in_words(day, language)}
    said = [f"{capfirst(owed_state_in_words(owed.state))}."]
    if owed.due_on and owed.state != "paid":
        said.append(_("At the latest on %(day)s.") % {"day": in_words(owed.due_on, language)})
        if owed.state == "due":
            said.append(_("If the seller does nothing until then, we pay it."))
    elif owed.state == "waiting":
        said.append(_("The time to pay starts when the goods are back."))
        if owed.subject.startswith("W-"):
            days = policy.ARRIVES_WITHIN.days
            said.append(
                _(
                    "If you send them with a proof and the seller says nothing, it starts by itself after %(days)s days."
                )
                % {"days": days}
            )
    return " ".join(said)


def part_in_words(kind: str) -> str:
    return {
        "goods": _("Goods"),
        "delivery": _("Delivery"),
        "duty": _("Customs duty and fees"),
        "import_tax": _("Tax"),
        "service": _("Service"),
        "service_used": _("Service used"),
        "value_loss": _("Loss of value"),
        "seal": _("Broken seal"),
        "return_cost": _("Cost of the return"),
        "label": _("Return label"),
        "price_reduction": _("Price reduction"),
        "difference": _("Difference"),
        "compensation": _("Compensation"),
    }.get(kind, kind)


def payer_in_words(paid_by: str) -> str:
    return {
        "consumer": _("You pay to send it back."),
        "merchant": _("The seller pays to send it back."),
        "marketplace": _("We pay to send it back."),
    }[paid_by]
