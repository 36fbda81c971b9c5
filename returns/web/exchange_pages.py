"""From exchanges to what templates show: the choice, the review, how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from compliance.presentation import how_long_until, month_in_words, ruling_view
from orders.queries.supplements import find_by_number
from returns.documents.exchange_words import (
    because_in_words,
    exchange_state_in_words,
    exchange_step_in_words,
    reason_in_words,
    ship_on_in_words,
)
from returns.documents.words import in_words, moment, money, refund_line, return_state_in_words
from returns.operations.exchanging import may_cancel, may_give_up, named
from returns.queries.exchanges import Choice, Wish, choices_of_orders, exchanges_of_orders
from returns.queries.withdrawals import OrderChoice, owed_for
from returns.web.exchange_forms import options_of

MEANINGS = {
    "to_pay": "attention", "waiting": "information", "ready": "information", "shipped": "allowed",
    "cancelled": "information", "lapsed": "blocked", "sold_out": "blocked", "rejected": "blocked",
}  # fmt: skip


def start_page(orders: list[Any], key: str, language: str, *, today: date, wanted: str) -> dict[str, Any]:
    """Return the page on which the thing is chosen; one order alone if it is named."""
    rows = [order for order in orders if order.state != "cancelled" and wanted in ("", order.public_id)]
    return {
        "title": _("What would you like to exchange?"),
        "orders": list(_orders(rows, key, language, today)),
        "withdraw_url": reverse("withdraw-order", args=[key]),
        "order_url": reverse("order", args=[key]) if "." not in key else "",
    }


def _orders(orders: list[Any], key: str, language: str, today: date) -> Iterable[dict[str, Any]]:
    choices = choices_of_orders(orders, today=today, language=language)
    made = exchanges_of_orders(orders)
    for order in orders:
        own = [choices[line.pk] for line in order.lines.all()]
        yield _order(order, own, made, key, language)


def _order(
    order: Any, choices: list[Choice], made: dict[int, list[Any]], key: str, language: str
) -> dict[str, Any]:
    return {
        "title": _("Order %(number)s from %(seller)s")
        % {"number": order.public_id, "seller": order.merchant.name},
        "lines": [
            {
                "title": f"{one.line.quantity} × {one.line.title}",
                "url": "" if one.reason else reverse("exchange-choose", args=[key, one.line.public_id]),
                "why": reason_in_words(one.reason) if one.reason else "",
                "until": _("Until %(day)s.") % {"day": in_words(one.until, language)} if one.until else "",
                "exchanges": [
                    {
                        "url": reverse("exchange", args=[row.token]),
                        "title": _("Exchange %(number)s") % {"number": row.public_id},
                        "state": exchange_state_in_words(row.state),
                    }
                    for row in made.get(one.line.pk, ())
                ],
            }
            for one in choices
        ],
    }


def choose_page(
    choice: Choice, action: str, back: str, language: str, card: dict[str, Any] | None
) -> dict[str, Any]:
    """Return step one."""
    line = choice.line
    return {
        "title": _("Exchange: %(title)s") % {"title": line.title},
        "now": ", ".join(f"{name}: {value}" for name, value in line.options),
        "why_not": reason_in_words(choice.reason) if choice.reason else "",
        "until": in_words(choice.until, language),
        "ship_on": ship_on_in_words(choice.promise.ship_on),
        "action": action,
        "back": back,
        "card": card,
    }


def review_page(
    choice: Choice,
    wish: Wish,
    quantity: int,
    cost: str,
    action: str,
    language: str,
    *,
    nonce: str,
    may_withdraw: bool = True,
) -> dict[str, Any]:
    """Return step two: what goes, what comes, what it costs, before anything is agreed.

    :param may_withdraw: there is a right to change one's mind that goes on beside the exchange.
    """
    line, currency = choice.line, choice.line.currency
    total = wish.each_minor * quantity
    rows = [
        {
            "label": _("The new one today"),
            "amount": money(wish.new_unit_minor * quantity, currency, language),
        },
        {
            "label": _("The old one today"),
            "amount": money(-wish.old_unit_minor * quantity, currency, language),
        },
    ]
    label = _("You pay") if total > 0 else _("You get back") if total < 0 else _("Difference")
    return {
        "title": _("Is this what you want?"),
        "gives": f"{quantity} × {line.title}",
        "gives_options": ", ".join(f"{name}: {value}" for name, value in line.options),
        "gets": f"{quantity} × {wish.title}",
        "gets_options": options_of(wish),
        "rows": rows,
        "total": {"label": label, "amount": money(abs(total), currency, language)},
        "sentences": [
            *([_("You pay the difference next; the page says by when. If you do not, the exchange is off.")] if total > 0 else []),
            *([_("The difference comes back the way you paid, as soon as the new one is sent.")] if total < 0 else []),
            ship_on_in_words(choice.promise.ship_on),
            cost,
            *([_("Your right to withdraw stays as it is. If you withdraw, the exchange ends and the money comes back.")] if may_withdraw else []),
        ],
        "fields": [
            ("variant", wish.variant), ("quantity", quantity), ("seen", total), ("nonce", nonce), ("step", "agree"),
        ],
        "action": action,
        "go": _("Exchange and pay") if total > 0 else _("Exchange it"),
    }  # fmt: skip


def right_card(
    choices: tuple[OrderChoice, ...], line: str, language: str, today: date
) -> dict[str, Any] | None:
    """Return the right card of the time to withdraw, which an exchange leaves as it is; None if there is none."""
    found = next((one for order in choices for one in order.lines if one.public_id == line), None)
    if found is None or not found.right.answer["right_exists"] or not found.right.answer["last_day"]:
        return None
    last = date.fromisoformat(found.right.answer["last_day"])
    if last < today:
        return None
    sentence = _("You can still change your mind and get the money instead, until %(day)s.")
    row = {
        "key": "withdrawal", "label": _("Changing your mind"), "icon": "undo-2", "state": "yes", "state_label": "",
        "day": str(last.day), "month": month_in_words(last, language), "when": last.isoformat(),
        "left": how_long_until(last, today), "sentence": sentence % {"day": in_words(last, language)},
        "rulings": [ruling_view(one, language) for one in found.right.rulings],
        "steps": list(found.right.explain),
    }  # fmt: skip
    return {
        "title": _("Your right stays"),
        "subtitle": _("An exchange takes nothing from it."),
        "lines": [row],
    }


def exchange_page(found: Any, language: str, card: dict[str, Any] | None, *, today: date) -> dict[str, Any]:
    """Return how an exchange stands."""
    zone, currency = found.order.group.time_zone, found.currency
    supplement = find_by_number(found.supplement) if found.supplement else None
    ret = found.ret
    return {
        "number": found.public_id,
        "title": _("Exchange %(number)s") % {"number": found.public_id},
        "state": exchange_state_in_words(found.state),
        "meaning": MEANINGS[found.state],
        "lead": exchange_step_in_words(found.state),
        "because": because_in_words(found.because) if found.because else "",
        "gives": f"{found.quantity} × {found.line.title}",
        "gives_options": ", ".join(f"{name}: {value}" for name, value in found.line.options),
        "gets": f"{found.quantity} × {named(found)}",
        "ship_on": ship_on_in_words(found.ship_on) if found.state == "waiting" else "",
        "difference": _difference(found, language),
        "pay": {
            "url": reverse("supplement", args=[supplement.token]),
            "amount": money(supplement.amount_minor, currency, language),
            "until": moment(supplement.pay_by, language, zone),
        }
        if supplement is not None and found.state == "to_pay"
        else None,
        "ret": {
            "url": reverse("return", args=[ret.token]),
            "state": return_state_in_words(ret.state),
            "by": in_words(ret.send_back_by, language) if ret.state in ("announced", "label_issued") else "",
        }
        if ret is not None and ret.state != "cancelled"
        else None,
        "tracking": f"{found.carrier} {found.tracking_number}".strip(),
        "refunds": [
            {
                "amount": money(owed.amount_minor, owed.currency, language),
                "state": refund_line(owed, language),
            }
            for owed in owed_for(found.public_id)
        ],
        "steps": _steps(found, language, zone),
        "cancel_url": reverse("exchange-act", args=[found.token, "cancel"]) if may_cancel(found) else "",
        "late": _late(found, language, today),
        "order_url": reverse("order", args=[found.order.group.token]),
        "withdraw_url": reverse("withdraw-order", args=[found.order.group.token]),
        "claim_url": reverse("claim", args=[found.claim.token]) if found.claim else "",
        "card": card,
    }


def _late(found: Any, language: str, today: date) -> dict[str, str] | None:
    """Return by when the new piece is to be sent, and once that is over the way out."""
    if found.state != "ready" or found.due_on is None:
        return None
    if not may_give_up(found, today):
        return {
            "text": _("The seller sends it by %(day)s.") % {"day": in_words(found.due_on, language)},
            "url": "",
            "go": "",
        }
    said = _("The seller should have sent it by %(day)s and did not. You need not wait any longer.")
    return {
        "text": said % {"day": in_words(found.due_on, language)},
        "url": reverse("exchange-act", args=[found.token, "give-up"]),
        "go": _("End it and go on with the claim") if found.claim_id else _("End it and get the money back"),
    }


def _difference(found: Any, language: str) -> str:
    amount = money(abs(found.difference_minor), found.currency, language)
    if found.difference_minor > 0:
        said = _("You paid %(amount)s more.") if found.is_paid else _("It costs %(amount)s more.")
        return said % {"amount": amount}
    if found.difference_minor < 0:
        return _("It costs %(amount)s less, which you get back.") % {"amount": amount}
    return _("It costs the same.")


def _steps(found: Any, language: str, zone: str) -> list[dict[str, Any]]:
    ret = found.ret
    rows: list[tuple[str, Any, str]] = [(_("Agreed"), found.agreed_at, "done")]
    if found.difference_minor > 0:
        rows.append((_("Difference paid"), None, "done" if found.is_paid else "next"))
    if ret is not None:
        rows.append(
            (_("Sent back"), ret.dispatched_at, "done" if ret.dispatched_at or ret.received_at else "next")
        )
        rows.append((_("Arrived at the seller"), ret.received_at, "done" if ret.received_at else "next"))
    if found.ended_at:
        rows = [row for row in rows if row[2] == "done"]
        rows.append((exchange_state_in_words(found.state).capitalize(), found.ended_at, "problem"))
    else:
        rows.append((_("The new one is sent"), found.shipped_at, "done" if found.shipped_at else "next"))
    return [
        {
            "label": label, "state": state, "when": moment(at, language, zone) if at else "",
            "iso": at.isoformat(timespec="seconds") if at else "", "detail": "", "url": "",
        }
        for label, at, state in rows
    ]  # fmt: skip
