"""What puts a claim right: repair, another piece, money off, or the end of the contract; the caller holds the claim.

What goes back is a return (reason claim) that the seller pays. What comes again does not count as returning any
more, so that it can go back once more.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from catalog import operations as catalogue
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid
from orders.queries import after_sales
from orders.queries.law import rulings_of
from returns.domain import policy
from returns.domain.claims import BY_GOODS, BY_SUM, CLAIM, ENDING, NOTHING_TO_SEND, REMEDY, REMEDY_LIVE
from returns.domain.parts import Part
from returns.domain.states import may, next_state
from returns.events import ClaimMoved
from returns.models import Claim, ClaimNote, ClaimRemedy, OwedRefund, Return, ReturnUnit
from returns.operations.opening import count_returning, counted_of, lock_tallies, open_return
from returns.operations.reckoning import owe_now, reckoned, release_arrived
from returns.operations.refunding import owe_refund
from returns.queries import claim_law
from returns.queries.exchanges import in_hand


def start(
    *, claim: Claim, kind: str, amount_minor: int | None, keep: bool, by: str, now: datetime
) -> ClaimRemedy:
    """Begin a remedy of a locked claim: open the return, owe the money.

    :raises Invalid: for a price reduction or compensation without its sum.
    """
    if kind in BY_SUM:
        check_amount(claim, amount_minor)
    today = _day(claim, now)
    remedy = ClaimRemedy.objects.create(
        claim=claim,
        number=claim.remedies.count() + 1,
        kind=kind,
        agreed_at=now,
        agreed_by=by,
        act_by=today + policy.REMEDY_WITHIN,
        amount_minor=amount_minor if kind in BY_SUM else None,
    )
    if kind not in BY_SUM and not keep and claim.kind not in NOTHING_TO_SEND:
        remedy.ret = _take_over(claim, remedy) or _send_back(claim, today, now)
        remedy.save(update_fields=["ret", "goods_back_at"])
    if kind in ENDING:
        _end(claim, remedy, now)
    elif kind in BY_SUM:
        _reduce(claim, remedy, now)
    return remedy


def check_amount(claim: Claim, amount_minor: int | None) -> None:
    """Refuse a reduction of nothing, or of more than was paid for the pieces and is not owed by now.

    :raises Invalid: with the most that it may be, in minor units.
    """
    owed = sum(row.amount_minor for row in reckoned(claim.order_id) if row.state != "void")
    most = min(claim.line.unit_price_minor * claim.quantity, max(claim.order.total_minor - owed, 0))
    if amount_minor is None or not 0 < amount_minor <= most:
        raise Invalid(
            "Name a sum above nothing, and no more than was paid for it.", field="amount", most=most
        )


def _send_back(claim: Claim, today: date, now: datetime) -> Return:
    payer = claim_law.return_payer(claim.order, declared_on=today)
    return open_return(
        order=claim.order,
        lines={claim.line.public_id: claim.quantity},
        reason="claim",
        subject=claim.public_id,
        paid_by=payer.answer["paid_by"]
        if payer.answer["paid_by"] in ("merchant", "marketplace")
        else "merchant",
        rulings=rulings_of([payer]),
        now=now,
    )


def _take_over(claim: Claim, remedy: ClaimRemedy) -> Return | None:
    """Return the parcel that went back, or is to, for an earlier remedy that was never given: it serves this one.

    Nobody can send once more what the seller has, and a silent seller has it all the same.
    """
    rows = claim.remedies.select_for_update(of=("self",)).select_related("ret")
    before = rows.filter(ret__isnull=False).exclude(pk=remedy.pk).order_by("-number").first()
    if before is None or before.sent_at is not None or before.ret is None or before.ret.state == "cancelled":
        return None
    ret: Return = before.ret
    before.ret, remedy.goods_back_at = None, before.goods_back_at
    before.save(update_fields=["ret"])
    return ret


def _is_out(ret: Return | None) -> bool:
    """Tell whether goods that go back have left the shopper; what was lost on that way has."""
    return ret is not None and bool(ret.dispatched_at or ret.received_at)


def _end(claim: Claim, remedy: ClaimRemedy, now: datetime) -> None:
    """End the contract for the pieces: they count as withdrawn from, and their price is owed."""
    (tally,) = lock_tallies([claim.line_id])
    ends = min(claim.quantity, tally.bought - tally.withdrawn)
    tally.withdrawn, tally.ended_after, tally.changed_at = (
        tally.withdrawn + ends,
        tally.ended_after + ends,
        now,
    )
    tally.save(update_fields=["withdrawn", "ended_after", "changed_at"])
    today = _day(claim, now)
    order = after_sales.order_with_parts(claim.order_id)
    owe_now(
        order=order, subject=claim.public_id, waits=remedy.ret is not None and not _is_out(remedy.ret), now=now,
        deadline=claim_law.refund_deadline(order, reason="non_conforming", on=today),
        due_on=today + policy.CLAIM_PAID, extra=claim.answer.get("rulings", []),
    )  # fmt: skip


def _reduce(claim: Claim, remedy: ClaimRemedy, now: datetime) -> None:
    today = _day(claim, now)
    deadline = claim_law.refund_deadline(claim.order, reason="non_conforming", on=today)
    told = deadline.answer["due_on"]
    owe_refund(
        order=claim.order,
        subject=claim.public_id,
        parts=[
            Part(
                claim.line.public_id, 0, remedy.kind, remedy.amount_minor or 0, _("You keep it and pay less.")
            )
        ],
        due_on=date.fromisoformat(told) if told else today + policy.CLAIM_PAID,
        rulings=rulings_of([deadline]) + claim.answer.get("rulings", []),
        key=f"{claim.public_id}:remedy:{remedy.number}",
        now=now,
        answer={"deadline": deadline.as_json()},
    )


def live_remedy(claim: Claim) -> ClaimRemedy | None:
    """Return the remedy that is under way, locked."""
    return claim.remedies.select_for_update().filter(state__in=REMEDY_LIVE).first()


def send_again(
    *, remedy: ClaimRemedy, carrier: str, tracking_number: str, note: str, now: datetime, taken: bool = False
) -> ClaimRemedy:
    """Record that the repaired or another piece is on its way to the shopper.

    :param taken: another variant, which is off the shelf already.
    :raises Conflict: for a remedy in money.
    :raises Invalid: without carrier or number.
    :raises NotEnoughStock: (by the catalogue) if there is no other piece.
    """
    if remedy.kind not in BY_GOODS:
        raise Conflict("There is nothing to send for this.", remedy=remedy.kind)
    if not carrier.strip() or not tracking_number.strip():
        raise Invalid("Give carrier and tracking number.", field="tracking_number")
    claim = remedy.claim
    remedy.state = next_state(REMEDY, remedy.state, "send")
    if remedy.kind == "replacement" and not taken:
        for variant_id, pieces in _same_again(claim).items():
            catalogue.adjust_stock(
                variant_id=variant_id, delta=-pieces, reason="replaced", reference=claim.public_id, now=now
            )
    remedy.carrier, remedy.tracking_number = carrier.strip()[:60], tracking_number.strip()[:60]
    remedy.sent_at, remedy.note = now, note.strip()[:500]
    remedy.save(update_fields=["state", "carrier", "tracking_number", "sent_at", "note"])
    if remedy.ret_id and remedy.ret and remedy.ret.state != "lost":
        count_returning({claim.line_id: -counted_of(remedy.ret).get(claim.line_id, 0)}, now=now)
    return remedy


def _same_again(claim: Claim) -> dict[int, int]:
    """Return how many of which variant take the place of what is claimed, in the order of their keys."""
    found: dict[int, int] = {}
    for got in in_hand(claim.line)[: claim.quantity]:
        variant_id = got or claim.line.variant_id
        if variant_id:
            found[variant_id] = found.get(variant_id, 0) + 1
    return dict(sorted(found.items()))


def finish(*, claim: Claim, now: datetime) -> None:
    """End the remedy under way: it helped."""
    remedy = live_remedy(claim)
    if remedy is not None:
        _move(remedy, "finish", now)


def fail(*, claim: Claim, today: date, now: datetime) -> None:
    """End the remedy under way, or the last one: it did not help, or it takes too long.

    :raises Invalid: while the seller's time to act still runs.
    """
    remedy = live_remedy(claim) or claim.remedies.select_for_update().order_by("-number").first()
    if remedy is None or remedy.kind in ENDING:
        raise Conflict("The contract has ended; your money comes back.", remedy=remedy.kind if remedy else "")
    if remedy.state == "due" and remedy.kind in BY_GOODS:
        if today <= remedy.act_by:
            raise Invalid(
                "The seller still has time for it.", field="wanted", until=remedy.act_by.isoformat()
            )
        _move(remedy, "overrun", now)
        return
    _move(remedy, "fail", now)


def record_silence(*, claim: Claim, now: datetime) -> ClaimRemedy:
    """Write down that the seller gave no answer, as a remedy that was not given in time."""
    today = _day(claim, now)
    return ClaimRemedy.objects.create(
        claim=claim, number=claim.remedies.count() + 1, kind=claim.wanted, state="late", agreed_at=claim.asked_at,
        agreed_by="", act_by=claim.due_on or today, ended_at=now,
    )  # fmt: skip


def _move(remedy: ClaimRemedy, action: str, now: datetime) -> None:
    remedy.state = next_state(REMEDY, remedy.state, action)
    remedy.ended_at = now
    remedy.save(update_fields=["state", "ended_at"])


@transaction.atomic
def note_goods(*, ret: str, received: bool, now: datetime) -> ClaimRemedy | None:
    """Act on goods of a claim (the return's public id) that are on their way, or back: money need not wait longer."""
    found = Return.objects.filter(public_id=ret, reason="claim").values_list("order_id", "pk").first()
    if found is None:
        return None
    after_sales.lock_orders([found[0]])
    remedy = (
        ClaimRemedy.objects.select_for_update(of=("self",))
        .select_related("claim__order__group", "claim__line")
        .filter(ret_id=found[1])
        .first()
    )
    if remedy is None:
        return None
    claim, today = remedy.claim, _day(remedy.claim, now)
    # On the way, all of them count; once the parcel was opened, those that were in it. An empty box is no goods.
    here = ReturnUnit.objects.filter(return_line__ret=found[1], reception="received").count()
    if received and here and remedy.goods_back_at is None:
        remedy.goods_back_at, remedy.act_by = now, today + policy.REMEDY_WITHIN
        remedy.save(update_fields=["goods_back_at", "act_by"])
    release_arrived(
        subject=claim.public_id, line=claim.line.public_id, here=here if received else claim.quantity,
        of=claim.quantity, due_on=today + policy.CLAIM_PAID, now=now,
    )  # fmt: skip
    return remedy


@transaction.atomic
def note_paid(*, subject: str, now: datetime) -> Claim | None:
    """End a claim of which all money is paid."""
    found = Claim.objects.filter(public_id=subject).values_list("order_id", "pk").first()
    if found is None:
        return None
    after_sales.lock_orders([found[0]])
    claim = Claim.objects.select_for_update(of=("self",)).select_related("order").get(pk=found[1])
    open_sums = OwedRefund.objects.filter(subject=subject, state__in=["waiting", "held", "due", "requested"])
    remedy = live_remedy(claim)
    if (
        remedy is None
        or remedy.kind in BY_GOODS
        or open_sums.exists()
        or not may(CLAIM, claim.state, "finish")
    ):
        return None
    _move(remedy, "finish", now)
    claim.state, claim.closed_at, claim.changed_at = next_state(CLAIM, claim.state, "finish"), now, now
    claim.save(update_fields=["state", "closed_at", "changed_at"])
    tell(claim, "platform", "paid", now=now, remedy=remedy.kind)
    return claim


def tell(
    claim: Claim, side: str, what: str, *, now: datetime, remedy: str = "", text: str = "", by: str = ""
) -> ClaimNote:
    """Write down what happened, and announce it; a letter follows."""
    note = ClaimNote.objects.create(
        claim=claim, at=now, side=side, by=by, what=what, remedy=remedy, text=text
    )
    if what != "filed":
        outbox.publish(ClaimMoved(claim.public_id, claim.order.public_id, note.pk, what))
    return note


def _day(claim: Claim, now: datetime) -> date:
    zone: Any = ZoneInfo(claim.order.group.time_zone)
    return now.astimezone(zone).date()
