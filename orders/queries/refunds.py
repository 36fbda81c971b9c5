"""What may still go back: by line and kind, and what a refund was made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Sum

from marketplace.kernel.money import Money
from orders.domain.refunds import (
    OWED,
    LineLeft,
    RefundPart,
    parts_of_amount,
    parts_of_pieces,
)
from orders.models import Order, OrderLine, Payment, Refund, RefundLine, Supplement


def lines_left(lines: Iterable[OrderLine]) -> list[LineLeft]:
    """Return what of each line no refund stands for, in the order given. One query.

    Refunds on their way count; failed ones do not. Call it under the lock of the group's payments
    (`request_refund` does) if something is decided by it.
    """
    rows = list(lines)
    taken: dict[tuple[int, str], tuple[int, int]] = {
        (line, kind): (amount, pieces)
        for line, kind, amount, pieces in RefundLine.objects.filter(line__in=rows)
        .exclude(refund__state=Refund.State.FAILED)
        .values_list("line", "kind")
        .annotate(Sum("amount_minor"), Sum("quantity"))
        .values_list("line", "kind", "amount_minor__sum", "quantity__sum")
    }
    added = supplements_of(rows)
    return [_left(row, taken, added.get(row.pk)) for row in rows]


def supplements_of(lines: Iterable[OrderLine]) -> dict[int, Supplement]:
    """Return what was paid later for lines, summed up by the line's key. One query."""
    found: dict[int, Supplement] = {}
    for row in Supplement.objects.filter(line__in=list(lines), state="paid"):
        known = found.setdefault(row.line_id, Supplement(line_id=row.line_id, goods_minor=0, amount_minor=0))
        for name in ("goods_minor", "tax_minor", "amount_minor", "commission_minor", "commission_tax_minor"):
            setattr(known, name, getattr(known, name) + getattr(row, name))
    return found


def _left(
    row: OrderLine, taken: dict[tuple[int, str], tuple[int, int]], added: Supplement | None
) -> LineLeft:
    left = {
        kind: getattr(row, f"{kind}_minor")
        + getattr(added, f"{kind}_minor", 0)
        - taken.get((row.pk, kind), (0, 0))[0]
        for kind in OWED
    }
    pieces = row.quantity - taken.get((row.pk, "goods"), (0, 0))[1]
    return LineLeft(row.public_id, row.quantity, max(pieces, 0), left)


def parts_for_pieces(
    order: Order, pieces: dict[str, int], *, with_shipping: bool = False
) -> tuple[RefundPart, ...]:
    """Return the refund of so many pieces of lines (by public id): goods, duty, fees and their tax.

    With `with_shipping` also each named line's share of delivery, as it was paid. Two queries.
    """
    lines = lines_left(order.lines.filter(public_id__in=list(pieces)).order_by("position"))
    return tuple(
        part for one in lines for part in parts_of_pieces(one, pieces[one.line], with_shipping=with_shipping)
    )


def parts_for_amount(order: Order, amount: Money, *, lines: Sequence[str] = ()) -> tuple[RefundPart, ...]:
    """Return a sum with tax as parts of these lines (all if none are named), each at its own rate of tax.

    Empty if less than that is left. Two queries.
    """
    rows = order.lines.order_by("position")
    chosen = rows.filter(public_id__in=list(lines)) if lines else rows
    return parts_of_amount(lines_left(chosen), amount.minor)


def refundable(order: Order) -> Money:
    """Return the most that may go back for an order at this moment: of its lines and of what was paid."""
    of_lines = sum(one.total for one in lines_left(order.lines.all()))
    payments = Payment.objects.filter(group_id=order.group_id, is_surplus=False)
    of_payments = sum(max(left_of(payment), 0) for payment in payments)
    return Money(max(min(of_lines, of_payments), 0), order.currency)


def left_of(payment: Payment) -> int:
    """Return what of a payment may go back: taken, not refunded, not taken back by a bank. Minor units."""
    return payment.captured_minor - payment.refunded_minor - payment.disputed_minor
