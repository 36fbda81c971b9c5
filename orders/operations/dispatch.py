"""Many parcels at once, from a merchant's table of tracking numbers: each is recorded whole, or refused with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from marketplace.kernel.errors import Conflict, Invalid, NotFound, RightfulError
from orders.domain.tracking import OTHER, carriers, carriers_of
from orders.domain.tracking_file import TrackingRow, parcels_of
from orders.models import Order, Parcel
from orders.operations.fulfilment import Packed, ship_parcel
from orders.operations.withheld import left_to_ship


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of the rows of one parcel: the parcel, or the error that refused it."""

    line: int  # of the first row
    order: str
    tracking_number: str
    parcel: str = ""
    pieces: int = 0
    error: RightfulError | None = None


def dispatch_parcels(
    *,
    merchant_ids: Collection[int],
    rows: Sequence[TrackingRow],
    recorded_by: str,
    now: datetime,
    dry: bool = False,
) -> list[Dispatched]:
    """Record the parcels of a table; return what became of each, in its order.

    A parcel that is refused leaves no trace, the others are recorded. The same table again is refused row by
    row, since nothing is left to send. `dry` tells what would happen and keeps nothing.
    """
    with transaction.atomic():
        _lock(merchant_ids, rows)
        done = [_dispatch(merchant_ids, some, recorded_by, now) for some in parcels_of(list(rows))]
        if dry:
            transaction.set_rollback(True)
    return done


def _dispatch(
    merchant_ids: Collection[int], rows: Sequence[TrackingRow], recorded_by: str, now: datetime
) -> Dispatched:
    first = rows[0]
    try:
        with transaction.atomic():
            order = _order(merchant_ids, first.order)
            packed = _packed(order, rows)
            number = first.tracking_number
            carrier = _carrier(first.carrier, number)
            parcel = ship_parcel(
                order_id=order.pk, packed=packed, carrier=carrier, tracking_number=number, recorded_by=recorded_by,
                now=now,
            )  # fmt: skip
            if (
                number
                and Parcel.objects.filter(order=order, tracking_number=parcel.tracking_number).count() > 1
            ):
                raise Conflict(
                    "A parcel with this tracking number is recorded already.", field="tracking_number"
                )
        pieces = sum(one.quantity for one in packed)
        return Dispatched(first.line, order.public_id, parcel.tracking_number, parcel.public_id, pieces)
    except RightfulError as error:
        return Dispatched(first.line, first.order, first.tracking_number, error=error)


def _lock(merchant_ids: Collection[int], rows: Sequence[TrackingRow]) -> None:
    """Lock every order that the table names, in primary-key order."""
    names = {row.order for row in rows}
    numbers = [int(name) for name in names if _is_number(name)]
    named = Q(public_id__in=[name.upper() for name in names]) | Q(number__in=numbers)
    list(Order.objects.select_for_update().filter(named, merchant__in=list(merchant_ids)).order_by("pk"))


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 10


def _order(merchant_ids: Collection[int], name: str) -> Order:
    """Return an order by its public id, or by its number where the merchant has only one such."""
    known = Q(public_id=name.upper()) | (Q(number=int(name)) if _is_number(name) else Q())
    rows = Order.objects.filter(known, merchant__in=list(merchant_ids))
    found = list(rows.exclude(state=Order.State.AWAITING_PAYMENT).order_by("pk")[:2])
    if len(found) > 1:
        raise Invalid(
            "Several of your shops have an order of this number. Use the order's code.", field="order"
        )
    if not found:
        raise NotFound("You have no order of this code or number.", field="order")
    return found[0]


def _packed(order: Order, rows: Sequence[TrackingRow]) -> list[Packed]:
    left = left_to_ship(order)
    if not any(left.values()):
        raise Conflict("Nothing of this order is left to send.", field="order")
    if not rows[0].sku:
        return [Packed(line, quantity) for line, quantity in left.items() if quantity]
    lines = {line.sku: line.public_id for line in order.lines.all()}
    missing = next((row for row in rows if row.sku not in lines), None)
    if missing:
        raise NotFound("The order has no article of this number.", field="sku", sku=missing.sku)
    return [Packed(lines[row.sku], row.quantity or left[lines[row.sku]]) for row in rows]


def _carrier(name: str, number: str) -> str:
    """Return a carrier by its code or name; without one, that of which the number has the shape."""
    if not name:
        return next(iter(carriers_of(number)), OTHER) if number else OTHER
    wanted = name.strip().lower()
    known = (code for code, carrier in carriers().items() if wanted in (code, carrier.name.lower()))
    return next(known, OTHER if wanted == OTHER else name)
