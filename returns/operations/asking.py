"""From what is owed, as a shopper reads it, to parts of order lines, as the orders book them: sums with tax apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orders.domain.refunds import RefundPart, without_tax
from returns.domain.parts import Part, sum_of

OF_A_LINE = (
    "goods",
    "value_loss",
    "service",
    "service_used",
    "price_reduction",
    "difference",
    "supplement",
    "label",
)
LATER = ("difference", "supplement")  # of an exchange: with tax, also where prices are shown without
GIVEN = ("compensation", "return_cost")


def refund_parts(order: Any, parts: Iterable[Part]) -> tuple[RefundPart, ...]:
    """Return the parts to ask for; they add up to the same sum. Empty where a deduction is larger than its line."""
    rows = list(parts)
    lines = {line.public_id: line for line in order.lines.all()}
    found: list[RefundPart] = []
    for public_id in dict.fromkeys(part.line for part in rows if part.kind in OF_A_LINE):
        own = [part for part in rows if part.line == public_id and part.kind in OF_A_LINE]
        found += _goods(lines.get(public_id), own)
    found += _beside(order, [part for part in rows if part.kind not in OF_A_LINE])
    found = [part for part in found if part.amount_minor]
    fits = all(part.amount_minor > 0 for part in found)
    return tuple(found) if fits and sum(part.amount_minor for part in found) == sum_of(rows) else ()


def _goods(line: Any, own: list[Part]) -> list[RefundPart]:
    if line is None:
        return []
    later = sum_of(part for part in own if part.kind in LATER)
    gross, priced = sum_of(own), line.unit_price_minor * line.quantity
    net = (gross - later) * line.goods_minor // priced if priced else gross - later
    if later:
        rate, tax = line.tax_rate, line.tax_minor
        sign = 1 if later > 0 else -1
        net += sign * without_tax(
            amount=abs(later), goods=line.goods_minor, priced=priced, tax=tax, rate=rate
        )
    pieces = sum(part.quantity for part in own if part.kind == "goods")
    return [
        RefundPart(line.public_id, pieces, "goods", net),
        RefundPart(line.public_id, 0, "tax", gross - net),
    ]


def _beside(order: Any, parts: list[Part]) -> list[RefundPart]:
    found = []
    for part in parts:
        if part.kind == "delivery":
            net = min(part.amount_minor, order.shipping_minor)
            found += [
                RefundPart(None, 0, "shipping", net),
                RefundPart(None, 0, "tax", part.amount_minor - net),
            ]
        elif part.kind == "duty":
            border = order.duty_minor + order.fees_minor
            duty = part.amount_minor * order.duty_minor // border if border else part.amount_minor
            found += [
                RefundPart(None, 0, "duty", duty),
                RefundPart(None, 0, "fees", part.amount_minor - duty),
            ]
        elif part.kind == "import_tax":
            found.append(RefundPart(None, 0, "tax", part.amount_minor))
        elif part.kind in GIVEN:
            found.append(RefundPart(None, 0, "goodwill", part.amount_minor))
    return found
