"""Withdrawals as shoppers see them: what may be declared, what was declared, what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from compliance.rulebook.types import Answer
from marketplace.kernel.errors import NotFound
from orders.queries import after_sales
from orders.queries import law as orders_law
from returns.domain.declaration import with_proof
from returns.models import LineTally, OwedRefund, Return, Withdrawal, WithdrawalLine
from returns.queries.services import begun_on, is_requested, is_service

PAGE = 50


@dataclass(frozen=True, slots=True)
class LineChoice:
    """A line that can be declared on; `left` are the pieces no binding declaration names."""

    public_id: str
    title: str
    options: tuple[tuple[str, str], ...]
    quantity: int
    left: int
    right: Answer  # the withdrawal right of this line at this moment
    service_days: int = 0  # how long a service runs that began at the shopper's request
    begun_on: date | None = None


@dataclass(frozen=True, slots=True)
class OrderChoice:
    public_id: str
    seller: str
    concluded_at: datetime
    lines: tuple[LineChoice, ...]


def choices_of(group: Any) -> tuple[OrderChoice, ...]:
    """Return everything that one checkout bought, to choose from; six queries."""
    orders = after_sales.orders_of(group)
    gone = dict(LineTally.objects.filter(line__order__in=orders).values_list("line_id", "withdrawn"))
    return tuple(
        OrderChoice(
            public_id=order.public_id,
            seller=order.merchant.name,
            concluded_at=order.concluded_at,
            lines=tuple(_choice(order, line, gone.get(line.pk, 0)) for line in order.lines.all()),
        )
        for order in orders
        if order.state != "cancelled"
    )


def is_open_on(group: Any, line: str, day: date) -> bool:
    """Tell whether a line (its public id) of a checkout can be withdrawn from on a day, by law or by promise."""
    found = next((one for order in choices_of(group) for one in order.lines if one.public_id == line), None)
    if found is None or not found.right.answer["right_exists"]:
        return False
    last = found.right.answer["last_day"]
    return last is None or date.fromisoformat(last) >= day


def right_of(order: Any, line: Any) -> Answer:
    """Answer whether and until when a line can be withdrawn from, by the consents that are stored and what arrived."""
    facts = with_proof(line.rights, line.consent)
    facts.pop("card", None)
    return orders_law.withdrawal(facts, after_sales.deliveries_of(order))


def may_run(right: Answer, day: date) -> bool:
    """Tell whether a right to withdraw runs on a day, or may: where the law is not certain, it does."""
    last = right.answer["last_day"]
    return right.answer["right_exists"] is not False and (last is None or date.fromisoformat(last) >= day)


def _choice(order: Any, line: Any, gone: int) -> LineChoice:
    is_owed = is_service(line) and is_requested(line)
    return LineChoice(
        public_id=line.public_id,
        title=line.title,
        options=tuple((name, value) for name, value in line.options),
        quantity=line.quantity,
        left=line.quantity - gone,
        right=right_of(order, line),
        service_days=int(line.rights["service_days"]) if is_owed else 0,
        begun_on=begun_on(order, line) if is_owed else None,
    )


def last_days(choices: Iterable[OrderChoice]) -> list[date]:
    """Return the last days to withdraw of all lines that have one."""
    found = [line.right.answer["last_day"] for order in choices for line in order.lines]
    return [date.fromisoformat(day) for day in found if day]


def find_withdrawal(token: str) -> Withdrawal:
    """Return a declaration behind its secret link, with its lines.

    :raises NotFound: for everybody else.
    """
    found = _whole().filter(token=token).first() if token else None
    if found is None:
        raise NotFound(field="withdrawal")
    return found


def withdrawal_by_number(public_id: str, merchant_ids: Iterable[int] | None) -> Withdrawal:
    """Return a declaration by its public id, if it names something of one of these merchants; None: of whomever.

    :raises NotFound: for others it does not exist.
    """
    rows = _whole().filter(public_id=public_id)
    if merchant_ids is not None:
        rows = rows.filter(pk__in=_named(merchant_ids))
    found = rows.first()
    if found is None:
        raise NotFound(field="withdrawal")
    for row in found.lines.all():  # all lines of a declaration are of its checkout
        row.line.order.group = found.group
    return found


def withdrawals_of_merchants(merchant_ids: Iterable[int], *, before: int | None = None) -> list[Withdrawal]:
    """Return a page of the declarations that name something of these merchants, the newest first, and one row more."""
    rows = _whole().filter(pk__in=_named(merchant_ids))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: PAGE + 1])


def _named(merchant_ids: Iterable[int]) -> QuerySet[Any]:
    rows = WithdrawalLine.objects.filter(line__order__merchant__in=list(merchant_ids))
    return rows.values("withdrawal_id")


def withdrawals_of(group_id: int) -> list[Withdrawal]:
    """Return a checkout's declarations, oldest first."""
    return list(_whole().filter(group_id=group_id).order_by("pk"))


def _whole() -> QuerySet[Withdrawal]:
    lines = WithdrawalLine.objects.select_related("line__order__merchant").order_by("line_id")
    return Withdrawal.objects.select_related("group").prefetch_related(Prefetch("lines", queryset=lines))


def returns_of(subject: str) -> list[Return]:
    """Return the returns that belong to something: one per merchant."""
    rows = Return.objects.filter(subject=subject).select_related("merchant", "order__group")
    return list(rows.prefetch_related("lines__line", "parcels").order_by("pk"))


def owed_for(subject: str) -> list[OwedRefund]:
    """Return what is owed for something and still counts, oldest first."""
    rows = OwedRefund.objects.filter(subject=subject).exclude(state="void")
    return list(rows.select_related("order__group", "merchant").order_by("pk"))


def disputes() -> QuerySet[WithdrawalLine]:
    """Return the lines whose judgement is disputed, the oldest first."""
    rows = WithdrawalLine.objects.filter(state="disputed").select_related(
        "withdrawal__group", "line__order__merchant"
    )
    return rows.order_by("disputed_at", "pk")


def unmatched() -> QuerySet[Withdrawal]:
    """Return the declarations that nobody could place yet, the oldest first."""
    return Withdrawal.objects.filter(state="unmatched").order_by("received_at", "pk")
