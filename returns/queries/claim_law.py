"""What the law says about a fault or a late delivery, asked with the facts that were frozen with the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from compliance import rulebook
from compliance.rulebook.types import Answer
from orders.queries import after_sales
from orders.queries import law as orders_law
from returns.domain.claims import outcome_of
from returns.models import Claim, ClaimRemedy, LateDelivery

_PRIVATE = {
    "liable_until": None, "open_ended": False, "burden_on_seller_until": None, "reject_until": None,
    "extended_because": None, "tell_seller_by": None, "covered": None, "remedies_open": [], "certain": True,
    "uncertain_because": [], "private_seller": True,
}  # fmt: skip


def delivered_on(order: Any, line: Any = None) -> date | None:
    """Return the day on which the last of a line (or of an order) arrived that has arrived, where the shopper is."""
    zone = ZoneInfo(order.group.time_zone)
    days = [
        one.delivered_at.astimezone(zone).date()
        for one in order.parcels.all()
        if one.delivered_at and (line is None or any(part.line_id == line.pk for part in one.lines.all()))
    ]
    return max(days, default=None)


def guarantee(
    line: Any,
    order: Any,
    *,
    noticed_on: date,
    claim: Claim | None = None,
    serious: bool = False,
    more: Iterable[Mapping[str, Any]] = (),
) -> Answer:
    """Answer what the law opens for a fault of a line: remedies in their order, proof, until when.

    What was tried before counts: repairs of any claim of the line, and the outcomes of this claim.
    :raises Invalid: (by the calculator) for facts that cannot be.
    """
    if not orders_law.binds_seller(line.rights):
        return Answer(dict(_PRIVATE))
    arrived = delivered_on(order, line) or noticed_on
    facts: dict[str, Any] = {
        "market": line.rights["market"],
        "concluded_on": line.rights["concluded_at"][:10],
        "delivered_on": arrived.isoformat(),
        "condition": line.rights["condition"],
        "defect_on": max(noticed_on, arrived).isoformat(),
        "repairs": list(_repairs(line, order)),
        "remedy_history": [*_history(claim, order, serious=serious), *more],
    }
    if line.rights.get("voluntary_months"):
        facts["voluntary_months"] = line.rights["voluntary_months"]
    return rulebook.answer("guarantee", facts)


def after_failure(claim: Claim) -> list[str]:
    """Return what the law opens for a claim if what was tried last did not help, in its order."""
    order = after_sales.order_with_parts(claim.order_id)
    last = claim.remedies.order_by("-number").first()
    if last is None:
        return []
    tried = {"remedy": last.kind, "outcome": "failed"}
    answer = guarantee(claim.line, order, noticed_on=claim.noticed_on, claim=claim, more=(tried,))
    return list(answer.answer["remedies_open"])


def _repairs(line: Any, order: Any) -> Iterable[dict[str, Any]]:
    zone = ZoneInfo(order.group.time_zone)
    rows = ClaimRemedy.objects.filter(claim__line=line, kind="repair").order_by("agreed_at", "pk")
    for row in rows:
        back = row.sent_at or (row.ended_at if row.state == "done" else None)
        yield {
            "chosen_on": row.agreed_at.astimezone(zone).date().isoformat(),
            "returned_on": back.astimezone(zone).date().isoformat() if back else None,
        }


def _history(claim: Claim | None, order: Any, *, serious: bool) -> Iterable[dict[str, Any]]:
    zone = ZoneInfo(order.group.time_zone)
    if claim is not None:
        for row in claim.remedies.order_by("number"):
            at = row.ended_at or row.agreed_at
            yield {
                "remedy": row.kind,
                "outcome": outcome_of(row.state),
                "on": at.astimezone(zone).date().isoformat(),
            }
    if serious:
        yield {"remedy": "repair", "outcome": "serious"}


def return_payer(order: Any, *, declared_on: date) -> Answer:
    """Answer who pays to send faulty goods back."""
    return rulebook.answer(
        "return_cost",
        {"market": order.group.market, "concluded_on": _concluded_on(order), "declared_on": declared_on.isoformat(),
         "reason": "non_conforming"},
    )  # fmt: skip


def refund_deadline(order: Any, *, reason: str, on: date) -> Answer:
    """Answer by when money goes back. `reason`: non_conforming, late_delivery or cancelled."""
    facts = {
        "market": order.group.market,
        "reason": reason,
        "concluded_on": _concluded_on(order),
        "declared_on": on.isoformat(),
        "cancelled_on": on.isoformat() if reason != "non_conforming" else None,
        "right_vested_on": on.isoformat(),
    }
    return rulebook.answer("refund_deadline", facts)


def delivery(order: Any, *, today: date, late: LateDelivery | None = None) -> Answer:
    """Answer how the delivery of an order stands: late or not, and what may be done now."""
    zone = ZoneInfo(order.group.time_zone)
    facts: dict[str, Any] = {"today": today.isoformat()}
    sent = [one.shipped_at.astimezone(zone).date() for one in order.parcels.all() if one.state != "lost"]
    if sent and order.state in ("shipped", "delivered"):
        facts["shipped_on"] = max(sent).isoformat()
    arrived = delivered_on(order) if order.state == "delivered" else None
    if arrived:
        facts["delivered_on"] = arrived.isoformat()
    if late is not None:
        facts |= _told(late, zone)
    return orders_law.delivery(
        market=order.group.market,
        concluded_on=_concluded_on(order),
        promised_on=order.deliver_by.isoformat() if order.deliver_by else None,
        **facts,
    )


def _told(late: LateDelivery, zone: ZoneInfo) -> dict[str, Any]:
    told: dict[str, Any] = {
        "notices": [
            {
                "sent_on": notice.sent_at.astimezone(zone).date().isoformat(),
                "revised_on": notice.revised_on.isoformat() if notice.revised_on else None,
                "buyer_reply": notice.reply,
            }
            for notice in late.notices.order_by("sent_at", "pk")
        ]
    }
    if late.is_essential:
        told["date_essential"] = True
    if late.additional_until:
        told["additional_period_until"] = late.additional_until.isoformat()
    return told


def _concluded_on(order: Any) -> str:
    return order.concluded_at.astimezone(ZoneInfo(order.group.time_zone)).date().isoformat()
