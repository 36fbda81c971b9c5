"""What the label of a return costs its shopper: nothing where the seller pays, else the carrier's own price.

A price is taken off what comes back, because the shopper chose the label at that price; so it is offered only
where that sum can carry it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from catalog.queries.prices import exchange_rates
from catalog.queries.weights import weights_of
from compliance.rulebook import rates
from compliance.rulebook.words import noop as _
from marketplace.kernel.money import Money
from returns import carriers
from returns.carriers.tariff import UNKNOWN_GRAMS
from returns.domain.parts import Part, parts_of
from returns.models import OwedRefund, ReturnParcel

METHODS = ("drop_off", "pick_up")
CHARGED = ("booked", "in_transit", "delivered")  # what was called off or got lost costs nothing


def label_prices(ret: Any, *, on: date) -> dict[str, int]:
    """Return what a label costs the shopper, by method, in minor units of the order's currency.

    0 where the law, the seller's promise or a claim puts it on the seller. A method that costs more than comes
    back is left out. Four queries at most.
    """
    if ret.paid_by != "consumer" or ret.reason != "withdrawal":
        return dict.fromkeys(METHODS, 0)
    room, grams = room_for_label(ret), _grams(ret)
    where = {"sent_from": ret.market, "sent_to": str(ret.merchant.country), "grams": grams}
    fx, currency = exchange_rates(on), ret.order.currency
    asked = {method: carriers.carrier(carriers.DEFAULT).price(method=method, **where) for method in METHODS}
    prices = {
        method: Money.of(rates.convert(one.amount, one.currency, currency, fx), currency).minor
        for method, one in asked.items()
    }
    return {method: price for method, price in prices.items() if price < room}


def _grams(ret: Any) -> int:
    lines = list(ret.lines.select_related("line"))
    known = weights_of(row.line.variant_id for row in lines if row.line.variant_id)
    return sum(row.announced * (known.get(row.line.variant_id) or UNKNOWN_GRAMS) for row in lines)


def owed_rows(ret: Any) -> list[OwedRefund]:
    """Return what is owed for what a return belongs to and still counts, oldest first."""
    rows = OwedRefund.objects.filter(order_id=ret.order_id, subject=ret.subject, payment="")
    return list(rows.exclude(state="void").select_related("order__group").order_by("pk"))


def room_for_label(ret: Any) -> int:
    """Return the largest sum that is not asked for yet, without what a label took off it, in minor units."""
    found = [row for row in owed_rows(ret) if row.state in ("waiting", "due")]
    return max((row.amount_minor + taken_off(row) for row in found), default=0)


def taken_off(row: OwedRefund) -> int:
    """Return what labels took off a sum that is owed."""
    return -sum(part.amount_minor for part in parts_of(row.parts) if part.kind == "label")


def label_parts(order: Any) -> tuple[Part, ...]:
    """Return what all labels of an order take off what comes back of it."""
    rows = ReturnParcel.objects.filter(ret__order=order, state__in=CHARGED, price_minor__gt=0)
    return tuple(
        label_part(parcel.ret, -parcel.price_minor) for parcel in rows.select_related("ret").order_by("pk")
    )


def label_part(ret: Any, amount_minor: int) -> Part:
    """Return a part for the label of a return: of the line that is worth most of what goes back."""
    lines = list(ret.lines.select_related("line").order_by("pk"))
    first = max(lines, key=lambda row: row.announced * row.line.unit_price_minor)
    return Part(first.line.public_id, 0, "label", amount_minor, _("The return label that you chose."))
