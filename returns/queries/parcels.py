"""Returns as shoppers and merchants see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from marketplace.kernel.errors import NotFound
from returns import carriers
from returns.domain.states import RETURN_OPEN
from returns.models import Return, ReturnParcel, ReturnUnit, ValueLoss

PAGE = 50
STATES = ("announced", "label_issued", "in_transit", "received", "inspected", "closed", "cancelled", "lost")


def find_return(token: str) -> Return:
    """Return a return behind its secret link.

    :raises NotFound: for everybody else.
    """
    found = _whole().filter(token=token).first() if token else None
    if found is None:
        raise NotFound(field="return")
    return found


def return_of_merchant(public_id: str, merchant_ids: Sequence[int] | None) -> Return:
    """Return a return by its public id, if it is one of these merchants'; None: whosever it is.

    :raises NotFound: for others it does not exist.
    """
    rows = _whole().filter(public_id=public_id)
    if merchant_ids is not None:
        rows = rows.filter(merchant_id__in=list(merchant_ids))
    found = rows.first()
    if found is None:
        raise NotFound(field="return")
    return found


def _whole() -> QuerySet[Return]:
    return Return.objects.select_related("merchant", "order__group").prefetch_related(
        "lines__line",
        Prefetch("lines__units", queryset=ReturnUnit.objects.order_by("pk")),
        Prefetch("lines__losses", queryset=ValueLoss.objects.order_by("pk")),
        Prefetch("parcels", queryset=ReturnParcel.objects.prefetch_related("events").order_by("pk")),
    )


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What of the inbox is looked at. `after` is the cursor of the last row seen."""

    state: str = ""
    reason: str = ""
    market: str = ""
    due: str = ""  # "late": due before today; "due": everything with a day, the nearest first
    text: str = ""  # a return's, order's or tracking number, as scanned
    after: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: tuple[Return, ...]
    after: tuple[str, int] | None  # of the last row, if there are more


def inbox(merchant_ids: Sequence[int], wanted: InboxFilter, *, today: date, limit: int = PAGE) -> InboxPage:
    """Return one page of the returns of some merchants. Two queries, each by an index, whatever their number."""
    rows = Return.objects.filter(merchant_id__in=list(merchant_ids))
    if wanted.text:
        rows = _by_number(rows, wanted.text)
    for name in ("state", "reason", "market"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    rows = _by_due(rows, wanted, today) if wanted.due else _newest(rows, wanted)
    found = list(rows.select_related("order", "merchant").prefetch_related("lines__line")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return InboxPage(tuple(found[:limit]), _cursor(last, by_due=bool(wanted.due)) if last else None)


def next_at_hand(merchant_id: int, *, after: str = "") -> str:
    """Return the next return (its public id) that lies with a merchant, the oldest first; "" if none does.

    That is: counted and not looked at, or brought by the carrier and not counted.

    :param after: the return that was worked on; the one opened after it comes next, itself only when alone.
    """
    arrived = ReturnParcel.objects.filter(state="delivered").values("ret_id")
    rows = Return.objects.filter(merchant_id=merchant_id).filter(
        Q(state="received") | Q(state__in=["announced", "label_issued", "in_transit"], pk__in=arrived)
    )
    ids = rows.order_by("pk").values_list("public_id", flat=True)
    done = (
        Return.objects.filter(public_id=after, merchant_id=merchant_id).values_list("pk", flat=True).first()
    )
    later = ids.filter(pk__gt=done).first() if done else None
    return later or ids.first() or ""


def _newest(rows: QuerySet[Return], wanted: InboxFilter) -> QuerySet[Return]:
    if wanted.after is not None:
        at, pk = wanted.after
        rows = rows.filter(opened_at__lte=at).filter(Q(opened_at__lt=at) | Q(pk__lt=pk))
    return rows.order_by("-opened_at", "-pk")


def _by_due(rows: QuerySet[Return], wanted: InboxFilter, today: date) -> QuerySet[Return]:
    rows = rows.filter(state__in=RETURN_OPEN, due_on__isnull=False)
    if wanted.due == "late":
        rows = rows.filter(due_on__lt=today)
    if wanted.after is not None:
        on, pk = wanted.after
        rows = rows.filter(due_on__gte=on).filter(Q(due_on__gt=on) | Q(pk__gt=pk))
    return rows.order_by("due_on", "pk")


def _cursor(row: Return, *, by_due: bool) -> tuple[str, int]:
    return ((row.due_on if by_due else row.opened_at).isoformat(), row.pk)  # type: ignore[union-attr]


def _by_number(rows: QuerySet[Return], text: str) -> QuerySet[Return]:
    """A scanner types a number and Enter: of the return, of the order, or of the parcel."""
    number = text.strip().upper()
    if number.startswith("RT-"):
        return rows.filter(public_id=number)
    if number.startswith("R-"):
        return rows.filter(order__public_id=number)
    parcels = ReturnParcel.objects.filter(tracking_number=number).values("ret_id")
    return rows.filter(pk__in=parcels)


def label_of(ret: Return, parcel: ReturnParcel) -> Mapping[str, Any]:
    """Return what stands on the label of a parcel, besides words."""
    address, merchant = ret.order.group.address, ret.merchant
    place = f"{merchant.postcode} {merchant.city}".strip()
    known = carriers.CARRIERS.get(parcel.carrier)
    town = f"{address.get('postcode', '')} {address.get('city', '')}".strip()
    return {
        "number": parcel.tracking_number,
        "ret": ret.public_id,
        "order": ret.order.public_id,
        "carrier": known.name if known else parcel.carrier,
        "sender": [part for part in (address.get("name"), address.get("street"), town, address.get("country")) if part],
        "receiver": [part for part in (merchant.legal_name or merchant.name, merchant.street, place, str(merchant.country)) if part],
        "lines": [{"quantity": line.announced, "title": line.line.title} for line in ret.lines.all()],
    }  # fmt: skip
