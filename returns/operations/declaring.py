"""The declaration of withdrawal: stored as it came, never refused, judged at once, with all that it brings about.

Lock order: the orders by their keys, the tallies by their lines, then what is written new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from orders.operations import after_sales as ending
from orders.queries import after_sales
from orders.queries.law import rulings_of
from returns.domain.declaration import VERSION, judge
from returns.domain.errors import NothingChosen
from returns.domain.states import BINDING, DECLARED, WITHDRAWAL, may, next_state
from returns.events import WithdrawalDeclared, WithdrawalJudged
from returns.models import LineTally, Withdrawal, WithdrawalLine
from returns.operations import exchanging
from returns.operations.opening import lock_tallies, open_return, pieces_of
from returns.operations.reckoning import ends_whole, owe_for, owe_whole, tell_sent
from returns.queries import law
from returns.queries.services import is_service


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration as it came. `lines` are quantities by the order line's public id."""

    name: str
    email: str
    language: str
    means: str = "function"
    lines: Mapping[str, int] = field(default_factory=dict)
    as_written: str = ""
    order_said: str = ""  # the number that was given, where nothing was found for it
    button: str = ""
    recorded_by: str = ""


@transaction.atomic
def declare_withdrawal(
    *, group: Any, declared: Declared, key: str, declared_at: datetime, now: datetime
) -> Withdrawal:
    """Store a declaration and judge it; the same key is the same declaration.

    :param group: the order group it is about (a row), or None if nobody knows.
    :param declared_at: when it was sent; `now` is when it came.
    :raises NothingChosen: if it names a group, but no line or quantity of it, and no words.
    """
    orders = _locked(group)
    known = Withdrawal.objects.filter(key=key).first()
    if known is not None:
        return known
    if declared_at > now:
        raise Invalid("This is in the future.", field="declared_at")
    chosen = _chosen(orders, declared.lines)
    withdrawal = Withdrawal.objects.create(
        key=key,
        group=group,
        state="open" if group is not None else "unmatched",
        means=declared.means,
        declared_at=declared_at,
        received_at=now,
        language=declared.language,
        name=declared.name,
        email=declared.email,
        content=_content(group, orders, declared, chosen, declared_at),
        recorded_by=declared.recorded_by,
    )
    _judge_all(withdrawal, orders, chosen, now)
    outbox.publish(WithdrawalDeclared(withdrawal.public_id, group.public_id if group else "", declared_at))
    return withdrawal


@transaction.atomic
def match_withdrawal(
    *, withdrawal_id: int, group: Any, lines: Mapping[str, int], by: str, now: datetime
) -> Withdrawal:
    """Say which order a declaration means that nobody could place; it counts from when it was sent.

    :raises WrongState: if it was matched or closed before.
    """
    orders = _locked(group)
    withdrawal = Withdrawal.objects.select_for_update().get(pk=withdrawal_id)
    withdrawal.state = next_state(WITHDRAWAL, withdrawal.state, "match")
    withdrawal.group = group
    withdrawal.save(update_fields=["state", "group"])
    _judge_all(withdrawal, orders, _chosen(orders, lines), now)
    return withdrawal


@transaction.atomic
def close_unmatched(*, withdrawal_id: int, because: str, now: datetime) -> Withdrawal:
    """Close a declaration that belongs to no order here, with the reason that its sender is told."""
    withdrawal = Withdrawal.objects.select_for_update().get(pk=withdrawal_id)
    withdrawal.state = next_state(WITHDRAWAL, withdrawal.state, "close")
    withdrawal.closed_because = because
    withdrawal.save(update_fields=["state", "closed_because"])
    return withdrawal


@transaction.atomic
def dispute_judgement(*, withdrawal_id: int, line: str, why: str, now: datetime) -> WithdrawalLine:
    """Dispute that a line's right is not open (its public id); a person decides.

    :raises WrongState: if there is nothing to dispute.
    """
    row = _declared_line(withdrawal_id, line)
    row.state = next_state(DECLARED, row.state, "dispute")
    row.dispute, row.disputed_at = why.strip(), now
    row.save(update_fields=["state", "dispute", "disputed_at"])
    return row


@transaction.atomic
def decide_dispute(
    *, withdrawal_id: int, line: str, grant: bool, decision: str, by: str, now: datetime
) -> WithdrawalLine:
    """Decide on a line: grant it, by right or by goodwill, or uphold the judgement with reasons.

    :raises WrongState: if it is not open to a decision.
    :raises Invalid: without reasons.
    """
    if not decision.strip():
        raise Invalid("Say why, in words the shopper understands.", field="decision")
    row = _declared_line(withdrawal_id, line)
    row.state = next_state(DECLARED, row.state, "grant" if grant else "uphold")
    row.decision, row.decided_at, row.decided_by = decision.strip(), now, by
    row.save(update_fields=["state", "decision", "decided_at", "decided_by"])
    if grant:
        if may(WITHDRAWAL, row.withdrawal.state, "reopen"):
            row.withdrawal.state = next_state(WITHDRAWAL, row.withdrawal.state, "reopen")
            row.withdrawal.save(update_fields=["state"])
        _bind(row.withdrawal, row.line.order_id, [row], now)
    outbox.publish(WithdrawalJudged(row.withdrawal.public_id, line, row.state))
    return row


# -- what it says


def _locked(group: Any) -> list[Any]:
    if group is None:
        return []
    after_sales.lock_orders(group.orders.values_list("pk", flat=True))
    return after_sales.orders_of(group)


def _chosen(orders: list[Any], lines: Mapping[str, int]) -> list[tuple[Any, Any, int]]:
    """Return (order, line, quantity) of what was chosen, in the order of the lines' keys."""
    known = {line.public_id: (order, line) for order in orders for line in order.lines.all()}
    chosen = []
    for public_id, quantity in lines.items():
        if public_id not in known:
            raise NotFound(field="lines")
        order, line = known[public_id]
        if not 1 <= quantity <= line.quantity:
            raise Invalid("The quantity is at most what was bought.", field="quantity", line=public_id)
        chosen.append((order, line, quantity))
    if orders and not chosen:
        raise NothingChosen(field="lines")
    return sorted(chosen, key=lambda one: one[1].pk)


def _content(
    group: Any,
    orders: list[Any],
    declared: Declared,
    chosen: list[tuple[Any, Any, int]],
    declared_at: datetime,
) -> dict[str, Any]:
    contracts = [
        {
            "order": order.public_id,
            "seller": order.merchant.legal_name or order.merchant.name,
            "concluded_at": order.concluded_at.isoformat(),
            "lines": [
                {"line": line.public_id, "title": line.title, "quantity": count, "bought": line.quantity}
                for whose, line, count in chosen
                if whose.pk == order.pk
            ],
        }
        for order in orders
    ]
    return {
        "version": VERSION,
        "who": {"name": declared.name, "email": declared.email},
        "market": group.market if group else "",
        "language": declared.language,
        "time_zone": group.time_zone if group else "UTC",
        "means": declared.means,
        "declared_at": declared_at.isoformat(),
        "button": declared.button,
        "contracts": [contract for contract in contracts if contract["lines"]],
        "order_said": declared.order_said,
        "as_written": declared.as_written,
    }


# -- what follows from it


def _judge_all(
    withdrawal: Withdrawal, orders: list[Any], chosen: list[tuple[Any, Any, int]], now: datetime
) -> None:
    tallies = {tally.line_id: tally for tally in lock_tallies([line.pk for _, line, _ in chosen])}
    rows = [_judged(withdrawal, order, line, count, tallies[line.pk], now) for order, line, count in chosen]
    WithdrawalLine.objects.bulk_create(rows)
    for order in orders:
        _bind(withdrawal, order.pk, [row for row in rows if row.line.order_id == order.pk], now)


def _judged(
    withdrawal: Withdrawal, order: Any, line: Any, count: int, tally: LineTally, now: datetime
) -> WithdrawalLine:
    answer = law.declaration(
        line, order, declared_at=withdrawal.declared_at, received_at=withdrawal.received_at, means=withdrawal.means
    )  # fmt: skip
    binds, ground = judge(answer)
    left = tally.bought - tally.withdrawn
    if left == 0 or order.state == "cancelled":
        binds, ground = False, "already"
    row = WithdrawalLine(
        withdrawal=withdrawal,
        line=line,
        quantity=count,
        ground=ground,
        answer=answer.as_json(),
        judged_at=now,
        state=next_state(DECLARED, "unjudged", "take_effect" if binds else "fail"),
    )
    if binds is None:  # nobody knows the law here: a person decides
        row.state, row.disputed_at = next_state(DECLARED, row.state, "dispute"), now
    return row


def _bind(withdrawal: Withdrawal, order_id: int, rows: list[WithdrawalLine], now: datetime) -> None:
    """End the contract for the pieces of these lines: count them, open the return, owe the money."""
    rows = [row for row in rows if row.state in BINDING]
    if not rows:
        return
    order = after_sales.order_with_parts(order_id)
    if order.state == "cancelled":
        return
    wanted = [(row.line_id, row.quantity) for row in rows]
    sent_before = exchanging.yield_to_withdrawal(lines=wanted, subject=withdrawal.public_id, now=now)
    coming = pieces_of(sent_before)
    tallies = {tally.line_id: tally for tally in lock_tallies([row.line_id for row in rows])}
    sent, left = after_sales.shipped_quantities(order), after_sales.left_quantities(order)
    to_return: dict[str, int] = {}
    unsent_now: dict[int, int] = {}
    for row in rows:
        tally = tallies[row.line_id]
        row.binding = min(row.quantity, tally.bought - tally.withdrawn)
        unsent = tally.bought - sent.get(row.line_id, 0)
        before = tally.withdrawn - tally.ended_after  # what had been sent takes nothing from what was not
        after = before + row.binding
        back = max(0, after - unsent) - max(0, before - unsent) - coming.get(row.line_id, 0)
        back = min(back, tally.bought - tally.returning)
        if back > 0 and not is_service(row.line):
            to_return[row.line.public_id] = back
        here = tally.bought - left.get(
            row.line_id, 0
        )  # never left; what got lost on its way is not on any shelf
        unsent_now[row.line_id] = min(after, here) - min(before, here)
        tally.withdrawn, tally.changed_at = tally.withdrawn + row.binding, now
        tally.save(update_fields=["withdrawn", "changed_at"])
        row.save(update_fields=["binding"])
    ending.put_back(order_id=order.pk, pieces=unsent_now, now=now)
    if _is_all_withdrawn(order) and ends_whole(order):
        _end_order(withdrawal, order, now)
        return
    if to_return:
        _open(withdrawal, order, [row.line for row in rows], to_return, now)
    goods_out = bool(to_return) or bool(sent_before)
    owe_for(order=order, withdrawal=withdrawal, goods_out=goods_out, now=now)
    for ret in sent_before:
        tell_sent(ret=ret, now=now)
    ending.end_if_nothing_left(order_id=order.pk, because=withdrawal.public_id, now=now)


def _is_all_withdrawn(order: Any) -> bool:
    bound = dict(LineTally.objects.filter(line__order=order).values_list("line_id", "withdrawn"))
    return all(bound.get(line.pk, 0) == line.quantity for line in order.lines.all())


def _end_order(withdrawal: Withdrawal, order: Any, now: datetime) -> None:
    """End an order of which nothing has left and whose goods are back on the shelf: all that was paid goes back."""
    _, refund = ending.cancel_unsent(order_id=order.pk, because=withdrawal.public_id, now=now)
    owe_whole(order=order, withdrawal=withdrawal, refund=refund, now=now)


def _open(
    withdrawal: Withdrawal, order: Any, lines: list[Any], to_return: dict[str, int], now: datetime
) -> None:
    zone = ZoneInfo(order.group.time_zone)
    declared_on = withdrawal.declared_at.astimezone(zone).date()
    cost = law.return_cost(order, lines, declared_on=declared_on)
    deadline = law.send_back_by(order, declared_on=declared_on)
    by = deadline.answer["send_back_by"]
    open_return(
        order=order,
        lines=to_return,
        reason="withdrawal",
        subject=withdrawal.public_id,
        paid_by=cost.answer["paid_by"] or "consumer",
        send_back_by=datetime.fromisoformat(by).date() if by else None,
        rulings=rulings_of([cost, deadline]),
        now=now,
    )


def _declared_line(withdrawal_id: int, line: str) -> WithdrawalLine:
    found = (
        WithdrawalLine.objects.filter(withdrawal_id=withdrawal_id, line__public_id=line)
        .values_list("pk", "line__order_id")
        .first()
    )
    if found is None:
        raise NotFound(field="line")
    after_sales.lock_orders([found[1]])
    rows = WithdrawalLine.objects.select_for_update(of=("self",)).select_related("withdrawal__group", "line")
    return rows.get(pk=found[0])
