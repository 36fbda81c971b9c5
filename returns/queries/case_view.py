"""Cases as whoever works them reads them: sellers, officers, agents. Words, days and rulings; nothing is decided here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from compliance.presentation import ruling_view
from returns.documents.claim_words import (
    claim_state_in_words,
    kind_in_words,
    note_in_words,
    remedy_in_words,
    remedy_state_in_words,
)
from returns.documents.receipt import means_in_words
from returns.documents.words import (
    declared_state_in_words,
    in_words,
    judgement_in_words,
    loss_state_in_words,
    moment,
    money,
    owed_state_in_words,
    parcel_state_in_words,
    part_in_words,
    return_state_in_words,
    seal_in_words,
)
from returns.domain.claims import BY_SUM, CLAIM, OFFERS
from returns.domain.states import DECLARED, LOSS, may
from returns.queries.claims import seller_may
from returns.queries.withdrawals import owed_for, returns_of

MEANINGS = {
    "effective": "allowed", "granted": "allowed", "ineffective": "blocked", "upheld": "blocked",
    "disputed": "attention", "unjudged": "information",
}  # fmt: skip


def claim_view(claim: Any, language: str) -> dict[str, Any]:
    """Return a claim (with its parts): both sides, what the law says, what was tried, what can be done by whom."""
    told, steps = claim.answer.get("answer", {}), seller_may(claim)
    return {
        "title": _("Claim %(number)s") % {"number": claim.public_id},
        "claim": claim,
        "state": claim_state_in_words(claim.state),
        "kind": kind_in_words(claim.kind),
        "wanted": remedy_in_words(claim.wanted),
        "due": in_words(claim.due_on, language),
        "burden": in_words(told.get("burden_on_seller_until"), language),
        "liable": in_words(told.get("liable_until"), language),
        "opened": [remedy_in_words(one) for one in told.get("remedies_open", [])],
        "rulings": [ruling_view(one, language) for one in claim.answer.get("rulings", [])],
        "notes": [
            {
                "label": note_in_words(note.what), "at": note.at, "text": note.text, "by": note.by, "side": note.side,
            }
            for note in claim.notes.all()
        ],
        "remedies": [
            {
                "title": remedy_in_words(one.kind), "state": remedy_state_in_words(one.state),
                "by": in_words(one.act_by, language), "ret": one.ret.public_id if one.ret else "",
                "ret_state": return_state_in_words(one.ret.state) if one.ret else "",
            }
            for one in claim.remedies.all()
        ],
        **{f"may_{step}": step in steps for step in ("accept", "offer", "refuse", "send")},
        "may_decide": may(CLAIM, claim.state, "grant"),
        "may_uphold": may(CLAIM, claim.state, "uphold"),
        "needs_amount": claim.wanted in BY_SUM,
        "offers": [(one, remedy_in_words(one)) for one in OFFERS if one != claim.wanted],
        "grants": [
            (one, remedy_in_words(one)) for one in dict.fromkeys([*told.get("remedies_open", []), *OFFERS])
        ],
        "currency": claim.line.currency,
    }  # fmt: skip


def withdrawal_view(
    declared: Any, language: str, *, merchant_ids: Collection[int] | None = None
) -> dict[str, Any]:
    """Return a declaration (with its lines) as it was made and judged, and what follows from it.

    :param merchant_ids: only what concerns these merchants; None: all of it.
    """
    rows = [row for row in declared.lines.all() if _concerns(row.line.order, merchant_ids)]
    returns = [ret for ret in returns_of(declared.public_id) if _concerns(ret, merchant_ids)]
    owed = [one for one in owed_for(declared.public_id) if _concerns(one, merchant_ids)]
    return {
        "title": _("Withdrawal %(number)s") % {"number": declared.public_id},
        "number": declared.public_id,
        "name": declared.name,
        "email": declared.email,
        "declared": _("Declared on %(when)s, %(how)s.")
        % {
            "when": moment(declared.declared_at, language, declared.content["time_zone"]),
            "how": means_in_words(declared.means),
        },
        "receipt": _("The receipt left on %(when)s.")
        % {"when": moment(declared.receipt_sent_at, language, declared.content["time_zone"])}
        if declared.receipt_sent_at
        else _("No receipt has left."),
        "recorded_by": declared.recorded_by,
        "written": declared.content.get("as_written", ""),
        "closed_because": declared.closed_because,
        "is_unmatched": declared.state == "unmatched",
        "lines": [_declared(row, language) for row in rows],
        "orders": {row.line.order_id: row.line.order for row in rows},
        "returns": [
            {"number": ret.public_id, "state": return_state_in_words(ret.state), "due": in_words(ret.send_back_by, language)}
            for ret in returns
        ],
        "refunds": refunds_view(owed, language),
    }  # fmt: skip


def _concerns(one: Any, merchant_ids: Collection[int] | None) -> bool:
    return merchant_ids is None or one.merchant_id in merchant_ids


def _declared(row: Any, language: str) -> dict[str, Any]:
    exception = str(row.answer.get("answer", {}).get("ground") or "")
    return {
        "line": row.line.public_id,
        "title": row.line.title,
        "quantity": row.quantity,
        "binding": row.binding,
        "order": row.line.order.public_id,
        "seller": row.line.order.merchant.name,
        "state": declared_state_in_words(row.state),
        "meaning": MEANINGS[row.state],
        "judgement": judgement_in_words(row.state, row.ground, exception),
        "rulings": [ruling_view(one, language) for one in row.answer.get("rulings", [])],
        "steps": row.answer.get("explain", []),
        "dispute": row.dispute,
        "decision": row.decision,
        "decided_by": row.decided_by,
        "may_grant": may(DECLARED, row.state, "grant"),
        "may_uphold": may(DECLARED, row.state, "uphold"),
    }


def return_view(ret: Any, language: str) -> dict[str, Any]:
    """Return a return (with its parts): what was announced, what came, what is said against it."""
    owed = [one for one in owed_for(ret.subject) if one.order_id == ret.order_id] if ret.subject else []
    return {
        "title": _("Return %(number)s") % {"number": ret.public_id},
        "number": ret.public_id,
        "subject": ret.subject,
        "state": return_state_in_words(ret.state),
        "send_back_by": in_words(ret.send_back_by, language),
        "due": in_words(ret.due_on, language),
        "lines": [
            {"title": one.line.title, "announced": one.announced, "received": one.received}
            for one in ret.lines.all()
        ],
        "parcels": [
            {
                "number": one.tracking_number,
                "carrier": one.carrier,
                "state": parcel_state_in_words(one.state),
            }
            for one in ret.parcels.all()
        ],
        "losses": [_loss(loss, line, language) for line in ret.lines.all() for loss in line.losses.all()],
        "refunds": refunds_view(owed, language),
    }


def _loss(loss: Any, line: Any, language: str) -> dict[str, Any]:
    return {
        "pk": loss.pk,
        "number": loss.public_id,
        "title": f"{part_in_words('seal' if loss.kind == 'seal' else 'value_loss')}: {line.line.title}",
        "amount": money(loss.amount_minor, loss.currency, language),
        "state": loss_state_in_words(loss.state, to_shopper=False),
        "about": seal_in_words(loss.kind, loss.answer),
        "rulings": [ruling_view(one, language) for one in loss.answer.get("rulings", [])],
        "why": loss.why,
        "reply": loss.reply,
        "answer_by": in_words(loss.answer_by, language) if loss.state == "claimed" else "",
        "decision": loss.decision,
        "has_evidence": bool(loss.evidence),
        "may_drop": may(LOSS, loss.state, "drop") and loss.state != "claimed",
        "may_uphold": may(LOSS, loss.state, "uphold"),
    }


def refunds_view(owed: Iterable[Any], language: str) -> list[dict[str, Any]]:
    """Return money that is owed, part by part, with its rulings."""
    return [
        {
            "pk": one.pk, "number": one.public_id, "order": one.order.public_id,
            "amount": money(one.amount_minor, one.currency, language),
            "state": owed_state_in_words(one.state), "due": in_words(one.due_on, language), "is_due": one.state == "due",
            "parts": [
                (part_in_words(part["kind"]), money(part["amount_minor"], one.currency, language)) for part in one.parts
            ],
            "rulings": [ruling_view(ruling, language) for ruling in one.rulings],
        }
        for one in owed
    ]  # fmt: skip
