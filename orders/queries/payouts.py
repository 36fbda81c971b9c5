"""What may be paid out to merchants, and why the rest must wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Sum

from marketplace.kernel.money import Money
from orders.models import Chargeback, Order, OrderLine, Parcel, Payment, Posting, Refund
from orders.queries import law
from orders.queries.orders import deliveries_of

NOT_ARRIVED = "the goods have not arrived"
WITHDRAWAL = "the time to withdraw runs"
REFUND = "a refund is on its way"
CHARGEBACK = "a chargeback is open"
NOT_PAID = "the payment is not whole"


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Money of one line that is held for its merchant, with the reasons why it is not due yet (none: it is)."""

    line: int
    public_id: str
    title: str
    order: str
    group: int
    merchant: int
    merchant_name: str
    held: Money
    reasons: tuple[str, ...]
    until: datetime | None  # when the time to withdraw ends, if that is known


def held_sums(*, merchant_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Return what is held by line (primary key), where it is not nothing, oldest line first. One query."""
    rows = Posting.objects.filter(account__kind="held", line__isnull=False)
    if merchant_ids is not None:
        rows = rows.filter(account__merchant__in=list(merchant_ids))
    sums = rows.values_list("line").annotate(held=Sum("amount_minor")).exclude(held=0).order_by("line")
    return {line: -int(held) for line, held in sums}


def held_lines(
    sums: dict[int, int], *, now: datetime, others: dict[str, tuple[str, ...]] | None = None
) -> list[HeldLine]:
    """Return lines of `held_sums` with this app's reasons to wait; `others` are those of the registry.

    A fixed number of queries, whatever the number of lines.
    """
    lines = list(
        OrderLine.objects.filter(pk__in=sums).select_related("order__merchant", "order__group").order_by("pk")
    )
    orders = _orders({line.order_id for line in lines})
    busy = _busy(orders.values())
    found = []
    for line in lines:
        order = orders[line.order_id]
        own, until = _own_reasons(line, order, now)
        reasons = (
            *own,
            *busy.get(order.group_id, ()),
            *_refunds(order),
            *(others or {}).get(line.public_id, ()),
        )
        found.append(
            HeldLine(
                line=line.pk,
                public_id=line.public_id,
                title=line.title,
                order=order.public_id,
                group=order.group_id,
                merchant=order.merchant_id,
                merchant_name=order.merchant.name,
                held=Money(sums[line.pk], line.currency),
                reasons=tuple(dict.fromkeys(reasons)),
                until=until,
            )
        )
    return found


def line_ids(sums: dict[int, int]) -> list[str]:
    """Return the public ids of lines, as the registry of holds asks for them."""
    return list(OrderLine.objects.filter(pk__in=sums).order_by("pk").values_list("public_id", flat=True))


def _orders(ids: set[int]) -> dict[int, Order]:
    rows = Order.objects.filter(pk__in=ids).select_related("group", "merchant")
    return {
        order.pk: order
        for order in rows.prefetch_related(
            Prefetch("lines", queryset=OrderLine.objects.order_by("position")),
            Prefetch("parcels", queryset=Parcel.objects.prefetch_related("lines__line").order_by("pk")),
            Prefetch("refunds", queryset=Refund.objects.filter(state=Refund.State.REQUESTED)),
        )
    }


def _busy(orders: Iterable[Order]) -> dict[int, tuple[str, ...]]:
    """Return what stands against whole groups: a chargeback, or a payment that did not come whole."""
    groups = {order.group_id: order.group for order in orders}
    found: dict[int, list[str]] = {}
    for group in Chargeback.objects.filter(
        payment__group__in=groups, state=Chargeback.State.OPEN
    ).values_list("payment__group", flat=True):
        found.setdefault(group, []).append(CHARGEBACK)
    paid = dict(
        Payment.objects.filter(group__in=groups, purpose="order")
        .values_list("group")
        .annotate(Sum("captured_minor"))
    )
    for pk, group in groups.items():
        if paid.get(pk, 0) < group.total_minor:
            found.setdefault(pk, []).append(NOT_PAID)
    return {group: tuple(reasons) for group, reasons in found.items()}


def _own_reasons(line: OrderLine, order: Order, now: datetime) -> tuple[Sequence[str], datetime | None]:
    if order.state == Order.State.CANCELLED:
        return (), None
    if order.state != Order.State.DELIVERED:
        return (NOT_ARRIVED,), None
    until = withdrawal_ends(line, order)
    if until is None or until <= now:
        return (), until
    return (WITHDRAWAL,), until


def withdrawal_ends(line: OrderLine, order: Order) -> datetime | None:
    """Return the instant at which a delivered line can no longer be withdrawn from; None where there is no right.

    A right without an end that the law can name is taken as running for good.
    """
    told = law.withdrawal(line.rights, deliveries_of(order)).answer
    if not told["right_exists"]:
        return None
    if not told["ends_at"]:
        return datetime.max.replace(tzinfo=order.concluded_at.tzinfo) - timedelta(days=2)
    return datetime.fromisoformat(told["ends_at"])


def _refunds(order: Order) -> tuple[str, ...]:
    return (REFUND,) if order.refunds.all() else ()
