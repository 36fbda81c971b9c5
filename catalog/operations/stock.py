"""Keep count: what is on the shelf, what is held for a checkout, what was sold and came back.

Lock order of the whole catalogue: listings, then stock, then reservations, each by primary key.
A reservation locks stock alone, so checkouts never wait for a merchant's edit; lists learn of a
sold-out variant by the event AvailabilityChanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from catalog.domain.errors import OutOfStock, ReservationLost
from catalog.events import AvailabilityChanged
from catalog.models import Stock, StockMovement, StockReservation, Variant
from catalog.operations.reading import refresh_listings
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid
from marketplace.kernel.prepared import Statement, prepared
from marketplace.kernel.written import insert, joined, update_all

Held = StockReservation.State.HELD
_MOVE = Statement(
    "catalog.move_stock",
    "UPDATE catalog_stock SET reserved = reserved + %s, on_hand = on_hand + %s WHERE variant_id = %s"
    " RETURNING variant_id",
)
_EXTEND = Statement(
    "catalog.hold_longer",
    "UPDATE catalog_stockreservation SET expires_at = %s WHERE holder = %s AND state = %s RETURNING id",
)


@transaction.atomic
def set_stock(*, variant_id: int, on_hand: int, now: datetime, reference: str = "") -> Stock:
    """Say how many are on the shelf, as counted.

    :raises Invalid: below what checkouts hold at this moment.
    """
    return _change(variant_id, lambda stock: on_hand - stock.on_hand, "set", reference, now)


@transaction.atomic
def adjust_stock(*, variant_id: int, delta: int, reason: str, now: datetime, reference: str = "") -> Stock:
    """Put back or take off some, and say why (cancelled, returned, lost, found).

    :raises Invalid: below what checkouts hold at this moment.
    """
    return _change(variant_id, lambda _: delta, reason, reference, now)


def _change(variant_id: int, delta_of: Any, reason: str, reference: str, now: datetime) -> Stock:
    variant = Variant.objects.select_related("listing").select_for_update(of=("listing",)).get(pk=variant_id)
    Stock.objects.bulk_create([Stock(variant_id=variant_id)], ignore_conflicts=True)
    stock = _locked([variant_id])[variant_id]
    delta = delta_of(stock)
    if stock.on_hand + delta < stock.reserved:
        raise Invalid(
            "%(reserved)s are held for checkouts at this moment.",
            field="on_hand",
            reserved=stock.reserved,
        )
    if delta:
        was_there = _is_there(stock)
        stock.on_hand += delta
        stock.save(update_fields=["on_hand"])
        StockMovement.objects.create(
            variant_id=variant_id, delta=delta, reason=reason, reference=reference, at=now
        )
        if was_there != _is_there(stock):
            refresh_listings(listing_ids=[variant.listing_id], now=now, words=False)
    return stock


@joined
def reserve_stock(
    *,
    holder: str,
    items: Sequence[tuple[int, int]],
    until: datetime,
    now: datetime,
    is_new: bool = False,
) -> list[StockReservation]:
    """Hold goods for one checkout until an instant; what the holder held before is replaced.

    `items` are (variant id, quantity). Either everything is held or nothing. `is_new` says that nobody can know the
    holder's name yet, so that nothing is held under it.

    :raises OutOfStock: with every shortage: [{"variant", "variant_id", "asked", "left"}].
    """
    wanted = _summed(items)
    stock = _locked({*wanted, *(() if is_new else _variants_held_by(holder))})
    _drop_expired(stock, holder, now)
    own = {} if is_new else {row.variant_id: row.quantity for row in _held_by_locked(holder)}
    _refuse_shortages(wanted, own, stock)
    if own:
        _held(holder).update(state=StockReservation.State.RELEASED)
    _move_reserved(stock, {pk: wanted.get(pk, 0) - own.get(pk, 0) for pk in {*wanted, *own}})
    return insert(
        [
            StockReservation(
                holder=holder, variant_id=pk, quantity=quantity, expires_at=until, created_at=now
            )
            for pk, quantity in sorted(wanted.items())
        ]
    )


def _summed(items: Sequence[tuple[int, int]]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for variant_id, quantity in items:
        if quantity < 1:
            raise Invalid("The quantity is at least one.", field="quantity")
        wanted[variant_id] = wanted.get(variant_id, 0) + quantity
    return wanted


def _locked(variant_ids: Iterable[int]) -> dict[int, Stock]:
    """Lock stock rows in the order of their keys and return them."""
    return {row.pk: row for row in _stock_locked(sorted(variant_ids))}


@prepared
def _stock_locked(variant_ids: list[int]) -> QuerySet[Stock]:
    return Stock.objects.select_for_update().filter(pk__in=variant_ids).order_by("pk")


@prepared
def _held_by(holder: str) -> QuerySet[StockReservation]:
    return _held(holder)


@prepared
def _held_by_locked(holder: str) -> QuerySet[StockReservation]:
    return _held(holder).select_for_update().order_by("pk")


@prepared
def _held_locked(holder: str, variant_ids: list[int]) -> QuerySet[StockReservation]:
    return _held(holder).select_for_update().filter(variant_id__in=variant_ids).order_by("pk")


@prepared
def _lapsed_locked(variant_ids: list[int], holder: str, now: datetime) -> QuerySet[StockReservation]:
    lapsed = StockReservation.objects.filter(variant_id__in=variant_ids, state=Held, expires_at__lte=now)
    return lapsed.exclude(holder=holder).select_for_update().order_by("pk")


def _variants_held_by(holder: str) -> list[int]:
    return sorted({row.variant_id for row in _held_by(holder)})


def _held(holder: str) -> Any:
    return StockReservation.objects.filter(holder=holder, state=Held)


def _drop_expired(stock: dict[int, Stock], holder: str, now: datetime) -> None:
    """Free what others' lapsed checkouts still hold, so that nobody is refused for it."""
    _let_go(stock, _lapsed_locked(list(stock), holder, now))


def _let_go(stock: dict[int, Stock], rows: Sequence[StockReservation]) -> None:
    if rows:
        update_all(StockReservation, [row.pk for row in rows], state=StockReservation.State.RELEASED)
        _move_reserved(stock, _sums(rows, sign=-1))


def _sums(rows: Sequence[StockReservation], *, sign: int) -> dict[int, int]:
    totals: dict[int, int] = {}
    for row in rows:
        totals[row.variant_id] = totals.get(row.variant_id, 0) + sign * row.quantity
    return totals


def _refuse_shortages(wanted: dict[int, int], own: dict[int, int], stock: dict[int, Stock]) -> None:
    short = [
        {"variant_id": pk, "asked": quantity, "left": left}
        for pk, quantity in sorted(wanted.items())
        if (left := _left(stock.get(pk)) + own.get(pk, 0)) < quantity
    ]
    if short:
        names = dict(
            Variant.objects.filter(pk__in=[s["variant_id"] for s in short]).values_list("pk", "public_id")
        )
        raise OutOfStock(shortages=[{**s, "variant": names.get(s["variant_id"], "")} for s in short])


def _left(stock: Stock | None) -> int:
    return stock.on_hand - stock.reserved if stock else 0


def _is_there(stock: Stock) -> bool:
    return stock.on_hand > stock.reserved


def _move_reserved(stock: dict[int, Stock], deltas: dict[int, int], *, sold: bool = False) -> None:
    """Change what is reserved (and, when sold, what is on the shelf); tell the lists what ran out or came back.

    The arithmetic is the database's, under a check constraint: without the lock it refuses, it never oversells.
    """
    turned = []
    for pk, delta in sorted(deltas.items()):
        if not delta:
            continue
        row, was_there = stock[pk], _is_there(stock[pk])
        row.reserved += delta
        row.on_hand += delta if sold else 0
        _MOVE([delta, delta if sold else 0, pk])
        if was_there != _is_there(row):
            turned.append(pk)
    if turned:
        outbox.publish(AvailabilityChanged(tuple(turned)))


def extend_reservations(*, holder: str, until: datetime) -> int:
    """Hold what is held longer; return how many lines that is."""
    return len(_EXTEND([until, holder, Held]))


@transaction.atomic
def release_reservations(*, holder: str, now: datetime) -> int:
    """Let go of everything a checkout holds; return how many lines that was. Repeating it changes nothing."""
    stock = _locked(_variants_held_by(holder))
    rows = _held_locked(holder, list(stock))
    _let_go(stock, rows)
    return len(rows)


@joined
def take_reservation(
    *, holder: str, reference: str, now: datetime, wanted: Mapping[int, int] | None = None
) -> list[StockReservation]:
    """Turn what a checkout holds into goods sold. A hold that has lapsed but was not given away still counts.

    Nothing is written before it is known to be held, so that a caller may reserve again after the refusal.

    :raises ReservationLost: if nothing is held any more, or other than the quantities `wanted` by variant id.
    """
    if wanted is None:
        stock = _locked(_variants_held_by(holder))
        rows = _held_locked(holder, list(stock))
    else:  # what is held beside it is a refusal below, so that nothing whose stock is not locked is ever taken
        stock = _locked(wanted)
        rows = _held_by_locked(holder)
    if not rows or (wanted is not None and {row.variant_id: row.quantity for row in rows} != wanted):
        raise ReservationLost(holder=holder)
    update_all(StockReservation, [row.pk for row in rows], state=StockReservation.State.TAKEN)
    deltas = _sums(rows, sign=-1)
    _move_reserved(stock, deltas, sold=True)
    insert(
        [
            StockMovement(variant_id=pk, delta=d, reason="sold", reference=reference, at=now)
            for pk, d in deltas.items()
        ]
    )
    return rows


@transaction.atomic
def release_expired(*, now: datetime, limit: int = 500) -> list[str]:
    """Let go of lapsed holds, the oldest first; return their holders."""
    due = StockReservation.objects.filter(state=Held, expires_at__lte=now).order_by("expires_at")[:limit]
    found = list(due.values_list("pk", "variant_id"))
    stock = _locked({variant_id for _, variant_id in found})
    rows = list(
        StockReservation.objects.select_for_update()
        .filter(pk__in=[pk for pk, _ in found], state=Held, expires_at__lte=now)
        .order_by("pk")
    )
    _let_go(stock, rows)
    return sorted({row.holder for row in rows})
