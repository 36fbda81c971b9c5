"""From declarations and returns to what templates show: words, days, sums, the right card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from compliance.presentation import how_long_until, month_in_words, ruling_view
from compliance.rulebook import lookups
from compliance.rulebook.cards import exemption_in_words
from marketplace.accounts.place import Place
from returns.documents.receipt import means_in_words
from returns.documents.words import (
    confirm_label,
    declared_state_in_words,
    function_label,
    in_words,
    judgement_in_words,
    loss_state_in_words,
    loss_title,
    moment,
    money,
    part_in_words,
    payer_in_words,
    refund_line,
    return_state_in_words,
    seal_in_words,
)
from returns.queries.labels import label_prices
from returns.queries.withdrawals import LineChoice, OrderChoice, owed_for, returns_of
from returns.web.forms import LINE, AnswerForm, DisputeForm, OwnSendingForm, SendForm

FORM_PARTS = (
    "title", "instruction", "to", "notice", "ordered_received", "name", "address", "signature", "date", "footnote",
)  # fmt: skip
MEANINGS = {
    "effective": "allowed", "granted": "allowed", "ineffective": "blocked", "upheld": "blocked",
    "disputed": "attention", "unjudged": "information",
}  # fmt: skip


def start_page(groups: Iterable[Any], place: Place, form: Any, *, today: date) -> dict[str, Any]:
    """Return the page that the footer's link leads to."""
    said = form.data if form.is_bound else {}
    free = reverse("withdraw-unmatched")
    return {
        "title": function_label(place.market, place.language, today),
        "own": [_own(group, place) for group in groups],
        "form_lines": model_form(place, today),
        "free_url": free,
        "is_unknown": bool(form.is_bound and form.non_field_errors()),
        "said": said,
    }


def _own(group: Any, place: Place) -> dict[str, Any]:
    lines = [line.title for order in group.orders.all() for line in order.lines.all()]
    placed = group.placed_at.astimezone(ZoneInfo(group.time_zone)).date()
    return {
        "url": reverse("withdraw-order", args=[group.token]),
        "title": ", ".join(order.public_id for order in group.orders.all()),
        "what": ", ".join(lines[:3]),
        "when": in_words(placed, place.language),
    }


def model_form(place: Place, today: date) -> list[str]:
    """Return the lines of the statutory model form in the visitor's language, else in English."""
    lines = []
    for part in FORM_PARTS:
        key = f"model_withdrawal_form.{part}"
        found = lookups.wording(key, place.market, place.language, today)
        found = found or lookups.wording(key, "IE", "en", today)
        if found is not None:
            lines.append(found.text)
    return lines


def order_page(
    group: Any, choices: tuple[OrderChoice, ...], form: Any, place: Place, *, key: str, now: datetime
) -> dict[str, Any]:
    """Return step one: everything that was bought, with until when each thing may be withdrawn from."""
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    return {
        "title": function_label(group.market, place.language, today),
        "orders": [_choice_of(order, form, place, group, today) for order in choices],
        **_nothing_left(choices),
        "action": reverse("withdraw-order", args=[key]),
        "exchange_url": reverse("exchange-start", args=[key]) if is_anything_left(choices) else "",
    }


def is_anything_left(choices: Iterable[OrderChoice]) -> bool:
    """Tell whether the contract goes on for any piece."""
    return any(line.left > 0 for order in choices for line in order.lines)


def _nothing_left(choices: tuple[OrderChoice, ...]) -> dict[str, Any]:
    """Return the sentence for who has nothing left to withdraw from, and the way that is open all the same."""
    if is_anything_left(choices):
        return {"nothing_left": "", "free": None}
    if choices:
        said = _(
            "The contract has ended for everything here. You can declare it once more; nothing is lost by it."
        )
        return {"nothing_left": said, "free": None}
    free = {"url": reverse("withdraw-unmatched"), "label": _("Declare it without naming the order")}
    return {
        "nothing_left": _("This order was cancelled. There is nothing left to choose from."),
        "free": free,
    }


def _choice_of(order: OrderChoice, form: Any, place: Place, group: Any, today: date) -> dict[str, Any]:
    concluded = order.concluded_at.astimezone(ZoneInfo(group.time_zone)).date()
    return {
        "title": _("Order %(number)s from %(seller)s") % {"number": order.public_id, "seller": order.seller},
        "when": _("Contract of %(day)s") % {"day": in_words(concluded, place.language)},
        "lines": [
            {
                "title": line.title,
                "options": ", ".join(f"{name}: {value}" for name, value in line.options),
                "bought": line.quantity,
                "left": line.left,
                "field": form[f"{LINE}{line.public_id}"],
                **_until(line, place.language, today),
            }
            for line in order.lines
        ],
    }


def _until(line: LineChoice, language: str, today: date) -> dict[str, Any]:
    """Return until when, or why not; it stops nobody from declaring."""
    told = line.right.answer
    last = date.fromisoformat(told["last_day"]) if told["last_day"] else None
    exempt = exemption_in_words(str(told["ground"] or ""))
    if line.left == 0:
        sentence, meaning = _("You withdrew from all pieces of this."), "information"
    elif told["right_exists"] is None:
        sentence, meaning = (
            _("What the law says here is not certain. You can declare it; a person looks at it."),
            "attention",
        )
    elif not told["right_exists"]:
        why = (
            _(exempt)
            if exempt
            else _("The law gives no right here to send this back because you changed your mind.")
        )
        sentence, meaning = why, "blocked"
    elif last is None:
        sentence, meaning = (
            _("You may withdraw at any time until it arrives, and for a while after that."),
            "allowed",
        )
    elif last < today:
        sentence, meaning = (
            _("The time to withdraw ended on %(day)s.") % {"day": in_words(last, language)},
            "blocked",
        )
    else:
        sentence = _("Until %(day)s, %(left)s.") % {
            "day": in_words(last, language),
            "left": how_long_until(last, today),
        }
        meaning = "allowed"
    if line.begun_on is not None and meaning == "allowed":
        sentence = f"{sentence} {_used(line, language, today)}"
    return {
        "sentence": sentence,
        "meaning": meaning,
        "rulings": [ruling_view(ruling, language) for ruling in line.right.rulings],
        "steps": list(line.right.explain),
    }


def _used(line: LineChoice, language: str, today: date) -> str:
    """Return since when a service runs, and what is paid for it if somebody withdraws today."""
    assert line.begun_on is not None
    days = max(0, min((today - line.begun_on).days, line.service_days))
    said = _("It began on %(day)s. If you withdraw today, you pay for %(n)s of its %(all)s days.")
    return said % {"day": in_words(line.begun_on, language), "n": days, "all": line.service_days}


def review_page(
    group: Any,
    choices: tuple[OrderChoice, ...],
    payload: dict[str, Any],
    place: Place,
    *,
    key: str,
    now: datetime,
) -> dict[str, Any]:
    """Return step two: the whole declaration, and the button with the words of the law."""
    wanted = payload["lines"]
    contracts = [
        {
            "title": _("Order %(number)s from %(seller)s")
            % {"number": order.public_id, "seller": order.seller},
            "lines": [
                f"{wanted[line.public_id]} × {line.title}" for line in order.lines if line.public_id in wanted
            ],
        }
        for order in choices
    ]
    fields = [("name", payload["name"]), ("email", payload["email"])]
    fields += [(f"{LINE}{line}", count) for line, count in wanted.items()]
    return _review(place, now.date(), group.market, payload) | {
        "contracts": [contract for contract in contracts if contract["lines"]],
        "action": reverse("withdraw-confirm", args=[key]),
        "back": reverse("withdraw-order", args=[key]),
        "fields": fields,
    }


def free_page(place: Place, *, today: date) -> dict[str, Any]:
    return {"title": function_label(place.market, place.language, today)}


def free_review_page(payload: dict[str, Any], place: Place, *, today: date) -> dict[str, Any]:
    """Return step two of a declaration without an order."""
    url = reverse("withdraw-unmatched")
    fields = [(name, payload[name]) for name in ("name", "email", "number", "text")]
    return _review(place, today, place.market, payload) | {
        "contracts": [], "said": payload["number"], "written": payload["text"], "action": url, "back": url, "fields": fields,
    }  # fmt: skip


def _review(place: Place, today: date, market: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": function_label(market, place.language, today),
        "button": confirm_label(market, place.language, today),
        "name": payload["name"],
        "email": payload["email"],
    }


# -- what was declared


def withdrawal_page(
    found: Any, language: str, *, now: datetime, dispute: DisputeForm | None = None
) -> dict[str, Any]:
    """Return a declaration's page."""
    zone = found.content["time_zone"]
    lines = [_declared(row, language, dispute) for row in found.lines.all()]
    returns = returns_of(found.public_id)
    return {
        "number": found.public_id,
        "title": _("We received your withdrawal"),
        "lead": _("Declared on %(when)s, %(how)s.")
        % {"when": moment(found.declared_at, language, zone), "how": means_in_words(found.means)},
        "name": found.name,
        "mailed": _("The receipt went to %(email)s.") % {"email": found.email} if found.email else "",
        "receipt_url": reverse("withdrawal-receipt", args=[found.token]),
        "order_url": reverse("order", args=[found.group.token])
        if found.group and found.group.user_id is None
        else "",
        "dispute_url": reverse("withdrawal-dispute", args=[found.token]),
        "is_unmatched": found.state == "unmatched",
        "closed_because": found.closed_because,
        "written": found.content["as_written"],
        "lines": lines,
        "next": _next_of(returns, language),
        "returns": [_return_row(ret, language) for ret in returns],
        "refunds": [_owed(owed, language) for owed in owed_for(found.public_id)],
    }


def _next_of(returns: list[Any], language: str) -> dict[str, str] | None:
    for ret in returns:
        if ret.state in ("announced", "label_issued"):
            by = ret.send_back_by
            text = (
                _("Send it back by %(day)s.") % {"day": in_words(by, language)}
                if by
                else _("Send it back soon.")
            )
            return {"text": text, "url": reverse("return", args=[ret.token]), "label": _("Send it back")}
    return None


def _declared(row: Any, language: str, dispute: DisputeForm | None) -> dict[str, Any]:
    answer = row.answer.get("answer", {})
    bound = dispute if dispute is not None and dispute.data.get("line") == row.line.public_id else None
    return {
        "title": row.line.title,
        "quantity": row.quantity,
        "order": row.line.order.public_id,
        "state": declared_state_in_words(row.state),
        "meaning": MEANINGS[row.state],
        "why": judgement_in_words(row.state, row.ground, str(answer.get("ground") or "")),
        "partly": _("It counts for %(n)s pieces; the others were withdrawn from before.") % {"n": row.binding}
        if row.binding and row.binding < row.quantity
        else "",
        "rulings": [ruling_view(ruling, language) for ruling in row.answer.get("rulings", [])],
        "steps": row.answer.get("explain", []),
        "dispute": bound or DisputeForm(initial={"line": row.line.public_id}, auto_id=f"id_{row.pk}_%s")
        if row.state == "ineffective"
        else None,
        "disputed": row.dispute,
        "decision": row.decision,
    }


def _return_row(ret: Any, language: str) -> dict[str, Any]:
    return {
        "title": _("Return %(number)s to %(seller)s")
        % {"number": ret.public_id, "seller": ret.merchant.name},
        "state": return_state_in_words(ret.state),
        "url": reverse("return", args=[ret.token]),
        "payer": payer_in_words(ret.paid_by),
        "what": ", ".join(f"{line.announced} × {line.line.title}" for line in ret.lines.all()),
    }


def _owed(owed: Any, language: str) -> dict[str, Any]:
    deadline = owed.answer.get("deadline", {})
    return {
        "title": _("Refund of %(amount)s by %(seller)s")
        % {"amount": money(owed.amount_minor, owed.currency, language), "seller": owed.merchant.name},
        "state": refund_line(owed, language),
        "rows": [
            {
                "label": part_in_words(part["kind"]),
                "amount": money(part["amount_minor"], owed.currency, language),
                "note": _(part["because"]) if part["because"] else "",
            }
            for part in owed.parts
            if part["amount_minor"]
        ],
        "total": {"label": _("Total"), "amount": money(owed.amount_minor, owed.currency, language)},
        "rulings": [ruling_view(ruling, language) for ruling in owed.rulings],
        "steps": deadline.get("explain", []),
    }


# -- what goes back


def return_page(
    ret: Any,
    language: str,
    *,
    now: datetime,
    send: SendForm | None = None,
    own: OwnSendingForm | None = None,
    answer: AnswerForm | None = None,
) -> dict[str, Any]:
    """Return a return's page: where it stands, how to send it, what to answer."""
    zone = ret.order.group.time_zone
    is_open = ret.state in ("announced", "label_issued")
    today = now.astimezone(ZoneInfo(zone)).date()
    label = next(
        (one for one in ret.parcels.all() if one.method != "own" and one.state in ("booked", "in_transit")),
        None,
    )
    return {
        "title": _("Return %(number)s") % {"number": ret.public_id},
        "lead": _lead(ret, language),
        "card": _card(ret, language, today),
        "what": [
            {"title": line.line.title, "quantity": line.announced, "received": line.received}
            for line in ret.lines.all()
        ],
        "to": [
            part
            for part in (
                ret.merchant.legal_name or ret.merchant.name,
                ret.merchant.street,
                f"{ret.merchant.postcode} {ret.merchant.city}".strip(),
                str(ret.merchant.country),
            )
            if part
        ],
        "is_open": is_open,
        "send": (send or send_form(ret, language, now=now)) if is_open else None,
        "label_cost": _label_cost(label, ret, language),
        "own": (own or OwnSendingForm(initial={"sent_on": today})) if is_open else None,
        "send_url": reverse("return-send", args=[ret.token]),
        "own_url": reverse("return-own", args=[ret.token]),
        "answer_url": reverse("return-answer", args=[ret.token]),
        "label_url": reverse("return-label", args=[ret.token]) if label else "",
        "label_number": label.tracking_number if label else "",
        "steps": _steps(ret, language, zone),
        "losses": [
            _loss(loss, ret, language, answer) for line in ret.lines.all() for loss in line.losses.all()
        ],
    }


def send_form(ret: Any, language: str, *, now: datetime, data: Any = None) -> SendForm:
    """Return the form that makes the label, with what each way costs."""
    today = now.astimezone(ZoneInfo(ret.order.group.time_zone)).date()
    prices, currency = label_prices(ret, on=today), ret.order.currency
    return SendForm(
        prices,
        data,
        show=lambda minor: (
            _("%(amount)s, taken off what you get back") % {"amount": money(minor, currency, language)}
        ),
    )


def _label_cost(label: Any, ret: Any, language: str) -> str:
    """Return what the label that was chosen costs; "" where the shopper pays nothing for it."""
    if label is None or not label.price_minor:
        return ""
    amount = money(label.price_minor, ret.order.currency, language)
    return _("This label costs %(amount)s. It is taken off what you get back, and only if you use it.") % {
        "amount": amount
    }


def _lead(ret: Any, language: str) -> str:
    losses = [loss for line in ret.lines.all() for loss in line.losses.all()]
    if any(loss.kind == "seal" and loss.state in ("agreed", "upheld") for loss in losses):
        return _("What came with a broken seal stays yours. The seller sends it back to you.")
    if ret.state in ("announced", "label_issued"):
        by = ret.send_back_by
        return (
            _("Send it back by %(day)s.") % {"day": in_words(by, language)} if by else _("Send it back soon.")
        )
    return {
        "in_transit": _("It is on its way to the seller."),
        "received": _("It arrived. The seller looks at it now."),
        "inspected": _("It arrived and was looked at."),
        "closed": _("Everything is done."),
        "cancelled": _("This return was called off."),
        "lost": _("It was lost on the way. You need do nothing; we look into it."),
    }[ret.state]


def _card(ret: Any, language: str, today: date) -> dict[str, Any]:
    by = ret.send_back_by
    return {
        "title": _("Who pays, and by when"),
        "lines": [
            {
                "key": "return_cost", "label": _("Cost of the return"), "icon": "package", "state": "yes",
                "state_label": "", "sentence": payer_in_words(ret.paid_by),
                "day": str(by.day) if by else "", "month": month_in_words(by, language) if by else "",
                "when": by.isoformat() if by else "", "left": how_long_until(by, today) if by else "",
                "rulings": [ruling_view(ruling, language) for ruling in ret.rulings], "steps": [],
            }
        ],
    }  # fmt: skip


def _steps(ret: Any, language: str, zone: str) -> list[dict[str, Any]]:
    told = [
        (_("Announced"), ret.opened_at), (_("Sent back"), ret.dispatched_at), (_("Return arrived"), ret.received_at),
        (_("Return checked"), ret.inspected_at),
    ]  # fmt: skip
    return [
        {
            "label": label,
            "state": "done" if at else "next",
            "when": moment(at, language, zone),
            "iso": at.isoformat(timespec="seconds") if at else "",
        }
        for label, at in told
    ]


def _loss(loss: Any, ret: Any, language: str, answer: AnswerForm | None) -> dict[str, Any]:
    bound = answer if answer is not None and answer.data.get("loss") == loss.public_id else None
    amount = money(loss.amount_minor, loss.currency, language)
    said = seal_in_words(loss.kind, loss.answer)
    return {
        "title": loss_title(loss.kind)
        if said
        else _("The seller wants to take off %(amount)s") % {"amount": amount},
        "about": [*said, *([_("It is about %(amount)s.") % {"amount": amount}] if said else [])],
        "what": loss.return_line.line.title,
        "rulings": [ruling_view(ruling, language) for ruling in loss.answer.get("rulings", [])],
        "steps": loss.answer.get("explain", []),
        "why": loss.why,
        "state": loss_state_in_words(loss.state),
        "answer_by": in_words(loss.answer_by, language),
        "evidence_url": reverse("return-evidence", args=[ret.token, loss.public_id]) if loss.evidence else "",
        "form": (bound or AnswerForm(initial={"loss": loss.public_id}, auto_id=f"id_{loss.pk}_%s"))
        if loss.state in ("claimed", "silent")
        else None,
        "reply": loss.reply,
        "decision": loss.decision,
    }
