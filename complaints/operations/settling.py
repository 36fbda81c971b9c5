"""What was decided or agreed is carried out on the order, once, through the operations of orders and returns.

Under the ticket's lock a settlement is written with its key; money is asked for under the same key, so that neither
retries nor two people can pay twice. What became of the money comes back as news of the refund.

Lock order: the ticket, its settlement, then what the lower apps lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from complaints.domain.errors import Incomplete, NoOrder
from complaints.domain.remedies import GIVEN, GOODS, MONEY, OF_SUM, ON_ORDER, SETTLEMENT, WHOLE_ORDER
from complaints.domain.states import may, next_state
from complaints.events import SettlementChanged
from complaints.models import Decision, Gesture, Settlement, Ticket
from complaints.operations.tickets import lock_ticket, record
from complaints.queries.exchanges import WHY_NOT, exchange_choice
from compliance.rulebook.words import noop as _
from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from orders import operations as orders
from orders.domain.errors import NothingToRefund
from orders.domain.refunds import GOODWILL, RefundPart
from orders.operations.refunds import AGAIN
from orders.queries import after_sales
from orders.queries.refunds import lines_left, parts_for_amount, refundable
from returns import operations as returns
from returns.operations import Filed

KINDS = {
    "defective": "defective", "warranty": "defective", "damaged": "damaged", "wrong_item": "wrong",
    "unsafe": "unsafe", "not_delivered": "not_arrived",
}  # fmt: skip
_STATES = {"done": "pay", "failed": "fail"}  # of a refund → what it does to its settlement


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be brought about on an order: under which key, which remedy, the sum or the line, and why."""

    key: str
    remedy: str
    amount: Money | None
    line: str
    reason: str


def check_remedy(
    row: Ticket, remedy: str, amount: Money | None, line: str, *, now: datetime
) -> tuple[Money | None, str]:
    """Return sum and line of a remedy as they can be carried out on a ticket's order.

    Without a line it is for the one that the complaint is about, if it is about one; `WHOLE_ORDER` is for all. A
    refund without a sum (None, not nothing) is of everything that is left of them; goods are of one line.

    :raises NoOrder: for money or goods without an order.
    :raises Incomplete: naming the field, for a sum or line that cannot be.
    """
    if remedy and remedy not in GIVEN:
        raise Incomplete(_("This is not one of the choices."), field="remedy")
    if remedy not in MONEY and amount is not None:
        raise Incomplete(_("This remedy has no sum."), field="amount")
    if remedy not in ON_ORDER:
        return None, ""
    order = order_of(row)
    known = [one.public_id for one in order.lines.all()]
    about = row.about if row.about in known else ""
    chosen = "" if line == WHOLE_ORDER else line or about
    if chosen and chosen not in known:
        raise Incomplete(_("This is not a line of the order."), field="line")
    if remedy in GOODS:
        if not chosen and len(known) > 1:
            raise Incomplete(_("Choose which thing of the order it is for."), field="line")
        chosen = chosen or known[0]
        if remedy == "exchange":
            _check_exchange(row, order, chosen, now)
        return None, chosen
    if remedy in OF_SUM and amount is None:
        raise Incomplete(_("Name the sum."), field="amount")
    if amount is not None and amount.minor <= 0:
        raise Incomplete(_("Name a sum above nothing."), field="amount")
    whole = _left(order, chosen) if amount is None else amount
    if whole.currency != order.currency or whole.minor <= 0:
        raise Incomplete(_("There is nothing left to pay back on this order."), field="amount")
    return whole, chosen


def _check_exchange(row: Ticket, order: Any, line: str, now: datetime) -> None:
    reason = exchange_choice(order, line, language=row.language, now=now).reason
    if reason:
        raise Incomplete(WHY_NOT[reason], field="remedy")


def _left(order: Any, line: str) -> Money:
    """Return what may still go back for an order, or for one of its lines."""
    whole = refundable(order)
    if not line:
        return whole
    of_line = sum(one.total for one in lines_left(order.lines.filter(public_id=line)))
    return Money(min(of_line, whole.minor), order.currency)


def order_of(row: Ticket) -> Any:
    order = after_sales.order_by_public_id(row.order) if row.order else None
    if order is None:
        raise NoOrder(field="remedy")
    return order


def settle(*, row: Ticket, decision: Decision, now: datetime) -> Settlement | None:
    """Carry out what a decision gives, on a locked ticket; again it is the same. None if it gives nothing on an order.

    :raises NothingToRefund: if that much is not left to pay back (of orders).
    """
    if decision.remedy not in ON_ORDER:
        return None
    due = Due(
        f"decision:{decision.public_id}",
        decision.remedy,
        _amount_of(decision),
        decision.line,
        decision.reason,
    )
    return _bring_about(row, due, now, decision=decision)


def settle_gesture(*, row: Ticket, gesture: Gesture, now: datetime) -> Settlement:
    """Carry out what the desk gives in passing, on a locked ticket; again it is the same.

    :raises NothingToRefund: if that much is not left to pay back (of orders).
    """
    due = Due(f"gesture:{gesture.public_id}", gesture.kind, _amount_of(gesture), gesture.line, gesture.words)
    return _bring_about(row, due, now, gesture=gesture)


def _amount_of(one: Decision | Gesture) -> Money | None:
    return None if one.amount_minor is None else Money(one.amount_minor, one.currency)


def _bring_about(row: Ticket, due: Due, now: datetime, **of: Decision | Gesture) -> Settlement:
    known = Settlement.objects.filter(key=due.key).first()
    if known is not None:
        return known
    state, ref = _begin(row, due, now)
    made = Settlement.objects.create(
        ticket=row, key=due.key, order=row.order, line=due.line, remedy=due.remedy,
        amount_minor=due.amount.minor if due.amount else None, currency=due.amount.currency if due.amount else "",
        state=state, ref=ref, asked_at=now, changed_at=now, done_at=now if state == "done" else None, **of,
    )  # fmt: skip
    _told(row, made, now)
    return made


def _begin(row: Ticket, due: Due, now: datetime) -> tuple[str, str]:
    """Ask the lower apps for what is due; return the settlement's first state and what stands for it."""
    if due.amount is not None:
        return "pending", _pay(row, due, due.amount, now)
    if due.remedy == "exchange":
        return "choosing", ""
    if due.remedy == "return_label":
        return "done", _open_return(row, due, now)
    return "done", _open_claim(row, due, now)


def _pay(row: Ticket, due: Due, amount: Money, now: datetime) -> str:
    order = order_of(row)
    if due.remedy == "goodwill":
        parts: tuple[RefundPart, ...] = (RefundPart(None, 0, GOODWILL, amount.minor),)
    else:
        parts = parts_for_amount(order, amount, lines=[due.line] if due.line else [])
        if not parts:  # without parts it would be spread over the neighbours as well
            left = _left(order, due.line)
            raise NothingToRefund(left_minor=left.minor, asked_minor=amount.minor, currency=amount.currency)
    refund = orders.request_refund(
        order=order,
        amount=amount,
        key=f"complaint:{due.key}",
        because=f"Complaint {row.public_id}",
        now=now,
        parts=parts,
    )
    return refund.public_id


def _open_return(row: Ticket, due: Due, now: datetime) -> str:
    order, line = _line_of(row, due)
    sent = after_sales.shipped_quantities(order).get(line.pk, 0)
    if not sent:
        raise Incomplete(_("Nothing of this has been sent, so nothing can come back."), field="line")
    ret = returns.open_return(
        order=order,
        lines={line.public_id: sent},
        reason="claim",
        subject=row.public_id,
        paid_by="merchant",
        now=now,
    )
    returns.issue_label(return_id=ret.pk, method="drop_off", now=now)
    return ret.public_id


def _open_claim(row: Ticket, due: Due, now: datetime) -> str:
    order, line = _line_of(row, due)
    noticed = row.received_at.astimezone(ZoneInfo(order.group.time_zone)).date()
    claim = returns.file_claim(
        order=order, line=line.public_id, key=f"complaint:{due.key}", now=now,
        filed=Filed(
            kind=KINDS.get(row.topic, "not_as_described"), quantity=line.quantity, said=due.reason,
            noticed_on=noticed, wanted=due.remedy, language=row.language,
        ),
    )  # fmt: skip
    return claim.public_id


def _line_of(row: Ticket, due: Due) -> tuple[Any, Any]:
    order = order_of(row)
    return order, next(one for one in order.lines.all() if one.public_id == due.line)


@transaction.atomic
def follow_refund(*, refund: str, now: datetime) -> Settlement | None:
    """Write down what became of the money of a settlement; old news and other people's refunds change nothing."""
    money = after_sales.refund_by_public_id(refund)
    action = _STATES.get(money.state, "") if money is not None else ""
    if money is None or not action:
        return None
    names = {money.public_id, money.key.removeprefix(AGAIN)}  # asked again elsewhere, it is ours as well
    found = Settlement.objects.filter(ref__in=names).values_list("pk", "ticket__public_id").first()
    if found is None:
        return None
    row = lock_ticket(found[1])
    one = Settlement.objects.select_for_update(of=("self",)).get(pk=found[0])
    if one.ref != money.public_id and one.state == "failed":
        one.ref, one.state, one.attempts = (
            money.public_id,
            next_state(SETTLEMENT, one.state, "retry"),
            one.attempts + 1,
        )
    if one.ref != money.public_id or not may(SETTLEMENT, one.state, action):
        return one
    one.state = next_state(SETTLEMENT, one.state, action)
    one.failure, one.done_at = (money.failure, None) if action == "fail" else ("", money.done_at)
    keep(row, one, now)
    return one


@transaction.atomic
def retry_settlement(*, settlement: str, actor: str, now: datetime) -> Settlement:
    """Ask again for money that did not go; pressed twice, or by two, it is asked for once.

    :raises NothingToRefund: if that money went back another way meanwhile (of orders).
    """
    ticket = (
        Settlement.objects.filter(public_id=settlement).values_list("ticket__public_id", flat=True).first()
    )
    if ticket is None:
        raise NotFound(field="settlement")
    row = lock_ticket(ticket)
    one = Settlement.objects.select_for_update(of=("self",)).get(public_id=settlement)
    if one.state != "failed":
        return one
    again = orders.repeat_refund(refund_id=one.ref, now=now)
    one.state, one.ref = next_state(SETTLEMENT, one.state, "retry"), again.public_id
    one.attempts, one.failure = one.attempts + 1, ""
    keep(row, one, now, actor)
    return one


def keep(row: Ticket, one: Settlement, now: datetime, actor: str = "clock") -> None:
    """Write a settlement back that changed, on a locked ticket, and tell of it."""
    one.changed_at = now
    one.save(update_fields=["state", "ref", "attempts", "failure", "done_at", "changed_at"])
    _told(row, one, now, actor)
    row.version += 1
    row.save(update_fields=["version"])


def _told(row: Ticket, one: Settlement, now: datetime, actor: str = "clock") -> None:
    record(
        row, "settlement", actor=actor, at=now, now=now, settlement=one.public_id, state_of=one.state,
        remedy=one.remedy, ref=one.ref, reason=one.failure,
    )  # fmt: skip
    outbox.publish(SettlementChanged(row.public_id, one.public_id, one.state))
