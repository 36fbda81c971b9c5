"""From claims and late deliveries to what templates show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.presentation import how_long_until, month_in_words, ruling_view
from compliance.rulebook.types import Answer
from returns.documents.claim_words import (
    claim_state_in_words,
    kind_in_words,
    late_step_in_words,
    note_in_words,
    remedy_in_words,
    remedy_state_in_words,
)
from returns.documents.words import in_words, moment, money, refund_line, return_state_in_words
from returns.domain.claims import BY_GOODS, CLAIM, ENDING, LATE_OPEN, OFFERS
from returns.domain.exchanges import EXCHANGE_COUNTED
from returns.domain.states import may
from returns.operations.late import is_lost
from returns.queries.case_letters import letters_of
from returns.queries.claim_law import after_failure, delivered_on
from returns.queries.claims import claims_of_line, promises_of
from returns.queries.exchanges import exchanges_of_line
from returns.queries.withdrawals import owed_for
from returns.web.claim_forms import NextForm, WhyForm

MEANINGS = {
    "open": "information", "offered": "attention", "refused": "blocked", "resting": "information",
    "escalated": "attention", "upheld": "blocked", "remedying": "information", "done": "allowed", "dropped": "information",
}  # fmt: skip


def start_page(orders: Iterable[Any], key: str, *, wanted: str, thread: str = "") -> dict[str, Any]:
    """Return the page on which the thing is chosen; one order alone if it is named."""
    rows = [order for order in orders if order.state != "cancelled" and wanted in ("", order.public_id)]
    return {
        "title": _("What is something wrong with?"),
        "orders": [_order(order, key, thread) for order in rows],
        "order_url": reverse("order", args=[key]) if "." not in key else "",
    }


def _order(order: Any, key: str, thread: str) -> dict[str, Any]:
    onwards = f"?{urlencode({'thread': thread})}" if thread else ""
    lines = [(line, delivered_on(order, line)) for line in order.lines.all()]
    return {
        "title": _("Order %(number)s from %(seller)s")
        % {"number": order.public_id, "seller": order.merchant.name},
        "lines": [
            {
                "title": f"{line.quantity} × {line.title}",
                "url": reverse("claim-file", args=[key, line.public_id]) + onwards,
                "claims": [_link(claim) for claim in claims_of_line(line.pk)],
            }
            for line, came in lines
            if came
        ],
        "late_url": reverse("late", args=[key, order.public_id])
        if any(came is None for _l, came in lines)
        else "",
    }


def _link(claim: Any) -> dict[str, str]:
    return {
        "url": reverse("claim", args=[claim.token]),
        "title": _("Claim %(number)s") % {"number": claim.public_id},
        "state": claim_state_in_words(claim.state),
    }


def claim_form_page(
    order: Any, line: Any, answer: Answer, key: str, language: str, *, today: date, nonce: str
) -> dict[str, Any]:
    """Return the page on which a claim is made."""
    return {
        "title": line.title,
        "order": _("Order %(number)s from %(seller)s")
        % {"number": order.public_id, "seller": order.merchant.name},
        "card": law_card(answer, line, language, today),
        "remedies": [remedy_in_words(one) for one in answer.answer["remedies_open"]],
        "action": reverse("claim-file", args=[key, line.public_id]),
        "nonce": nonce,
        "complain_url": complain_url(order, line, order.group.token),
    }


def complain_url(order: Any, line: Any, token: str) -> str:
    """Return where a complaint about all this is made: a claim is not a complaint."""
    return "/complain?" + urlencode({"order": order.public_id, "link": token, "line": line.public_id})


def law_card(answer: Answer, line: Any, language: str, today: date) -> dict[str, Any]:
    """Return the right card of a fault: until when, who proves, what may be asked for, what was promised beyond."""
    told = answer.answer
    certain = bool(told.get("certain", True))
    lines = [_liable(told, language, today, certain)]
    if told.get("reject_until"):
        sentence = _("You can hand it back at once until %(day)s.")
        lines.append(
            _card(
                "reject",
                _("Handing it back at once"),
                "package",
                sentence,
                told["reject_until"],
                language,
                today,
                certain,
            )
        )
    if told.get("burden_on_seller_until"):
        sentence = _(
            "Until %(day)s the seller must prove that the fault was not there when it came. You prove nothing."
        )
        lines.append(
            _card(
                "burden",
                _("Who must prove it"),
                "scale",
                sentence,
                told["burden_on_seller_until"],
                language,
                today,
                certain,
            )
        )
    if told.get("tell_seller_by"):
        sentence = _("Tell the seller by %(day)s. A claim made here does that.")
        lines.append(
            _card(
                "tell", _("Time to tell"), "clock", sentence, told["tell_seller_by"], language, today, certain
            )
        )
    lines[0] |= {
        "rulings": [ruling_view(one, language) for one in answer.rulings],
        "steps": list(answer.explain),
    }
    lines += [_promise(one, language) for one in promises_of(line)]
    return {
        "title": _("If it is faulty"),
        "subtitle": _("By the law of the day of your contract."),
        "lines": lines,
    }


def _liable(told: dict[str, Any], language: str, today: date, certain: bool) -> dict[str, Any]:
    label, icon = _("How long the seller answers for it"), "shield-check"
    if told.get("private_seller"):
        sentence = _(
            "The seller is a private person, so the law that protects buyers from traders does not cover it."
        )
        return _card("guarantee", label, icon, sentence, None, language, today, True) | {
            "state": "no",
            "state_label": _("not here"),
        }
    if told.get("liable_until"):
        sentence = _("The seller answers for faults until %(day)s.")
        if told.get("extended_because") == "repair":
            sentence = _("After a repair the seller answers for faults longer: until %(day)s.")
        return _card("guarantee", label, icon, sentence, told["liable_until"], language, today, certain)
    if told.get("open_ended"):
        sentence = _("The law here sets no fixed end.")
    elif told.get("remedies_open"):
        sentence = _(
            "We do not know for certain how long the law here gives you. Tell the seller as soon as you notice a fault; a "
            "claim made here does that."
        )
    else:
        sentence = _(
            "The law here lists no remedies for certain. The seller answers, and if that does not help, we decide."
        )
    return _card("guarantee", label, icon, sentence, None, language, today, certain)


def _card(
    key: str, label: str, icon: str, sentence: str, on: str | None, language: str, today: date, certain: bool
) -> dict[str, Any]:
    day = date.fromisoformat(on) if on else None
    return {
        "key": key, "label": label, "icon": icon, "state": "yes" if certain else "uncertain",
        "state_label": "" if certain else _("not certain"),
        "day": str(day.day) if day else "", "month": month_in_words(day, language) if day else "",
        "when": day.isoformat() if day else "", "left": how_long_until(day, today) if day else "",
        "sentence": sentence % {"day": in_words(day, language)} if day else sentence, "rulings": [], "steps": [],
    }  # fmt: skip


def _promise(one: Any, language: str) -> dict[str, Any]:
    who = _("The seller’s own guarantee") if one.by == "seller" else _("The producer’s guarantee")
    sentence = ngettext(
        "%(n)s month, beside your rights by law.", "%(n)s months, beside your rights by law.", one.months
    ) % {"n": one.months}
    return {
        "key": "promise", "label": who, "icon": "hand-heart", "state": "yes", "state_label": "", "day": str(one.months),
        "month": ngettext("month", "months", one.months), "when": "", "left": "", "sentence": sentence, "rulings": [],
        "steps": [],
    }  # fmt: skip


# -- one claim


def claim_page(claim: Any, language: str, *, today: date, law: Answer) -> dict[str, Any]:
    """Return a claim's page: where it stands, the next thing to do, what the law gives, what happened."""
    group = claim.order.group
    opened = law.answer["remedies_open"]
    return {
        "title": _("Claim %(number)s") % {"number": claim.public_id},
        "number": claim.public_id,
        "state": claim_state_in_words(claim.state),
        "meaning": MEANINGS[claim.state],
        "lead": _lead(claim, language),
        "what": f"{claim.quantity} × {claim.line.title}",
        "kind": kind_in_words(claim.kind),
        "said": claim.said,
        "wanted": remedy_in_words(claim.wanted),
        "refusal": claim.refusal if claim.state in ("refused", "resting", "escalated") else "",
        "offer": _offer(claim, language) if claim.state == "offered" else "",
        "decision": claim.decision,
        "files": [
            {
                "url": reverse("claim-evidence", args=[claim.token, one.pk]),
                "label": _("File %(n)s") % {"n": n},
            }
            for n, one in enumerate(claim.files.all(), start=1)
        ],
        "remedies": [_remedy(one, language) for one in claim.remedies.all()],
        "refunds": [_refund(one, language) for one in owed_for(claim.public_id)],
        "steps": sorted(
            [
                *(_step(note, group, language) for note in claim.notes.all()),
                *(_written(letter, group, language) for letter in letters_of([claim.public_id])),
            ],
            key=lambda step: step["iso"],
        ),
        "exchange": _exchange(claim),
        "card": None if _is_given_back(claim) else law_card(law, claim.line, language, today),
        "acts": _acts(claim, opened, today),
        "order_url": reverse("order", args=[group.token]),
        "complain_url": complain_url(claim.order, claim.line, group.token),
    }


def _exchange(claim: Any) -> dict[str, str] | None:
    """Return the way to another variant instead of the same again, or to the one that was agreed on."""
    made = next((one for one in exchanges_of_line(claim.line_id) if one.claim_id == claim.pk), None)
    if made is not None and made.state in EXCHANGE_COUNTED:
        return {
            "url": reverse("exchange", args=[made.token]),
            "label": _("Exchange %(number)s") % {"number": made.public_id},
        }
    if any(one.state == "due" and one.kind == "replacement" for one in claim.remedies.all()):
        return {
            "url": reverse("exchange-claim", args=[claim.token]),
            "label": _("Rather another size or kind?"),
        }
    return None


def _is_given_back(claim: Any) -> bool:
    """Tell whether a claim ended with the contract: nothing of it can break any more."""
    remedies = list(claim.remedies.all())
    return claim.state == "done" and bool(remedies) and remedies[-1].kind in ENDING


def _lead(claim: Any, language: str) -> str:
    day = in_words(claim.due_on, language)
    sentences = {
        "open": _("The seller answers by %(day)s. If not, we act.") % {"day": day},
        "offered": _("The seller offers something else. Take it, or ask us to decide."),
        "refused": _("The seller refuses, with reasons. You can ask us to decide, until %(day)s and after.")
        % {"day": day},
        "resting": _("Nothing happens at the moment. You can ask us to decide at any time."),
        "escalated": _("We decide by %(day)s.") % {"day": day},
        "upheld": _("We looked at it and decided that the refusal stands. Our reasons are below."),
        "remedying": _("It is being put right."),
        "done": _("The contract has ended for it, and your money is paid.")
        if _is_given_back(claim)
        else _("It was put right. If the fault comes back, say so here."),
        "dropped": _("You took this claim back."),
    }
    return sentences[claim.state]


def _offer(claim: Any, language: str) -> str:
    said = remedy_in_words(claim.offer)
    return f"{said}: {money(claim.offer_minor, claim.line.currency, language)}" if claim.offer_minor else said


def _remedy(one: Any, language: str) -> dict[str, Any]:
    live = one.state == "due" and one.kind in BY_GOODS
    return {
        "title": remedy_in_words(one.kind),
        "state": remedy_state_in_words(one.state),
        "by": _("By %(day)s at the latest.") % {"day": in_words(one.act_by, language)} if live else "",
        "tracking": f"{one.carrier} {one.tracking_number}".strip(),
        "note": one.note,
        "return_url": reverse("return", args=[one.ret.token]) if one.ret else "",
        "return_state": return_state_in_words(one.ret.state) if one.ret else "",
        "is_to_send": bool(one.ret and one.ret.state in ("announced", "label_issued")),
    }


def _refund(owed: Any, language: str) -> dict[str, str]:
    return {
        "amount": money(owed.amount_minor, owed.currency, language),
        "state": refund_line(owed, language),
    }


def _step(note: Any, group: Any, language: str) -> dict[str, str]:
    problem = note.what in ("refused", "failed", "upheld", "taken_over")
    return {
        "label": note_in_words(note.what),
        "state": "problem" if problem else "done",
        "when": moment(note.at, language, group.time_zone),
        "iso": note.at.isoformat(timespec="seconds"),
        "detail": note.text,
    }


def _written(letter: Any, group: Any, language: str) -> dict[str, str]:
    by = _("The seller wrote to you") if letter.side == "seller" else _("We wrote to you")
    return {
        "label": by,
        "state": "done",
        "when": moment(letter.written_at, language, group.time_zone),
        "iso": letter.written_at.isoformat(timespec="seconds"),
        "detail": letter.body,
    }


def _acts(claim: Any, opened: list[str], today: date) -> dict[str, Any]:
    """Return what the shopper can do now; None where it is not possible."""

    def url(action: str) -> str:
        return reverse("claim-act", args=[claim.token, action])

    live = [one for one in claim.remedies.all() if one.state in ("due", "sent")]
    waits = any(one.state == "due" and one.kind in BY_GOODS and one.act_by >= today for one in live)
    ended = any(one.kind in ENDING for one in claim.remedies.all() if one.state != "late")
    can_fail = may(CLAIM, claim.state, "fail") and not waits and not ended
    return {
        "agree": url("agree") if may(CLAIM, claim.state, "agree") else "",
        "dispute": url("dispute")
        if may(CLAIM, claim.state, "dispute") or may(CLAIM, claim.state, "decline")
        else "",
        "why": WhyForm(),
        "drop": url("drop") if may(CLAIM, claim.state, "drop") else "",
        "helped": url("helped")
        if any(one.state == "sent" for one in live) and may(CLAIM, claim.state, "finish")
        else "",
        "failed": url("failed") if can_fail else "",
        "next": NextForm(opened=_after_failure(claim, opened)),
    }


def _after_failure(claim: Any, opened: list[str]) -> list[str]:
    """Return what may be asked for if it did not help; where the law lists nothing, what sellers usually offer."""
    found = after_failure(claim)
    return found or opened or list(OFFERS)


# -- late


def late_page(
    order: Any, case: Any, answer: Answer, key: str, language: str, *, today: date, form: Any
) -> dict[str, Any]:
    """Return the page of an order that has not come."""
    told = answer.answer
    lost = is_lost(order)
    is_open = order.state in ("confirmed", "shipped") and (case is None or case.state in LATE_OPEN)
    may_end = is_open and (told["may_terminate_at_once"] or told["status"] == "cancelled" or lost)
    notices = list(case.notices.all()) if case else []

    def url(action: str) -> str:
        return reverse("late-act", args=[key, order.public_id, action])

    return {
        "title": _("Order %(number)s has not come") % {"number": order.public_id},
        "lead": _late_lead(order, case, told, lost, language),
        "card": _late_card(answer, language, today),
        "end_url": url("end") if may_end else "",
        "period_url": url("period")
        if is_open and told["next_step"] == "set_additional_period" and not lost
        else "",
        "period": form,
        "notice": _notice(notices[-1], language)
        if is_open and notices and notices[-1].reply == "none"
        else None,
        "agree_url": url("agree"),
        "cancel_url": url("cancel"),
        "refunds": [_refund(one, language) for one in owed_for(case.public_id)] if case else [],
        "order_url": reverse("order", args=[order.group.token]),
        "complain_url": "/complain?" + urlencode({"order": order.public_id, "link": order.group.token}),
    }


def _late_lead(order: Any, case: Any, told: dict[str, Any], lost: bool, language: str) -> str:
    if case is not None and case.state == "cancelled":
        return _("The order has ended. Your money comes back.")
    if order.state == "delivered":
        return _("It has arrived.")
    if order.state == "cancelled":
        return _("The order was cancelled.")
    if lost:
        return _(
            "The carrier lost it. The seller carries that risk, not you. You need not wait: end it and get your money back."
        )
    said = late_step_in_words(told["next_step"])
    by = told["deliver_by"] or told["ship_by"]
    if told["next_step"] == "wait" and by:
        words = (
            _("It is to come by %(day)s.")
            if told["deliver_by"]
            else _("The seller is to ship it by %(day)s.")
        )
        return f"{said} {words % {'day': in_words(by, language)}}"
    return said


def _late_card(answer: Answer, language: str, today: date) -> dict[str, Any]:
    told = answer.answer
    by = told["deliver_by"] or told["ship_by"]
    sentence = (
        _("The seller delivers by %(day)s.") if told["deliver_by"] else _("The seller ships it by %(day)s.")
    )
    if not by:
        sentence = _("What was agreed holds.")
    line = _card(
        "delivery",
        _("If it is late"),
        "truck",
        sentence,
        by,
        language,
        today,
        bool(told.get("certain", True)),
    )
    line |= {"rulings": [ruling_view(one, language) for one in answer.rulings], "steps": list(answer.explain)}
    lines = [line]
    if told["deemed_cancelled_on"]:
        words = _("Without your consent and without a parcel the order ends by itself on %(day)s.")
        lines.append(
            _card(
                "silence",
                _("If you say nothing"),
                "clock",
                words,
                told["deemed_cancelled_on"],
                language,
                today,
                True,
            )
        )
    return {
        "title": _("What the law says now"),
        "subtitle": _("By the law of the day of your contract."),
        "lines": lines,
    }


def _notice(notice: Any, language: str) -> dict[str, str]:
    day = in_words(notice.revised_on, language)
    return {
        "text": _("The seller says that it will be late. The new day is %(day)s.") % {"day": day}
        if day
        else _("The seller says that it will be late, and names no new day."),
        "why": notice.why,
    }
