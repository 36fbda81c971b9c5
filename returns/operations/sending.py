"""How a return travels: by our label, fetched at the door, or by the shopper's own means with a proof; and what carriers say.

News of a carrier may come late, twice and in any order. A scan is kept once; parcels move towards
delivered only, and a return with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef

from marketplace.kernel import jobs, outbox
from marketplace.kernel.errors import Invalid
from returns import carriers
from returns.carriers.protocol import DELIVERED, DISPATCHED, LOST, Scan
from returns.domain import policy
from returns.domain.errors import LabelPriceChanged, LabelTooDear
from returns.domain.states import PARCEL, RECEPTION, RETURN, may, next_state
from returns.events import ReturnDispatched, ReturnLost
from returns.models import OwedRefund, Return, ReturnEvent, ReturnParcel
from returns.operations.labels import settle_labels
from returns.operations.opening import locked_return, units_of
from returns.operations.reckoning import tell_goods
from returns.queries.labels import label_prices

log = structlog.get_logger(__name__)
METHODS = ("drop_off", "pick_up")


@transaction.atomic
def issue_label(
    *,
    return_id: int,
    method: str,
    now: datetime,
    pick_up_on: date | None = None,
    agreed_minor: int | None = None,
) -> ReturnParcel:
    """Book a parcel with the carrier and give it a label; asked for again the same way, it is the same label.

    :param method: drop_off at a shop, or pick_up at the door on a day.
    :param agreed_minor: the price that the shopper saw and chose, to be taken off what comes back; None where
        nobody showed one: what was not shown costs the shopper nothing.
    :raises LabelPriceChanged: if it is another price by now.
    :raises LabelTooDear: if it is more than comes back.
    :raises WrongState: once the return is on its way.
    :raises Invalid: for a pick-up without a day to come.
    """
    if method not in METHODS:
        raise Invalid("We do not know this way to send it.", field="method")
    ret = locked_return(return_id)
    if method == "pick_up" and (pick_up_on is None or pick_up_on <= now.date()):
        raise Invalid("Choose a day from tomorrow on.", field="pick_up_on")
    known = ret.parcels.filter(method=method, state="booked", pick_up_on=pick_up_on).order_by("pk").first()
    if known is not None:
        return known
    ret.state = next_state(RETURN, ret.state, "issue_label")
    price = 0 if agreed_minor is None else _price(ret, method, agreed_minor, now)
    ret.changed_at = now
    ret.save(update_fields=["state", "changed_at"])
    ret.parcels.filter(state="booked").update(state="cancelled")
    carrier = carriers.carrier(carriers.DEFAULT)
    count = ret.parcels.count() + 1
    booked = carrier.book(key=f"{ret.public_id}:{count}", method=method, pick_up_on=pick_up_on, now=now)
    parcel = ReturnParcel.objects.create(
        ret=ret,
        method=method,
        carrier=carrier.code,
        tracking_number=booked.number,
        price_minor=price,
        pick_up_on=pick_up_on,
        pick_up_address=ret.order.group.address if method == "pick_up" else {},
        booked_at=now,
    )
    settle_labels(ret=ret, now=now)
    return parcel


def _price(ret: Return, method: str, agreed_minor: int, now: datetime) -> int:
    today = now.astimezone(ZoneInfo(ret.order.group.time_zone)).date()
    price = label_prices(ret, on=today).get(method)
    if price is None:
        raise LabelTooDear(field="method")
    if price != agreed_minor:
        raise LabelPriceChanged(field="method", price_minor=price)
    return price


@transaction.atomic
def record_own_sending(
    *,
    return_id: int,
    carrier: str,
    tracking_number: str,
    proof: tuple[str, bytes] | None,
    sent_on: date,
    now: datetime,
) -> ReturnParcel:
    """Record that the shopper sent it by their own means; a number or a checked file is the proof of sending.

    The same number for the same return, given again, is the same parcel; a parcel may carry several returns of one
    buyer to one seller.

    :raises Invalid: without any proof, for a day in the future, or for the number of another return's parcel.
    :raises WrongState: once it is on its way.
    """
    if proof is None and not tracking_number.strip():
        raise Invalid("Give the tracking number or a picture of the receipt.", field="tracking_number")
    ret = locked_return(return_id)
    if sent_on > now.astimezone(ZoneInfo(ret.order.group.time_zone)).date():
        raise Invalid("This is in the future.", field="sent_on")
    known = _known(ret, carrier.strip()[:60], tracking_number.strip()[:60])
    if known is not None:
        return known
    ret.parcels.filter(state="booked").update(state="cancelled")
    settle_labels(ret=ret, now=now)
    parcel = ReturnParcel(
        ret=ret,
        method="own",
        carrier=carrier.strip()[:60],
        tracking_number=tracking_number.strip()[:60],
        state="in_transit",
        booked_at=now,
        dispatched_at=now,
    )
    if proof is not None:
        parcel.proof_name = proof[0][:120]
        parcel.proof.save(proof[0], ContentFile(proof[1]), save=False)
    parcel.save()
    _dispatch(ret, at=now, proof_on=sent_on, now=now)
    return parcel


def _known(ret: Return, carrier: str, number: str) -> ReturnParcel | None:
    """Return the parcel of this return that has the number already; refuse the number of somebody else's parcel."""
    rows = ReturnParcel.objects.filter(carrier=carrier, tracking_number=number).select_related(
        "ret__order__group"
    )
    buyer = ret.order.group.email
    for row in rows if number else ():
        if row.ret_id == ret.pk:
            return row
        is_shared = row.ret.merchant_id == ret.merchant_id and row.ret.order.group.email == buyer
        if row.method != "own" or not is_shared:
            raise Invalid("This number was given for another parcel.", field="tracking_number")
    return None


def _dispatch(ret: Return, *, at: datetime, proof_on: date, now: datetime) -> None:
    """Move a return onto its way, once; the seller may not wait for it any more where the law says so."""
    if not may(RETURN, ret.state, "dispatch"):
        return
    ret.state = next_state(RETURN, ret.state, "dispatch")
    ret.dispatched_at, ret.changed_at = at, now
    ret.save(update_fields=["state", "dispatched_at", "changed_at"])
    tell_goods(ret=ret, goods_back_on=None, proof_on=proof_on, now=now)
    outbox.publish(ReturnDispatched(ret.public_id, ret.order.public_id, ret.subject, at))


@transaction.atomic
def record_scans(*, carrier: str, scans: Iterable[Scan], now: datetime) -> int:
    """Keep what a carrier said and act on it; return how many scans were new."""
    fresh = 0
    for scan in sorted(scans, key=lambda one: (one.number, one.at)):
        # what shoppers type of their own proves nothing here
        ours = ReturnParcel.objects.exclude(method="own")
        found = ours.filter(carrier=carrier, tracking_number=scan.number).first()
        _, is_new = ReturnEvent.objects.get_or_create(
            carrier=carrier,
            tracking_number=scan.number,
            code=scan.code,
            at=scan.at,
            place=scan.place,
            defaults={"payload": scan.payload, "parcel": found, "received_at": now},
        )
        fresh += is_new
        if is_new and found is not None:
            _apply(found.pk, scan, now)
    return fresh


def _apply(parcel_id: int, scan: Scan, now: datetime) -> None:
    ret = locked_return(ReturnParcel.objects.values_list("ret_id", flat=True).get(pk=parcel_id))
    parcel = ReturnParcel.objects.select_for_update().get(pk=parcel_id)
    at = min(scan.at, now)
    if scan.code == LOST:
        _lose(ret, parcel, now)
        return
    if scan.code not in (*DISPATCHED, DELIVERED):
        return
    action = "deliver" if scan.code == DELIVERED else "dispatch"
    if may(PARCEL, parcel.state, action):
        parcel.state = next_state(PARCEL, parcel.state, action)
    parcel.dispatched_at = min(filter(None, [parcel.dispatched_at, at]))
    if scan.code == DELIVERED:
        parcel.delivered_at = parcel.delivered_at or at
    parcel.save(update_fields=["state", "dispatched_at", "delivered_at"])
    settle_labels(ret=ret, now=now)  # one that was called off and used all the same
    day = at.astimezone(ZoneInfo(ret.order.group.time_zone)).date()
    _dispatch(ret, at=at, proof_on=day, now=now)
    if scan.code == DELIVERED and ret.received_at is None:  # the seller has it, whether it counts it or not
        tell_goods(ret=ret, goods_back_on=day, proof_on=day, now=now)


def presume_arrived(*, now: datetime, limit: int = 500) -> int:
    """Let the time to pay run for what was sent back long ago by the shopper's own means, and of which the seller says
    nothing; return for how many.

    Where the law counts from the return of the goods, a seller that does not look would never pay.
    """
    long_ago = now - policy.ARRIVES_WITHIN
    waiting = OwedRefund.objects.filter(subject=OuterRef("subject"), order=OuterRef("order"), state="waiting")
    rows = Return.objects.filter(
        Exists(waiting), reason="withdrawal", state="in_transit", dispatched_at__lte=long_ago
    )
    return jobs.each(rows.order_by("pk").values_list("pk", flat=True)[:limit], lambda pk: _presume(pk, now))


@transaction.atomic
def _presume(pk: int, now: datetime) -> bool:
    ret = locked_return(pk)
    if ret.state != "in_transit" or ret.dispatched_at is None or ret.received_at is not None:
        return False
    sent = ret.parcels.filter(method="own").order_by("-pk").first()
    if sent is None or not (sent.tracking_number or sent.proof):
        return False
    zone = ZoneInfo(ret.order.group.time_zone)
    arrived = (ret.dispatched_at + policy.ARRIVES_WITHIN).astimezone(zone).date()
    return bool(tell_goods(ret=ret, goods_back_on=arrived, proof_on=arrived, now=now))


def _lose(ret: Return, parcel: ReturnParcel, now: datetime) -> None:
    if may(PARCEL, parcel.state, "lose"):
        parcel.state = next_state(PARCEL, parcel.state, "lose")
        parcel.save(update_fields=["state"])
        settle_labels(ret=ret, now=now)
    if not may(RETURN, ret.state, "lose"):
        return
    ret.state = next_state(RETURN, ret.state, "lose")
    ret.changed_at = now
    ret.save(update_fields=["state", "changed_at"])
    for unit in units_of(ret):
        if may(RECEPTION, unit.reception, "lose"):
            unit.reception = next_state(RECEPTION, unit.reception, "lose")
            unit.save(update_fields=["reception"])
    outbox.publish(ReturnLost(ret.public_id, ret.order.public_id, ret.subject))


def follow_parcels(*, now: datetime, limit: int = 500) -> int:
    """Ask the carriers about parcels on their way; return how many scans were new."""
    ours = ReturnParcel.objects.exclude(method="own")
    rows = ours.filter(state__in=["booked", "in_transit"], carrier__in=carriers.CARRIERS)
    fresh = 0
    for code, number in list(rows.order_by("pk").values_list("carrier", "tracking_number")[:limit]):
        fresh += record_scans(carrier=code, scans=_asked(code, number, now), now=now)
    return fresh


def _asked(code: str, number: str, now: datetime) -> list[Any]:
    return carriers.carrier(code).scans_of(number, now=now)
