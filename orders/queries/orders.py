"""Orders as shoppers and merchants see them: frozen views with the rights that run at this moment.

Language-neutral: keys, instants and days; edges put them into words. The rights are asked with the
facts that were frozen on each line, so that the law of the contract's day answers, and with the
deliveries as they really were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from compliance.rulebook.types import Answer
from marketplace.accounts.models import Merchant, User
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import Money
from marketplace.kernel.prepared import attach, prepared
from orders.domain.tracking import OTHER, carriers, tracking_url
from orders.models import Invoice, Order, OrderGroup, OrderLine, Parcel, ParcelLine, Refund
from orders.queries import law

SHIP_SOON = timedelta(days=2)  # how long before the promised day an unshipped order calls for attention


@dataclass(frozen=True, slots=True)
class Step:
    """One step on an order's way: placed, paid, shipped, delivered, cancelled, refunded."""

    key: str
    at: datetime | None
    is_done: bool
    parcel: str = ""


@dataclass(frozen=True, slots=True)
class ParcelView:
    public_id: str
    state: str
    carrier: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime
    delivered_at: datetime | None
    lines: tuple[tuple[str, int], ...]  # (title, quantity)


@dataclass(frozen=True, slots=True)
class LineView:
    """One line with the rights that run on it."""

    public_id: str
    listing: str
    title: str
    options: tuple[tuple[str, str], ...]
    quantity: int
    left_to_ship: int
    unit: Money
    total: Money
    withdrawal: Answer
    guarantee: Answer | None  # None until it is delivered
    promised: Mapping[str, Any]  # as it was described in the contract


@dataclass(frozen=True, slots=True)
class OrderView:
    """The contract with one merchant, as it stands."""

    public_id: str
    number: int
    merchant: str
    merchant_name: str
    merchant_slug: str
    state: str
    currency: str
    amounts: dict[str, int]
    concluded_at: datetime
    deliver_from: date | None
    deliver_by: date | None
    time_zone: str
    timeline: tuple[Step, ...]
    parcels: tuple[ParcelView, ...]
    lines: tuple[LineView, ...]
    delivery: Answer
    contract_digest: str
    invoices: tuple[str, ...]  # "2026-000001"
    credit_notes: tuple[str, ...]  # "CN-2026-000001"
    supplements: tuple[str, ...] = ()  # "SI-2026-000001": invoices of what was paid later


@dataclass(frozen=True, slots=True)
class GroupView:
    """Everything that one checkout bought."""

    public_id: str
    token: str
    email: str
    market: str
    language: str
    currency: str
    address: dict[str, str]
    amounts: dict[str, int]
    placed_at: datetime
    orders: tuple[OrderView, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """An order that a merchant should look at today, and why: ship, late, lost, unpaid."""

    order: str
    number: int
    why: str
    due_on: date | None
    total: Money


SUMS = (
    "goods_minor",
    "shipping_minor",
    "duty_minor",
    "tax_minor",
    "fees_minor",
    "total_minor",
    "border_minor",
)


def find_group(*, token: str, user: User | None = None) -> OrderGroup:
    """Return the order group behind a secret link; one that an account owns opens for that account alone.

    :raises NotFound: for everybody else.
    """
    found = _by_token.first(token) if token else None
    if found is None or (found.user_id is not None and (user is None or user.pk != found.user_id)):
        raise NotFound(field="order")
    orders = _orders_of(found.pk)
    attach([found], "orders", orders)
    keys = [order.pk for order in orders]
    attach(orders, "lines", _lines_of(keys))
    parcels = _parcels_of(keys)
    attach(orders, "parcels", parcels)
    attach(parcels, "lines", _parcel_lines_of([parcel.pk for parcel in parcels]))
    attach(orders, "refunds", _refunds_of(keys))
    attach(orders, "invoices", _invoices_of(keys))
    return found


@prepared
def _by_token(token: str) -> QuerySet[OrderGroup]:
    return OrderGroup.objects.filter(token=token)


@prepared
def _orders_of(group_id: int) -> QuerySet[Order]:
    orders = Order.objects.filter(group_id=group_id).select_related("merchant", "snapshot").order_by("pk")
    return orders.defer("landed", "snapshot__content", "snapshot__pdf")  # large, and for documents alone


@prepared
def _lines_of(order_ids: list[int]) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order_id__in=order_ids).order_by("position").defer("rulings")


@prepared
def _parcels_of(order_ids: list[int]) -> QuerySet[Parcel]:
    return Parcel.objects.filter(order_id__in=order_ids).order_by("pk")


@prepared
def _parcel_lines_of(parcel_ids: list[int]) -> QuerySet[ParcelLine]:
    return ParcelLine.objects.filter(parcel_id__in=parcel_ids).select_related("line").order_by("pk")


@prepared
def _refunds_of(order_ids: list[int]) -> QuerySet[Refund]:
    return Refund.objects.filter(order_id__in=order_ids).order_by("pk")


@prepared
def _invoices_of(order_ids: list[int]) -> QuerySet[Invoice]:
    return Invoice.objects.filter(order_id__in=order_ids).order_by("pk")


def groups_of(user: User, *, before: datetime | None = None, limit: int = 20) -> list[OrderGroup]:
    """Return a person's order groups, newest first; `before` is the `placed_at` of the last one seen."""
    rows = _whole_groups().filter(user=user)
    if before is not None:
        rows = rows.filter(placed_at__lt=before)
    return list(rows.order_by("-placed_at", "-pk")[:limit])


def view_group(group: OrderGroup, *, now: datetime) -> GroupView:
    """Return the order page. Six queries when the group comes from `find_group`, whatever its size."""
    return GroupView(
        public_id=group.public_id,
        token=group.token,
        email=group.email,
        market=group.market,
        language=group.language,
        currency=group.currency,
        address=group.address,
        amounts={name: getattr(group, name) for name in SUMS},
        placed_at=group.placed_at,
        orders=tuple(_order(order, group, now) for order in group.orders.all()),
    )


def deliveries_of(order: Order) -> list[dict[str, Any]]:
    """Return an order's deliveries as the calculators take them; what has not arrived counts as pending.

    Several goods of one order that come apart are items, pieces of one line that come apart are lots:
    in either case the law names the delivery that counts, so none may be left out.
    """
    parcels = [
        parcel for parcel in order.parcels.all() if parcel.state != Parcel.State.LOST or parcel.delivered_at
    ]
    waits = sum(_left(order).values()) > 0
    part = _part(parcels, waits)
    told = [_delivery(parcel, part) for parcel in parcels]
    return [*told, _pending(part)] if waits and told else told


def needs_attention(merchant: Merchant, *, today: date) -> list[Attention]:
    """Return what a merchant should look at today, the most urgent first."""
    orders = merchant.orders.filter(state__in=["confirmed", "shipped"]).prefetch_related("parcels")
    found = [one for order in orders.order_by("deliver_by", "pk") if (one := _attention(order, today))]
    urgency = {"late": 0, "lost": 1, "ship": 2}
    return sorted(found, key=lambda one: (urgency[one.why], one.due_on or date.max, one.number))


def orders_of_merchant(merchant: Merchant, *, state: str = "") -> QuerySet[Order]:
    """Return a merchant's orders, newest first, with what a list shows."""
    rows = (
        Order.objects.filter(merchant=merchant).select_related("group").prefetch_related("lines", "parcels")
    )
    return (rows.filter(state=state) if state else rows).order_by("-concluded_at", "-pk")


def _whole_groups() -> QuerySet[OrderGroup]:
    parcels = Parcel.objects.prefetch_related("lines__line").order_by("pk")
    orders = (
        Order.objects.select_related("merchant", "snapshot")
        .prefetch_related(
            Prefetch("lines", queryset=OrderLine.objects.order_by("position")),
            Prefetch("parcels", queryset=parcels),
            Prefetch("refunds", queryset=Refund.objects.order_by("pk")),
            Prefetch("invoices", queryset=Invoice.objects.order_by("pk")),
        )
        .order_by("pk")
    )
    return OrderGroup.objects.prefetch_related(Prefetch("orders", queryset=orders))


def _order(order: Order, group: OrderGroup, now: datetime) -> OrderView:
    return OrderView(
        public_id=order.public_id,
        number=order.number,
        merchant=order.merchant.public_id,
        merchant_name=order.merchant.name,
        merchant_slug=order.merchant.slug,
        state=order.state,
        currency=order.currency,
        amounts={name: getattr(order, name) for name in SUMS},
        concluded_at=order.concluded_at,
        deliver_from=order.deliver_from,
        deliver_by=order.deliver_by,
        time_zone=group.time_zone,
        timeline=tuple(_timeline(order)),
        parcels=tuple(_parcel(parcel) for parcel in order.parcels.all()),
        lines=tuple(_lines(order, group)),
        delivery=_delivery_answer(order, group, now),
        contract_digest=order.snapshot.digest,
        invoices=tuple(one.label for one in order.invoices.all() if one.kind == "invoice"),
        credit_notes=tuple(one.label for one in order.invoices.all() if one.kind == "credit_note"),
        supplements=tuple(one.label for one in order.invoices.all() if one.kind == "supplement"),
    )


def _timeline(order: Order) -> Iterable[Step]:
    yield Step("placed", order.concluded_at, is_done=True)
    yield Step("paid", None, is_done=order.state not in ("awaiting_payment", "cancelled"))
    for parcel in order.parcels.all():
        yield Step("shipped", parcel.shipped_at, is_done=True, parcel=parcel.public_id)
        if parcel.delivered_at:
            yield Step("delivered", parcel.delivered_at, is_done=True, parcel=parcel.public_id)
    if order.state == Order.State.CANCELLED:
        yield Step("cancelled", order.cancelled_at, is_done=True)
        yield from (Step("refunded", one.done_at, is_done=one.state == "done") for one in order.refunds.all())
    elif order.state in (Order.State.AWAITING_PAYMENT, Order.State.CONFIRMED):
        yield Step("shipped", None, is_done=False)
    if order.state in (Order.State.CONFIRMED, Order.State.SHIPPED):
        yield Step("delivered", None, is_done=False)


def _parcel(parcel: Parcel) -> ParcelView:
    known = carriers().get(parcel.carrier)
    return ParcelView(
        public_id=parcel.public_id,
        state=parcel.state,
        carrier=known.name if known else "" if parcel.carrier == OTHER else parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_url=tracking_url(parcel.carrier, parcel.tracking_number) if parcel.tracking_number else "",
        shipped_at=parcel.shipped_at,
        delivered_at=parcel.delivered_at,
        lines=tuple((one.line.title, one.quantity) for one in parcel.lines.all()),
    )


def _lines(order: Order, group: OrderGroup) -> Iterable[LineView]:
    left, deliveries = _left(order), deliveries_of(order)
    arrived = _arrived_on(order, group)
    for line in order.lines.all():
        delivered_on = arrived.get(line.pk)
        yield LineView(
            public_id=line.public_id,
            listing=line.listing_public_id,
            title=line.title,
            options=tuple((name, value) for name, value in line.options),
            quantity=line.quantity,
            left_to_ship=left[line.pk],
            unit=Money(line.unit_price_minor, line.currency),
            total=Money(line.total_minor, line.currency),
            withdrawal=law.withdrawal(line.rights, deliveries),
            guarantee=law.guarantee(line.rights, delivered_on=delivered_on.isoformat())
            if delivered_on and law.binds_seller(line.rights)
            else None,
            promised=line.snapshot,
        )


def _left(order: Order) -> dict[int, int]:
    sent: dict[int, int] = {}
    for parcel in order.parcels.all():
        for one in parcel.lines.all():
            sent[one.line_id] = sent.get(one.line_id, 0) + one.quantity
    return {line.pk: line.quantity - sent.get(line.pk, 0) for line in order.lines.all()}


def _arrived_on(order: Order, group: OrderGroup) -> dict[int, date]:
    """Return the day on which the last piece of each line arrived, for lines of which any has."""
    found: dict[int, date] = {}
    for parcel in order.parcels.all():
        if parcel.delivered_at:
            on = parcel.delivered_at.astimezone(ZoneInfo(group.time_zone)).date()
            for one in parcel.lines.all():
                found[one.line_id] = max(on, found.get(one.line_id, on))
    return found


def _part(parcels: list[Parcel], waits: bool) -> str:
    if len(parcels) + waits < 2:
        return "single"
    lines = [one.line_id for parcel in parcels for one in parcel.lines.all()]
    return "lot" if len(set(lines)) < len(lines) else "item"


def _delivery(parcel: Parcel, part: str) -> dict[str, Any]:
    if parcel.delivered_at is None:
        return _pending(part)
    return {"received_at": parcel.delivered_at.isoformat(), "part": part, "received_by": parcel.received_by}


def _pending(part: str) -> dict[str, Any]:
    return {"part": part, "received_by": "carrier"}


def _delivery_answer(order: Order, group: OrderGroup, now: datetime) -> Answer:
    zone = ZoneInfo(group.time_zone)
    more: dict[str, Any] = {"today": now.astimezone(zone).date().isoformat()}
    if order.delivered_at:
        more["delivered_on"] = order.delivered_at.astimezone(zone).date().isoformat()
    return law.delivery(
        market=group.market,
        concluded_on=order.concluded_at.astimezone(zone).date().isoformat(),
        promised_on=order.deliver_by.isoformat() if order.deliver_by else None,
        **more,
    )


def _attention(order: Order, today: date) -> Attention | None:
    why = ""
    if order.deliver_by and order.deliver_by < today:
        why = "late"
    elif any(parcel.state == Parcel.State.LOST for parcel in order.parcels.all()):
        why = "lost"
    elif order.state == Order.State.CONFIRMED and _ship_by(order) <= today:
        why = "ship"
    if not why:
        return None
    return Attention(
        order.public_id, order.number, why, order.deliver_by, Money(order.total_minor, order.currency)
    )


def _ship_by(order: Order) -> date:
    """Return the day by which an order should leave: in time for the first day promised, else at once."""
    first = order.deliver_from or order.concluded_at.date()
    return first - SHIP_SOON
