"""What is owed for what was withdrawn from: reckoned for the whole order each time, less what was owed before.

So several declarations add up to exactly what one would have brought: delivery comes back when nothing is
kept, shares of duty and tax lose no cent to rounding, and no part is owed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from compliance.rulebook.words import noop as _
from orders.queries.law import rulings_of
from orders.queries.refunds import refundable
from orders.queries.supplements import paid_by
from returns.domain import policy
from returns.domain.exchanges import EXCHANGE_OPEN, Exchanged, back_of_supplements, off_for_differences
from returns.domain.parts import Part, difference, parts_of, split_parts, sum_of
from returns.models import Exchange, LineTally, OwedRefund, ValueLoss, Withdrawal
from returns.operations.refunding import mark_requested, owe_refund, release_owed, void_owed
from returns.queries import law
from returns.queries.labels import label_parts
from returns.queries.services import used_of

# subjects whose sums are reckoned here: withdrawals, claims, late deliveries, exchanges
REASONS = ("W-", "CL-", "LD-", "EX-")


def owe_for(*, order: Any, withdrawal: Withdrawal, goods_out: bool, now: datetime) -> OwedRefund | None:
    """Owe what the order's withdrawals bring now, beyond what was owed for them before.

    :param goods_out: some of the pieces are with the shopper, so that the law may let the seller wait for them.
    """
    parts, amount, bound, before = _reckon(order)
    declared_on = withdrawal.declared_at.astimezone(ZoneInfo(order.group.time_zone)).date()
    deadline = law.refund_deadline(
        order, declared_on=declared_on, goods_back_on=None if goods_out else declared_on
    )
    state, due_on = payable(deadline.answer, back_on=None if goods_out else declared_on)
    owe_supplements(
        order=order, subject=withdrawal.public_id, bound=bound, state=state, due_on=due_on, now=now
    )
    if sum_of(parts) <= 0:
        return None
    return owe_refund(
        order=order,
        subject=withdrawal.public_id,
        parts=parts,
        due_on=due_on,
        rulings=rulings_of([amount, deadline]),
        key=f"{withdrawal.public_id}:{order.public_id}:{before + 1}",
        now=now,
        state=state,
        answer={"amount": amount.as_json(), "deadline": deadline.as_json()},
    )


def owe_now(
    *,
    order: Any,
    subject: str,
    deadline: Any,
    waits: bool,
    due_on: date,
    extra: Sequence[dict[str, Any]] = (),
    now: datetime,
) -> OwedRefund | None:
    """Owe what the order's pieces bring now that bind by a claim or a late delivery, beyond what was owed before.

    :param deadline: the calculator's answer; where it names a day, that day holds and nothing waits.
    :param waits: the sum waits for goods, where the law names no day.
    :param due_on: the day that holds where the law names none.
    """
    parts, amount, bound, before = _reckon(order, by_choice=False)
    told = deadline.answer["due_on"]
    state = "waiting" if waits and not told else "due"
    day = date.fromisoformat(told) if told else None if state == "waiting" else due_on
    owe_supplements(order=order, subject=subject, bound=bound, state=state, due_on=day, now=now)
    if sum_of(parts) <= 0:
        return None
    return owe_refund(
        order=order,
        subject=subject,
        parts=parts,
        due_on=day,
        rulings=[*rulings_of([amount, deadline]), *extra],
        key=f"{subject}:{order.public_id}:{before + 1}",
        now=now,
        state=state,
        answer={"amount": amount.as_json(), "deadline": deadline.as_json()},
    )


def _reckon(order: Any, *, by_choice: bool = True) -> tuple[tuple[Part, ...], Any, dict[int, int], int]:
    """Return what is owed now beyond what was owed before, the law's answer, pieces by line, and how many sums were written.

    :param by_choice: the shopper changed their mind; else the goods never came, or are given back as faulty.
    """
    bound = dict(LineTally.objects.filter(line__order=order).values_list("line_id", "withdrawn"))
    whole, amount = law.refund_amount(order, bound, losses=standing_losses(order.pk), services=used_of(order))
    rows = list(reckoned(order.pk))
    before = [row for row in rows if row.state != "void"]
    if not by_choice:
        whole = _with_delivery(order, whole, bound)
    whole = (*whole, *differences(order, bound), *label_parts(order))
    parts = difference(whole, [part for row in before for part in parts_of(row.parts)])
    parts = _capped(parts, order.total_minor - sum(row.amount_minor for row in before))
    return parts, amount, bound, len(rows)


def _with_delivery(order: Any, whole: tuple[Part, ...], bound: Mapping[int, int]) -> tuple[Part, ...]:
    """Return the parts with all of the delivery, where nothing of the order is left and not by the shopper's choice.

    What laws say of delivery is about a change of mind; that nobody pays for what never came is our own promise.
    """
    if any(bound.get(line.pk, 0) < line.quantity for line in order.lines.all()):
        return whole
    paid = law.delivery_paid(order)
    if paid <= sum(part.amount_minor for part in whole if part.kind == "delivery"):
        return whole
    because = _("It was not your choice, so the delivery comes back whole.")
    rest = tuple(part for part in whole if part.kind != "delivery")
    return (*rest, Part("", 0, "delivery", paid, because))


def differences(order: Any, bound: Mapping[int, int]) -> tuple[Part, ...]:
    """Return what was given back for cheaper pieces, less what of it comes off because they go back."""
    found = []
    for line in order.lines.all():
        done = exchanged_of(line.pk)
        given = sum(one.difference_minor for one in done if one.is_shipped)
        off = off_for_differences(done, bound.get(line.pk, 0), line.quantity)
        if given:
            because = _("What you got back for the exchange is taken off.")
            found.append(Part(line.public_id, 0, "difference", given - off, because))
    return tuple(found)


def exchanged_of(line_id: int) -> list[Exchanged]:
    """Return the exchanges of a line in which money moved, oldest first."""
    rows = Exchange.objects.filter(line_id=line_id).exclude(state__in=EXCHANGE_OPEN).order_by("pk")
    return [
        Exchanged(
            public_id=row.public_id,
            pieces=row.quantity,
            supplement_minor=row.difference_minor if row.is_paid else 0,
            difference_minor=max(-row.difference_minor, 0) if row.state == "shipped" else 0,
            is_shipped=row.state == "shipped",
        )
        for row in rows
    ]


def owe_supplements(
    *, order: Any, subject: str, bound: Mapping[int, int], state: str, due_on: date | None, now: datetime
) -> list[OwedRefund]:
    """Owe what was paid for dearer pieces that go back, each by the payment it came by."""
    made = []
    for line in order.lines.all():
        wanted = back_of_supplements(exchanged_of(line.pk), bound.get(line.pk, 0))
        for row in Exchange.objects.filter(public_id__in=wanted, is_paid=True).order_by("pk"):
            payment = paid_by(row.supplement)
            known = OwedRefund.objects.filter(payment=payment).exclude(state="void")
            left = wanted[row.public_id] - sum(known.values_list("amount_minor", flat=True))
            if left > 0:
                made.append(
                    owe_refund(
                        order=order,
                        subject=subject,
                        parts=[
                            Part(line.public_id, 0, "supplement", left, _("What you paid for the exchange."))
                        ],
                        due_on=due_on,
                        rulings=[],
                        key=f"{subject}:{order.public_id}:{row.public_id}",
                        now=now,
                        state=state,
                        payment=payment,
                    )
                )
    return [one for one in made if one is not None]


def ends_whole(order: Any) -> bool:
    """Tell whether one refund can end an order (with its parcels): nothing left, nothing was owed, all money is here."""
    return (
        order.state == "confirmed"
        and not order.parcels.all()
        and not any(True for _row in reckoned(order.pk))
        and refundable(order).minor == order.total_minor
    )


def owe_whole(*, order: Any, withdrawal: Withdrawal, refund: Any, now: datetime) -> OwedRefund | None:
    """Write down that all of an order goes back, by the refund that ended it."""
    declared_on = withdrawal.declared_at.astimezone(ZoneInfo(order.group.time_zone)).date()
    deadline = law.refund_deadline(order, declared_on=declared_on, goods_back_on=declared_on)
    owed = owe_refund(
        order=order,
        subject=withdrawal.public_id,
        parts=[
            Part("", 0, "goods", refund.amount_minor, _("Nothing was sent, so all that you paid comes back."))
        ],
        due_on=payable(deadline.answer, back_on=declared_on)[1],
        rulings=rulings_of([deadline]),
        key=f"{withdrawal.public_id}:{order.public_id}:1",
        now=now,
        answer={"deadline": deadline.as_json()},
    )
    mark_requested(owed, refund=refund.public_id, now=now)
    return owed


def payable(told: dict[str, Any], *, back_on: date | None = None) -> tuple[str, date | None]:
    """Return the state of a sum and its last day, from what the calculator says about the deadline.

    :param back_on: the day the goods were back: where the law names no number of days, ours counts from then.
    """
    due_on = date.fromisoformat(told["due_on"]) if told["due_on"] else None
    if due_on is None and back_on is not None:
        due_on = back_on + policy.REFUND_SOON
    waits = due_on is None or (told["may_withhold"] and told["may_withhold_until"] is None)
    return ("waiting" if waits else "due"), due_on


def tell_goods(
    *, ret: Any, goods_back_on: date | None, proof_on: date | None, now: datetime
) -> list[OwedRefund]:
    """Reckon the deadline again because the goods, or the proof that they were sent, are there; in a transaction."""
    if ret.reason != "withdrawal":
        return []
    withdrawal = Withdrawal.objects.filter(public_id=ret.subject).first()
    if withdrawal is None:
        return []
    zone = ZoneInfo(ret.order.group.time_zone)
    deadline = law.refund_deadline(
        ret.order,
        declared_on=withdrawal.declared_at.astimezone(zone).date(),
        goods_back_on=goods_back_on,
        dispatch_proof_on=proof_on,
    )
    state, due_on = payable(deadline.answer, back_on=goods_back_on)
    rows = OwedRefund.objects.filter(order=ret.order, subject=ret.subject, state="waiting").order_by("pk")
    if state != "due":
        return []
    return [release_owed(owed_id=row.pk, due_on=due_on, now=now, answer=deadline.as_json()) for row in rows]


def tell_part(*, ret: Any, pieces: Mapping[str, int], goods_back_on: date, now: datetime) -> list[OwedRefund]:
    """Let what arrived be paid, though the rest is not here yet; in a transaction.

    :param pieces: how many of each line (its public id) came just now.
    A sum that waits is replaced by two: for what is here, and for the rest, which waits on.
    """
    withdrawal = (
        Withdrawal.objects.filter(public_id=ret.subject).first() if ret.reason == "withdrawal" else None
    )
    if withdrawal is None:
        return []
    zone = ZoneInfo(ret.order.group.time_zone)
    declared_on = withdrawal.declared_at.astimezone(zone).date()
    deadline = law.refund_deadline(ret.order, declared_on=declared_on, goods_back_on=goods_back_on)
    state, due_on = payable(deadline.answer, back_on=goods_back_on)
    if state != "due":
        return []
    return _split_waiting(ret.subject, ret.order.pk, pieces, due_on, {"deadline": deadline.as_json()}, now)


def _split_waiting(
    subject: str,
    order_id: int,
    pieces: Mapping[str, int],
    due_on: date | None,
    told: dict[str, Any],
    now: datetime,
) -> list[OwedRefund]:
    """Replace each sum that waits by two: for so many pieces, which is due, and for the rest, which waits on."""
    left, made = dict(pieces), []
    rows = OwedRefund.objects.filter(order_id=order_id, subject=subject, state="waiting", payment="")
    for row in list(rows.select_related("order__group").order_by("pk")):
        here, rest = split_parts(parts_of(row.parts), left)
        if sum_of(here) <= 0 or sum_of(rest) <= 0:
            continue
        void_owed(owed_id=row.pk, now=now)
        shared = {"order": row.order, "subject": row.subject, "rulings": row.rulings, "now": now}
        answer = row.answer | told
        made.append(owe_refund(**shared, parts=here, due_on=due_on, key=f"{row.key}:here", answer=answer))
        owe_refund(
            **shared, parts=rest, due_on=row.due_on, key=f"{row.key}:rest", answer=row.answer, state="waiting"
        )
    return [one for one in made if one is not None]


def release_arrived(
    *, subject: str, line: str, here: int, of: int, due_on: date, now: datetime
) -> list[OwedRefund]:
    """Let money that waits for the goods of a claim or exchange be paid for those that are here; in a transaction.

    :param line: the order line's public id; of its `of` pieces so many are `here`. None here: everything waits on.
    """
    waiting = OwedRefund.objects.filter(subject=subject, state="waiting").order_by("pk")
    if here >= of:
        return [
            release_owed(owed_id=pk, due_on=due_on, now=now)
            for pk in list(waiting.values_list("pk", flat=True))
        ]
    first = waiting.first()
    released = OwedRefund.objects.filter(subject=subject).exclude(state__in=["waiting", "void"])
    before = sum(
        part.quantity
        for row in released
        for part in parts_of(row.parts)
        if (part.line, part.kind) == (line, "goods")
    )
    if first is None or here <= before:
        return []
    return _split_waiting(subject, first.order_id, {line: here - before}, due_on, {}, now)


def tell_sent(*, ret: Any, now: datetime) -> None:
    """Reckon the deadline again for goods that were on their way, or back, before the withdrawal was declared."""
    zone = ZoneInfo(ret.order.group.time_zone)
    back = ret.received_at.astimezone(zone).date() if ret.received_at else None
    proof = ret.dispatched_at.astimezone(zone).date() if ret.dispatched_at else None
    tell_goods(ret=ret, goods_back_on=back, proof_on=proof, now=now)


def standing_losses(order_id: int) -> dict[int, law.Loss]:
    """Return the losses of value that were agreed or upheld, by the order line's key; a broken seal is none."""
    rows = ValueLoss.objects.filter(
        return_line__ret__order_id=order_id, kind="worn", state__in=["agreed", "upheld"]
    )
    found: dict[int, int] = {}
    for line_id, amount in rows.values_list("return_line__line_id", "amount_minor"):
        found[line_id] = found.get(line_id, 0) + amount
    return {line_id: law.Loss(amount, has_evidence=True) for line_id, amount in found.items()}


def reckoned(order_id: int) -> Iterable[OwedRefund]:
    """Return what was owed for an order's pieces that were withdrawn from, claimed, exchanged or never came, oldest first.

    What its seller ended is owed for the order itself.

    What goes back by a payment of its own (of a supplement) is not among it.
    """
    of_these = Q(
        ("subject", F("order__public_id")),
        *(("subject__startswith", start) for start in REASONS),
        _connector=Q.OR,
    )
    return OwedRefund.objects.filter(of_these, order_id=order_id, payment="").order_by("pk")


def _capped(parts: tuple[Any, ...], most: int) -> tuple[Any, ...]:
    """Never owe more than was paid: what rounding brings too much is taken off the last part."""
    over = sum_of(parts) - max(most, 0)
    if over <= 0:
        return parts
    *rest, last = parts
    return (*rest, replace(last, amount_minor=last.amount_minor - over))
