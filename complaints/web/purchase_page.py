"""A purchase in words, as the desk shows it beside a complaint and on a page of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.queries.purchases import Purchase
from complaints.web import words
from compliance.presentation import day_in_words, how_long_until, month_in_words, ruling_view
from compliance.rulebook.cards import exemption_in_words
from compliance.rulebook.types import Answer
from marketplace.kernel.money import Money
from returns.queries.cases import AfterSale

CASES = ("CL", "W", "RT")  # what the desk has a page for


def purchase_page(one: Purchase, language: str, zone: str, now: datetime) -> dict[str, Any]:
    """Return an order with its lines, parcels, refunds, rights and what came after the sale; everything has its address."""
    order, facts = one.order, one.facts
    home = reverse("desk-order", args=[order.public_id])

    def amount(minor: int) -> str:
        return Money(minor, order.currency).display(language)

    def when(iso: str | None) -> str:
        return words.moment(datetime.fromisoformat(iso), language, zone) if iso else ""

    numbers = {parcel.public_id: parcel.tracking_url for parcel in order.parcels}
    return {
        "number": order.public_id,
        "url": home,
        "state": order_state_in_words(order.state),
        "concluded": words.moment(order.concluded_at, language, zone),
        "promised": day_in_words(order.deliver_by, language) if order.deliver_by else "",
        "total": amount(facts["total_minor"]),
        "currency": order.currency,
        "market": one.market,
        "seller": {
            "name": order.merchant_name, "url": reverse("merchant", args=[order.merchant_slug]),
            "complaints": f"{reverse('desk')}?queue=all&merchant={order.merchant}",
        },
        "complaints": f"{reverse('desk')}?queue=all&order={order.public_id}",
        "lines": [
            {
                "id": line.public_id, "title": line.title, "quantity": line.quantity,
                "total": line.total.display(language), "url": f"{home}#{line.public_id}", "listing": line.listing,
                "waits": line.left_to_ship,
            }
            for line in order.lines
        ],
        "parcels": [
            {
                "id": parcel["parcel"], "state": parcel_state_in_words(parcel["state"]), "carrier": parcel["carrier"],
                "tracking": parcel["tracking_number"], "tracking_url": numbers.get(parcel["parcel"], ""),
                "sent": when(parcel["shipped_at"]), "delivered": when(parcel["delivered_at"]),
                "url": f"{home}#{parcel['parcel']}",
            }
            for parcel in facts["parcels"]
        ],
        "refunds": [
            {
                "id": refund["refund"], "amount": amount(refund["amount_minor"]), "because": refund["because"],
                "state": refund_state_in_words(refund["state"]), "url": f"{home}#{refund['refund']}",
                "meaning": {"done": "allowed", "failed": "blocked"}.get(refund["state"], "information"),
            }
            for refund in facts["refunds"]
        ],
        "after": [_after(thing, home, language, zone) for thing in one.after],
        "invoices": [*order.invoices, *order.credit_notes],
        "rights": rights_card(one, language, now),
    }  # fmt: skip


def _after(one: AfterSale, home: str, language: str, zone: str) -> dict[str, Any]:
    label = {
        "withdrawal": _("Withdrawal"), "claim": _("Claim"), "return": _("Return"), "owed": _("Money owed"),
    }[one.kind]  # fmt: skip
    return {
        "kind": one.kind,
        "label": label,
        "id": one.public_id,
        "state": after_state_in_words(one.state),
        "when": words.moment(one.at, language, zone),
        "due": day_in_words(one.due_on, language) if one.due_on else "",
        "amount": Money(one.amount_minor, one.currency).display(language) if one.amount_minor else "",
        "belongs_to": one.belongs_to,
        "belongs_url": case_url(one.belongs_to),
        "url": case_url(one.public_id) or case_url(one.belongs_to) or f"{home}#{one.public_id}",
    }


def case_url(number: str) -> str:
    """Return the desk's page of a claim, a withdrawal or a return; nothing for what has none."""
    return reverse("desk-case", args=[number]) if number.partition("-")[0] in CASES else ""


def rights_card(one: Purchase, language: str, now: datetime) -> dict[str, Any]:
    """Return the right card of a purchase: by the law of the contract's day and the parcels as they came."""
    order = one.order
    today = now.astimezone(ZoneInfo(order.time_zone)).date()
    concluded = order.concluded_at.astimezone(ZoneInfo(order.time_zone)).date()
    told: dict[str, tuple[str, Answer, list[str]]] = {}
    for line in order.lines:
        for right, answer in (("withdrawal", line.withdrawal), ("guarantee", line.guarantee)):
            if answer is not None:
                told.setdefault(f"{right}{answer.answer}", (right, answer, []))[2].append(line.title)
    lines = [
        _right(right, answer, titles if len(titles) < len(order.lines) else [], language, today)
        for right, answer, titles in sorted(told.values(), key=lambda found: found[0], reverse=True)
    ]
    return {
        "title": _("The buyer’s rights on this purchase"),
        "subtitle": _("By the law of %(day)s, the day of the contract, in %(market)s.")
        % {"day": day_in_words(concluded, language), "market": one.market},
        "lines": lines,
    }


def _right(right: str, answer: Answer, titles: list[str], language: str, today: date) -> dict[str, Any]:
    told = answer.answer
    end = told.get("last_day") if right == "withdrawal" else told.get("liable_until")
    last = date.fromisoformat(end) if end else None
    state = "yes" if told.get("certain", True) else "uncertain"
    if right == "withdrawal":
        label, icon, sentence, state = _withdrawal(told, last, today, language, state)
    else:
        label, icon = _("Faults"), "shield-check"
        sentence = (
            _("The seller answers for faults until %(day)s.") % {"day": day_in_words(last, language)}
            if last
            else _("The seller answers for faults; the law here sets no fixed end.")
        )
    shown = last is not None and state != "no"
    return {
        "key": right, "label": f"{label}: {', '.join(titles)}" if titles else label, "icon": icon, "sentence": sentence,
        "state": state, "state_label": {"no": _("not here"), "uncertain": _("not certain")}.get(state, ""),
        "day": str(last.day) if shown and last else "", "month": month_in_words(last, language) if shown and last else "",
        "when": last.isoformat() if shown and last else "", "left": how_long_until(last, today) if shown and last else "",
        "rulings": [ruling_view(ruling, language) for ruling in answer.rulings], "steps": list(answer.explain),
    }  # fmt: skip


def _withdrawal(
    told: dict[str, Any], last: date | None, today: date, language: str, state: str
) -> tuple[str, str, str, str]:
    label, icon = _("Changing one’s mind"), "undo-2"
    if not told["right_exists"]:
        exempt = exemption_in_words(told.get("ground") or "")
        return label, "circle-minus", _(exempt) if exempt else _("There is no such right here."), "no"
    if last is None:
        return label, icon, _("Open until the goods arrive, and for a while after that."), state
    if last < today:
        return (
            label,
            icon,
            _("The time to withdraw ended on %(day)s.") % {"day": day_in_words(last, language)},
            state,
        )
    return (
        label,
        icon,
        _("The buyer may withdraw until %(day)s.") % {"day": day_in_words(last, language)},
        state,
    )


def order_state_in_words(state: str) -> str:
    return {
        "placed": _("waits for the money"), "pending": _("waits for the money"), "confirmed": _("paid"),
        "partly_shipped": _("partly sent"), "shipped": _("sent"), "delivered": _("delivered"),
        "completed": _("completed"), "cancelled": _("ended"),
    }.get(state, state.replace("_", " "))  # fmt: skip


def parcel_state_in_words(state: str) -> str:
    return {
        "announced": _("announced"), "shipped": _("on its way"), "in_transit": _("on its way"),
        "delivered": _("delivered"), "lost": _("lost"), "returned": _("came back"),
    }.get(state, state.replace("_", " "))  # fmt: skip


def refund_state_in_words(state: str) -> str:
    return {"requested": _("on its way"), "done": _("paid"), "failed": _("did not go")}[state]


def after_state_in_words(state: str) -> str:
    """Return the state of a withdrawal, claim, return or sum owed as colleagues read it."""
    return {
        "open": _("waits for the seller"), "offered": _("the seller offers something"), "refused": _("refused"),
        "resting": _("rests"), "escalated": _("with us to decide"), "upheld": _("refused, upheld by us"),
        "remedying": _("being put right"), "done": _("done"), "dropped": _("taken back"), "announced": _("announced"),
        "label_issued": _("label issued"), "dispatched": _("on its way back"), "received": _("arrived"),
        "inspected": _("checked"), "closed": _("closed"), "cancelled": _("called off"), "lost": _("lost"),
        "waiting": _("waits for the goods"), "held": _("held back"), "due": _("due"), "requested": _("on its way"),
        "paid": _("paid"), "matched": _("received"), "unmatched": _("order unknown"),
    }.get(state, state.replace("_", " "))  # fmt: skip
