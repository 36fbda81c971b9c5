"""By when goods must be delivered or shipped, and what the buyer can do if they are late.

Two families: the place of delivery counts (EU, GB: at most so many days from the contract, then
an additional period), or the shipping counts (US: ship within the stated time, else delay notices
whose silence means consent once and cancellation after that).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.rulebook.book import InForce, Rulebook
from compliance.rulebook.calculators.facts_in import Reader
from compliance.rulebook.calculators.reasoning import Reasoning, length_of
from compliance.rulebook.periods import Calendar
from compliance.rulebook.types import Answer
from compliance.rulebook.words import noop as _

REPLIES = ("consent", "cancel", "none")
_FACTS = {
    "market",
    "concluded_on",
    "promised_on",
    "ship_promise_on",
    "shipped_on",
    "date_essential",
    "delivery_refused",
    "credit_applied_for",
    "additional_period_until",
    "delivered_on",
    "notices",
    "today",
    "holidays",
}
_NOTICE = {"sent_on", "revised_on", "buyer_reply"}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of delay; `revised_on` is None if the seller named no new day."""

    sent_on: date | None
    revised_on: date | None
    reply: str


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """The facts of one delivery."""

    market: str
    concluded_on: date
    promised_on: date | None
    ship_promise_on: date | None
    shipped_on: date | None
    date_essential: bool
    refused: bool
    on_credit: bool
    additional_until: date | None
    delivered_on: date | None
    notices: tuple[Notice, ...]
    today: date | None
    calendar: Calendar


@dataclass(slots=True)
class Shipping:
    """Where the delay notices leave an order: the day to ship by, and when it is off."""

    ship_by: date
    cancelled_on: date | None = None
    by_buyer: bool = False


def answer(facts: Mapping[str, Any], book: Rulebook) -> Answer:
    """Answer ``delivery``. Raises Invalid naming the field."""
    reader = Reader(facts, _FACTS)
    case = _read(reader, book)
    notes = Reasoning(book.on(case.concluded_on), case.market)
    ships = notes.find("delivery.ship_period") is not None
    return notes.answer(by_shipping(case, notes) if ships else by_delivery(case, notes))


def _read(reader: Reader, book: Rulebook) -> DeliveryFacts:
    market = reader.market(book)
    return DeliveryFacts(
        market=market,
        concluded_on=reader.needed_day("concluded_on"),
        promised_on=reader.day("promised_on"),
        ship_promise_on=reader.day("ship_promise_on"),
        shipped_on=reader.day("shipped_on"),
        date_essential=bool(reader.flag("date_essential")),
        refused=bool(reader.flag("delivery_refused")),
        on_credit=bool(reader.flag("credit_applied_for")),
        additional_until=reader.day("additional_period_until"),
        delivered_on=reader.day("delivered_on"),
        notices=tuple(_notice(item) for item in reader.items("notices", _NOTICE)),
        today=reader.day("today"),
        calendar=reader.calendar(market, book),
    )


def _notice(item: Reader) -> Notice:
    return Notice(item.day("sent_on"), item.day("revised_on"), item.choice("buyer_reply", REPLIES, "none"))


# -- delivery counts


def by_delivery(case: DeliveryFacts, notes: Reasoning) -> dict[str, Any]:
    """Return the answer where the place of delivery counts."""
    deliver_by = _deliver_by(case, notes)
    status = _status(deliver_by, case.delivered_on, case.today)
    at_once = False
    if status == "late":
        at_once = _may_end_at_once(case, notes)
    return {
        "deliver_by": deliver_by,
        "ship_by": None,
        "status": status,
        "may_terminate_at_once": at_once,
        "deemed_cancelled_on": None,
        "refund_due_on": None,
        "next_step": _next_step(case, status, at_once=at_once),
    }


def _deliver_by(case: DeliveryFacts, notes: Reasoning) -> date | None:
    if case.promised_on is not None:
        notes.step(_("Delivery was agreed for %(promised_on)s at the latest."), promised_on=case.promised_on)
        return case.promised_on
    period = notes.use("delivery.period")
    if period is None:
        notes.doubt(
            _("The rulebook has no longest delivery time for %(market)s; what was agreed governs."),
            market=case.market,
        )
        return None
    counted = notes.count(case.concluded_on, period, case.calendar)
    notes.step(
        _(
            "Nothing was agreed, so delivery is due within %(length)s of the contract: by "
            "%(last_day)s (%(rule)s)."
        ),
        length=length_of(period),
        last_day=counted.last_day,
        rule=period.id,
    )
    return counted.last_day


def _status(by: date | None, delivered_on: date | None, today: date | None) -> str:
    if delivered_on is not None:
        return "delivered_late" if by is not None and delivered_on > by else "delivered"
    if by is None or today is None:
        return "open"
    return "late" if today > by else "due"


def _may_end_at_once(case: DeliveryFacts, notes: Reasoning) -> bool:
    rule = notes.use("delivery.additional_period")
    if rule is None:
        notes.doubt(
            _("The rulebook does not say when a late order can be ended in %(market)s."), market=case.market
        )
        return False
    if case.date_essential or case.refused:
        if case.date_essential:
            notes.step(_("The buyer can end the contract at once, because the date was essential."))
        else:
            notes.step(_("The buyer can end the contract at once, because the seller refused to deliver."))
        return True
    if case.additional_until is not None and case.today is not None and case.today > case.additional_until:
        notes.step(
            _("The additional period ended on %(additional_until)s; the contract can be ended."),
            additional_until=case.additional_until,
        )
        return True
    notes.step(_("The buyer first gives the seller an additional period."))
    return False


def _next_step(case: DeliveryFacts, status: str, *, at_once: bool) -> str:
    if status != "late":
        return "none" if status.startswith("delivered") else "wait"
    if at_once:
        return "terminate_and_refund_without_delay"
    return "wait_for_additional_period" if case.additional_until is not None else "set_additional_period"


# -- shipping counts


def by_shipping(case: DeliveryFacts, notes: Reasoning) -> dict[str, Any]:
    """Return the answer where the day of shipping counts."""
    shipping = Shipping(_first_ship_by(case, notes))
    for i, notice in enumerate(case.notices):
        _take_notice(case, notes, shipping, notice, first=i == 0)
    done_on = case.shipped_on or case.delivered_on
    if shipping.cancelled_on is not None and done_on is not None and done_on <= shipping.cancelled_on:
        shipping.cancelled_on = None
    status = "cancelled" if _is_off(shipping, case.today) else _ship_status(case, shipping)
    late_without_notice = status == "late" and not case.notices
    if late_without_notice:
        notes.step(_("The seller sent no notice of delay, so the buyer can cancel at once."))
    return {
        "deliver_by": None,
        "ship_by": shipping.ship_by,
        "status": status,
        "may_terminate_at_once": status == "late",
        "deemed_cancelled_on": None if shipping.by_buyer else shipping.cancelled_on,
        "refund_due_on": _refund_due(case, notes, shipping),
        "next_step": _ship_step(status),
    }


def _first_ship_by(case: DeliveryFacts, notes: Reasoning) -> date:
    promised = case.ship_promise_on
    if promised is not None:
        notes.use("delivery.ship_period")
        notes.step(_("The seller promised to ship by %(promised)s."), promised=promised)
        return promised
    rule = (notes.use("delivery.ship_period_credit") if case.on_credit else None) or notes.use(
        "delivery.ship_period"
    )
    assert rule is not None  # by_shipping is for markets that have it
    counted = notes.count(case.concluded_on, rule, case.calendar)
    notes.step(
        _("No day was stated, so the seller ships within %(length)s: by %(last_day)s."),
        length=length_of(rule),
        last_day=counted.last_day,
    )
    return counted.last_day


def _take_notice(
    case: DeliveryFacts, notes: Reasoning, shipping: Shipping, notice: Notice, *, first: bool
) -> None:
    """Move the day to ship by, or call the order off, as the reply or the silence says."""
    if shipping.cancelled_on is not None:
        return
    if notice.reply == "cancel":
        shipping.cancelled_on, shipping.by_buyer = notice.sent_on or shipping.ship_by, True
        notes.step(_("The buyer chose to cancel."))
    elif notice.reply == "consent":
        shipping.ship_by = notice.revised_on or shipping.ship_by
        notes.step(
            _("The buyer agreed to the delay, so the new day is %(ship_by)s."), ship_by=shipping.ship_by
        )
    elif first:
        _first_silence(case, notes, shipping, notice)
    else:
        notes.use("delivery.later_silence_cancels")
        shipping.cancelled_on = shipping.ship_by
        notes.step(
            _("Silence on a further delay cancels the order on %(ship_by)s."), ship_by=shipping.ship_by
        )


def _first_silence(case: DeliveryFacts, notes: Reasoning, shipping: Shipping, notice: Notice) -> None:
    limit = notes.use("delivery.silence_is_consent")
    after = notes.find("delivery.cancel_after")
    if limit is None or after is None:
        notes.doubt(_("The rulebook does not say what silence means in %(market)s."), market=case.market)
        return
    latest = notes.count(shipping.ship_by, limit, case.calendar).last_day
    if notice.revised_on is not None and notice.revised_on <= latest:
        shipping.ship_by = notice.revised_on
        notes.step(
            _("Silence agrees to a first delay this short; the new day is %(ship_by)s."),
            ship_by=shipping.ship_by,
        )
        return
    notes.rest_on(after)
    shipping.cancelled_on = notes.count(shipping.ship_by, after, case.calendar).last_day
    notes.step(
        _(
            "Silence does not agree to a longer or open delay: unless the goods are shipped or the "
            "buyer agrees, the order is cancelled on %(cancelled_on)s."
        ),
        cancelled_on=shipping.cancelled_on,
    )


def _is_off(shipping: Shipping, today: date | None) -> bool:
    if shipping.cancelled_on is None:
        return False
    return shipping.by_buyer or today is None or today >= shipping.cancelled_on


def _ship_status(case: DeliveryFacts, shipping: Shipping) -> str:
    done_on = case.shipped_on or case.delivered_on
    status = _status(shipping.ship_by, done_on, case.today)
    if case.delivered_on is None and done_on is not None:
        return status.replace("delivered", "shipped")
    return status


def _refund_due(case: DeliveryFacts, notes: Reasoning, shipping: Shipping) -> date | None:
    rule: InForce | None = notes.use("refund.period") if shipping.cancelled_on is not None else None
    if rule is None or shipping.cancelled_on is None:
        return None
    due = notes.count(shipping.cancelled_on, rule, case.calendar).last_day
    notes.step(_("The refund is due within %(length)s of that: by %(due)s."), length=length_of(rule), due=due)
    return due


def _ship_step(status: str) -> str:
    steps = {"cancelled": "refund", "late": "consent_or_cancel", "due": "wait", "open": "wait"}
    return steps.get(status, "none")
