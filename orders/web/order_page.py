"""The order's page: from the query's view to words, amounts and the right card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.presentation import how_long_until, month_in_words, ruling_view
from compliance.rulebook.cards import exemption_in_words
from compliance.rulebook.types import Answer
from marketplace.accounts.place import Place
from orders.documents.answering import answering_by_title
from orders.models import OrderGroup
from orders.queries.extras import Extras, OpenWays
from orders.queries.law import wording
from orders.queries.orders import GroupView, LineView, OrderView, ParcelView, Step
from orders.web.pages import envelope, in_words, moment, money, options_in_words, sums

MEANINGS = {"cancelled": "blocked", "delivered": "allowed", "awaiting_payment": "attention"}


def group_page(
    view: GroupView, place: Place, *, now: datetime, extras: Extras | None = None
) -> dict[str, Any]:
    """Return the page of everything that one checkout bought."""
    extras = extras or Extras()
    zone = view.orders[0].time_zone if view.orders else place.time_zone
    return {
        "title": _title(view),
        "next_step": _next_step(view.orders, place, extras),
        "next_thing": next(iter(extras.next_things), None),
        "reference": view.public_id,
        "printed": in_words(now.astimezone(ZoneInfo(zone)).date(), place.language),
        "address": envelope(view.address, place.language),
        "placed": _("Ordered on %(when)s. The papers went to %(email)s.")
        % {"when": moment(view.placed_at, place.language, zone), "email": view.email},
        "orders": [_order(order, view, place, now, extras) for order in view.orders],
    }


def _title(view: GroupView) -> str:
    if len(view.orders) == 1:
        return _("Order %(number)s") % {"number": view.orders[0].public_id}
    return ngettext("Your %(n)s order", "Your %(n)s orders", len(view.orders)) % {"n": len(view.orders)}


def _next_step(orders: tuple[OrderView, ...], place: Place, extras: Extras) -> str:
    """Return the one thing that happens next."""
    over = {ways.order for ways in extras.ways if ways.why}
    waiting = [
        order
        for order in orders
        if order.state in ("confirmed", "shipped", "awaiting_payment") and order.public_id not in over
    ]
    if all(order.state == "cancelled" for order in orders):
        return _("This order was cancelled. Nothing of it comes any more.")
    if all(order.public_id in over for order in orders):
        return _("This order comes to its end. What still happens stands below.")
    if not waiting:
        return _("Everything has arrived. Your rights stay with you; see below.")
    last = max((order.deliver_by for order in waiting if order.deliver_by), default=None)
    if last is None:
        return _("The seller prepares your parcel.")
    return _("It arrives by %(day)s.") % {"day": in_words(last, place.language)}


def _order(order: OrderView, view: GroupView, place: Place, now: datetime, extras: Extras) -> dict[str, Any]:
    ways = _ways(order, extras)
    return {
        "title": _("%(number)s from %(merchant)s")
        % {"number": order.public_id, "merchant": order.merchant_name},
        "state": state_in_words(order.state),
        "meaning": MEANINGS.get(order.state, "information"),
        "timeline": [*_timeline(order, place), *_extra_steps(order, place, extras)],
        "lines": [_line(line, place, ways.ended.get(line.public_id, 0)) for line in order.lines],
        "parcels": [_parcel(parcel, order, view.token, place) for parcel in order.parcels],
        "sums": sums(order.amounts, order.currency, place.language),
        "answering": answering_by_title((line.title, line.promised) for line in order.lines),
        "documents": _documents(order, view),
        "message_url": reverse("message-new", args=[view.token, order.public_id]),
        "wrong_url": f"{reverse('claim-start', args=[view.token])}?order={order.public_id}"
        if order.state != "cancelled"
        else "",
        "exchange_url": f"{reverse('exchange-start', args=[view.token])}?order={order.public_id}"
        if ways.may_exchange
        else "",
        "rights": _rights(order, view, place, now, ways),
        "nothing_left": ways.why,
    }


def _ways(order: OrderView, extras: Extras) -> OpenWays:
    """Return the ways back that are open; where nobody says otherwise, the right to withdraw."""
    found = next((ways for ways in extras.ways if ways.order == order.public_id), None)
    is_open = order.state != "cancelled"
    lines = frozenset(line.public_id for line in order.lines)
    return found or OpenWays(order.public_id, is_open, False, lines if is_open else frozenset())


def add_reviews(page: dict[str, Any], view: GroupView, invited: dict[str, bool]) -> None:
    """Put beside each line that arrived the way to its review; `invited` says of which lines there is one."""
    for order, shown in zip(view.orders, page["orders"], strict=True):
        for line, row in zip(order.lines, shown["lines"], strict=True):
            if line.public_id in invited:
                row["review_url"] = reverse("review-write", args=[view.token, line.public_id])
                row["review_label"] = _("Your review") if invited[line.public_id] else _("Write a review")


def state_in_words(state: str) -> str:
    """Return an order's state as shoppers read it."""
    return {
        "awaiting_payment": _("waiting for payment"),
        "confirmed": _("confirmed"),
        "shipped": _("on its way"),
        "delivered": _("delivered"),
        "cancelled": _("cancelled"),
    }[state]


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of an order as components/timeline.html draws it."""

    label: str
    state: str
    when: str = ""
    iso: str = ""
    detail: str = ""
    url: str = ""


def _timeline(order: OrderView, place: Place) -> list[StepView]:
    labels = {
        "placed": _("Ordered"), "paid": _("Paid"), "shipped": _("Shipped"), "delivered": _("Delivered"),
        "cancelled": _("Cancelled"), "refunded": _("Refunded"),
    }  # fmt: skip
    return [
        StepView(
            label=labels[step.key],
            state=_step_state(step),
            when=moment(step.at, place.language, order.time_zone),
            iso=step.at.isoformat(timespec="seconds") if step.at else "",
            detail=_("Parcel %(number)s") % {"number": step.parcel}
            if len(order.parcels) > 1 and step.parcel
            else "",
        )
        for step in order.timeline
    ]


def _extra_steps(order: OrderView, place: Place, extras: Extras) -> list[StepView]:
    """Return what upper apps add: withdrawals, returns, refunds, in the order of time."""
    return [
        StepView(
            label=step.label,
            state=step.state,
            when=moment(step.at, place.language, order.time_zone),
            iso=step.at.isoformat(timespec="seconds") if step.at else "",
            detail=step.detail,
            url=step.url,
        )
        for step in extras.steps
        if step.order == order.public_id
    ]


def _step_state(step: Step) -> str:
    if step.key == "cancelled":
        return "problem"
    return "done" if step.is_done else "next"


def _line(line: LineView, place: Place, ended: int) -> dict[str, Any]:
    return {
        "ended": _ended(ended, line.quantity),
        "quantity": line.quantity,
        "title": line.title,
        "options": options_in_words(line.options),
        "total": money(line.total.minor, line.total.currency, place.language),
        "url": reverse("product", args=["-", line.listing]),
    }


def _ended(pieces: int, bought: int) -> str:
    if not pieces:
        return ""
    if pieces >= bought:
        return _("contract ended")
    return _("contract ended for %(n)s of %(all)s") % {"n": pieces, "all": bought}


def _parcel(parcel: ParcelView, order: OrderView, token: str, place: Place) -> dict[str, Any]:
    state = _("Delivered on %(when)s") if parcel.delivered_at else _("Sent on %(when)s")
    when = moment(parcel.delivered_at or parcel.shipped_at, place.language, order.time_zone)
    return {
        "title": _("Parcel %(number)s") % {"number": parcel.public_id},
        "complain_url": f"{reverse('complain')}?{urlencode({'order': order.public_id, 'link': token, 'parcel': parcel.public_id})}",
        "tracking": f"{parcel.carrier} {parcel.tracking_number}".strip(),
        "tracking_url": parcel.tracking_url,
        "state": state % {"when": when},
    }


def _documents(order: OrderView, view: GroupView) -> list[dict[str, str]]:
    kinds = [("contract", _("Contract (PDF)"))]
    if order.invoices:
        kinds.append(("invoice", _("Invoice (PDF)")))
    kinds += [
        (f"credit-note-{number}", _("Credit note %(number)s (PDF)") % {"number": number})
        for number in order.credit_notes
    ]
    kinds += [
        (f"supplement-{number}", _("Invoice %(number)s (PDF)") % {"number": number})
        for number in order.supplements
    ]
    return [
        {"label": label, "url": reverse("order-document", args=[view.token, order.public_id, kind])}
        for kind, label in kinds
    ]


def _rights(
    order: OrderView, view: GroupView, place: Place, now: datetime, ways: OpenWays
) -> dict[str, Any] | None:
    """Return the right card of an order: by the law of its day, and by the parcels that have arrived.

    It speaks of what the contract still holds for; where that is nothing, there is none.
    """
    if not ways.open_lines:
        return None
    today = now.astimezone(ZoneInfo(order.time_zone)).date()
    concluded_on = order.concluded_at.astimezone(ZoneInfo(order.time_zone)).date()
    lines = [_withdrawal(answer, whose, place, today) for answer, whose in _told(order, "withdrawal", ways)]
    lines += [_guarantee(answer, whose, place, today) for answer, whose in _told(order, "guarantee", ways)]
    return {
        "title": _("Your rights on this order"),
        "subtitle": _("By the law of %(day)s, the day of the contract.")
        % {"day": in_words(concluded_on, place.language)},
        "lines": lines,
        "link": {
            "url": reverse("withdraw-order", args=[view.token]),
            "label": capfirst(wording("withdrawal_function", view.market, place.language, today))
            or _("Withdraw from a contract"),
        }
        if ways.may_withdraw
        else None,
    }


def _told(order: OrderView, right: str, ways: OpenWays) -> list[tuple[Answer, str]]:
    """Return each different answer on a right once, with the titles it holds for; no titles if it holds for all."""
    found: dict[str, tuple[Answer, list[str]]] = {}
    for line in (one for one in order.lines if one.public_id in ways.open_lines):
        answer = getattr(line, right)
        if answer is not None:
            found.setdefault(str(answer.answer), (answer, []))[1].append(line.title)
    told = list(found.values())
    is_one_for_all = len(told) == 1 and len(told[0][1]) == len(order.lines)
    return [(answer, "" if is_one_for_all else ", ".join(titles)) for answer, titles in told]


def _withdrawal(answer: Answer, whose: str, place: Place, today: date) -> dict[str, Any]:
    told = answer.answer
    last = date.fromisoformat(told["last_day"]) if told["last_day"] else None
    label, icon = _("Changing your mind"), "undo-2"
    exempt = exemption_in_words(told["ground"] or "")
    if told["ground"] == "private_seller":
        sentence = _(
            "The seller is a private person, so the law that protects buyers from traders does not cover it."
        )
    elif not told["right_exists"] and exempt:
        label, icon, sentence = _("No change of mind"), "circle-minus", _(exempt)
    elif not told["right_exists"]:
        sentence = _("The law gives no right here to send this back because you changed your mind.")
    elif last is None:
        sentence = _("You may withdraw at any time until the goods arrive, and for a while after that.")
    elif last < today:
        sentence = _("The time to withdraw ended on %(day)s.") % {"day": in_words(last, place.language)}
    else:
        sentence = _("Changed your mind? Tell the seller by %(day)s. No reason needed.") % {
            "day": in_words(last, place.language)
        }
    state = "no" if not told["right_exists"] else _state(answer)
    return _card_line("withdrawal", label, icon, whose, sentence, last, state, answer, place, today)


def _guarantee(answer: Answer, whose: str, place: Place, today: date) -> dict[str, Any]:
    told = answer.answer
    last = date.fromisoformat(told["liable_until"]) if told.get("liable_until") else None
    sentence = (
        _("If it is faulty, the seller must put it right at no cost to you, until %(day)s.")
        % {"day": in_words(last, place.language)}
        if last
        else _("If it is faulty, the seller answers for it; the law here sets no fixed end.")
    )
    label = _("If it is faulty")
    return _card_line(
        "guarantee", label, "shield-check", whose, sentence, last, _state(answer), answer, place, today
    )


def _state(answer: Answer) -> str:
    return "yes" if answer.answer.get("certain", True) else "uncertain"


def _card_line(
    key: str,
    label: str,
    icon: str,
    whose: str,
    sentence: str,
    on: date | None,
    state: str,
    answer: Answer,
    place: Place,
    today: date,
) -> dict[str, Any]:
    """Return one line of the right card; `whose` are the titles it holds for, if not all."""
    words = {
        "no": _("not for this") if icon == "circle-minus" else _("not here"),
        "uncertain": _("not certain"),
    }
    return {
        "key": key, "label": f"{label}: {whose}" if whose else label, "icon": icon, "sentence": sentence,
        "state": state, "state_label": words.get(state, ""),
        "day": str(on.day) if on else "", "month": month_in_words(on, place.language) if on else "",
        "when": on.isoformat() if on else "", "left": how_long_until(on, today) if on else "",
        "rulings": [ruling_view(ruling, place.language) for ruling in answer.rulings],
        "steps": list(answer.explain),
    }  # fmt: skip


def list_page(groups: list[OrderGroup], place: Place) -> dict[str, Any]:
    """Return a person's orders as a list."""
    return {"groups": [_list_row(group, place) for group in groups]}


def _list_row(group: OrderGroup, place: Place) -> dict[str, Any]:
    orders = list(group.orders.all())
    lines = [line for order in orders for line in order.lines.all()]
    return {
        "url": reverse("order", args=[group.token]),
        "title": ", ".join(order.public_id for order in orders),
        "when": in_words(group.placed_at.astimezone(ZoneInfo(group.time_zone)).date(), place.language),
        "what": ", ".join(line.title for line in lines[:3]),
        "states": [  # one of each: parcels of two sellers may stand at the same point
            {"label": state_in_words(state), "meaning": MEANINGS.get(state, "information")}
            for state in dict.fromkeys(order.state for order in orders)
        ],
        "total": money(group.total_minor, group.currency, place.language),
    }
