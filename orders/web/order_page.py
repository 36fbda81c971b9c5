"""The order's page: a timeline, parcels, sums, papers, and the rights that now run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.presentation import how_long_until, month_in_words, ruling_view
from compliance.rulebook.types import Answer
from marketplace.accounts.place import Place
from orders.models import Order, OrderGroup, OrderLine, Parcel
from orders.queries import law
from orders.web.pages import PARTS, in_words, moment, money, part_label

MEANINGS = {"cancelled": "blocked", "delivered": "allowed", "awaiting_payment": "attention"}


def group_page(group: OrderGroup, place: Place, *, now: datetime) -> dict[str, Any]:
    """Return the page of everything that one checkout bought."""
    orders = list(group.orders.all())
    return {
        "title": ngettext("Order %(number)s", "Your %(n)s orders", len(orders))
        % {"n": len(orders), "number": orders[0].public_id if orders else ""},
        "next_step": _next_step(orders, place, now),
        "placed": _("Ordered on %(when)s. The papers went to %(email)s.")
        % {"when": moment(group.placed_at, place.language, group.time_zone), "email": group.email},
        "orders": [_order(order, group, place, now) for order in orders],
    }


def _next_step(orders: list[Order], place: Place, now: datetime) -> str:
    """Return the one thing that happens next."""
    waiting = [order for order in orders if order.state in ("confirmed", "shipped", "awaiting_payment")]
    if not waiting:
        return _("Everything has arrived. Your rights stay with you; see below.")
    last = max((order.deliver_by for order in waiting if order.deliver_by), default=None)
    if last is None:
        return _("The seller prepares your parcel.")
    return _("It arrives by %(day)s.") % {"day": in_words(last, place.language)}


def _order(order: Order, group: OrderGroup, place: Place, now: datetime) -> dict[str, Any]:
    return {
        "title": _("%(number)s from %(merchant)s")
        % {"number": order.public_id, "merchant": order.merchant.name},
        "state": state_in_words(order.state),
        "meaning": MEANINGS.get(order.state, "information"),
        "timeline": _timeline(order, group, place),
        "lines": [_line(line, order, place) for line in order.lines.all()],
        "parcels": [_parcel(parcel, group, place) for parcel in order.parcels.all()],
        "sums": _sums(order, place),
        "documents": _documents(order, group),
        "rights": _rights(order, group, place, now),
    }


def state_in_words(state: str) -> str:
    """Return an order's state as shoppers read it."""
    return {
        "awaiting_payment": _("waiting for payment"),
        "confirmed": _("confirmed"),
        "shipped": _("on its way"),
        "delivered": _("delivered"),
        "cancelled": _("cancelled"),
    }[state]


def _timeline(order: Order, group: OrderGroup, place: Place) -> list[dict[str, Any]]:
    zone = group.time_zone
    steps = [
        (_("Ordered"), order.concluded_at, True),
        (_("Shipped"), order.shipped_at, order.shipped_at is not None),
        (_("Delivered"), order.delivered_at, order.delivered_at is not None),
    ]
    rows = [
        {"label": label, "when": moment(at, place.language, zone) if at else "", "is_done": done}
        for label, at, done in steps
    ]
    if order.cancelled_at:
        rows.append(
            {
                "label": _("Cancelled"),
                "when": moment(order.cancelled_at, place.language, zone),
                "is_done": True,
            }
        )
    return rows


def _line(line: OrderLine, order: Order, place: Place) -> dict[str, Any]:
    return {
        "quantity": line.quantity,
        "title": line.title,
        "options": ", ".join(
            str(option[1] if isinstance(option, list | tuple) else option) for option in line.options
        ),
        "total": money(line.total_minor, order.currency, place.language),
        "url": reverse("product", args=["-", line.listing_public_id]),
    }


def _parcel(parcel: Parcel, group: OrderGroup, place: Place) -> dict[str, Any]:
    state = _("Delivered on %(when)s") if parcel.delivered_at else _("Sent on %(when)s")
    when = moment(parcel.delivered_at or parcel.shipped_at, place.language, group.time_zone)
    return {
        "title": _("Parcel %(number)s") % {"number": parcel.public_id},
        "tracking": f"{parcel.carrier} {parcel.tracking_number}".strip(),
        "state": state % {"when": when},
    }


def _sums(order: Order, place: Place) -> list[dict[str, Any]]:
    rows = [
        {"label": part_label(name), "amount": money(getattr(order, name), order.currency, place.language)}
        for name in PARTS
        if getattr(order, name)
    ]
    total = money(order.total_minor, order.currency, place.language)
    return [*rows, {"label": _("Total"), "amount": total, "is_total": True}]


def _documents(order: Order, group: OrderGroup) -> list[dict[str, str]]:
    found = []
    if order.snapshot.pdf:
        found.append(
            {
                "label": _("Contract (PDF)"),
                "url": reverse("order-document", args=[group.token, order.public_id, "contract"]),
            }
        )
    if any(invoice.pdf for invoice in order.invoices.all()):
        found.append(
            {
                "label": _("Invoice (PDF)"),
                "url": reverse("order-document", args=[group.token, order.public_id, "invoice"]),
            }
        )
    return found


def _rights(order: Order, group: OrderGroup, place: Place, now: datetime) -> dict[str, Any] | None:
    """Return the right card of an order: by the law of its day, and by the parcels that have arrived."""
    line = next(iter(order.lines.all()), None)
    if line is None or order.state == "cancelled":
        return None
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    deliveries = [
        _delivery(parcel, len(order.parcels.all())) for parcel in order.parcels.all() if parcel.delivered_at
    ]
    if order.delivered_at is None:  # the period of an order starts with its last parcel
        deliveries = []
    lines = [_withdrawal(law.withdrawal(line.rights, deliveries), place, today, bool(deliveries))]
    if order.delivered_at:
        delivered_on = order.delivered_at.astimezone(ZoneInfo(group.time_zone)).date().isoformat()
        lines.append(_guarantee(law.guarantee(line.rights, delivered_on=delivered_on), place, today))
    return {
        "title": _("Your rights on this order"),
        "subtitle": _("By the law of %(day)s, the day of the contract.")
        % {"day": in_words(order.concluded_at.date(), place.language)},
        "lines": lines,
        "link": {"url": reverse("withdraw"), "label": _("Withdraw from a contract")},
    }


def _delivery(parcel: Parcel, count: int) -> dict[str, Any]:
    at = parcel.delivered_at.isoformat() if parcel.delivered_at else ""
    return {"received_at": at, "part": "item" if count > 1 else "single", "received_by": parcel.received_by}


def _withdrawal(answer: Answer, place: Place, today: date, has_arrived: bool) -> dict[str, Any]:
    told = answer.answer
    last = date.fromisoformat(told["last_day"]) if told.get("last_day") else None
    if not told["right_exists"]:
        sentence = _("The law gives no right here to send this back because you changed your mind.")
    elif last is None or not has_arrived:
        sentence, last = (
            _("You may withdraw at any time until the goods arrive, and for a while after that."),
            None,
        )
    elif last < today:
        sentence = _("The time to withdraw ended on %(day)s.") % {"day": in_words(last, place.language)}
    else:
        sentence = _("Changed your mind? Tell the seller by %(day)s. No reason needed.") % {
            "day": in_words(last, place.language)
        }
    state = "no" if not told["right_exists"] else "yes" if told.get("certain", True) else "uncertain"
    return _card_line(
        "withdrawal", _("Changing your mind"), "undo-2", sentence, last, state, answer, place, today
    )


def _guarantee(answer: Answer, place: Place, today: date) -> dict[str, Any]:
    told = answer.answer
    last = date.fromisoformat(told["liable_until"]) if told.get("liable_until") else None
    sentence = (
        _("If it is faulty, the seller must put it right at no cost to you, until %(day)s.")
        % {"day": in_words(last, place.language)}
        if last
        else _("If it is faulty, the seller answers for it; the law here sets no fixed end.")
    )
    state = "yes" if told.get("certain", True) else "uncertain"
    return _card_line(
        "guarantee", _("If it is faulty"), "shield-check", sentence, last, state, answer, place, today
    )


def _card_line(
    key: str,
    label: str,
    icon: str,
    sentence: str,
    on: date | None,
    state: str,
    answer: Answer,
    place: Place,
    today: date,
) -> dict[str, Any]:
    words = {"no": _("not here"), "uncertain": _("not certain")}
    return {
        "key": key, "label": label, "icon": icon, "sentence": sentence, "state": state, "state_label": words.get(state, ""),
        "day": str(on.day) if on else "", "month": month_in_words(on, place.language) if on else "",
        "when": on.isoformat() if on else "", "left": how_long_until(on, today) if on else "",
        "rulings": [ruling_view(ruling, place.language) for ruling in answer.rulings], "steps": list(answer.explain),
    }  # fmt: skip


def list_page(groups: list[OrderGroup], place: Place) -> dict[str, Any]:
    """Return a person's orders as a list."""
    rows = []
    for group in groups:
        lines = [line for order in group.orders.all() for line in order.lines.all()]
        rows.append(
            {
                "url": reverse("order", args=[group.token]),
                "title": ", ".join(order.public_id for order in group.orders.all()),
                "when": in_words(group.placed_at.date(), place.language),
                "what": ", ".join(line.title for line in lines[:3]),
                "total": money(group.total_minor, group.currency, place.language),
            }
        )
    return {"groups": rows}
