"""The transactional outbox: news is a row in the transaction that made it true.

`publish` writes the row. The relay (`fan_out`, then `deliver_due`) hands each event to
each subscriber at least once; a subscriber's effects and the mark "done" commit
together, so its database effects happen exactly once. Effects outside the database
(mail, a payment call) must carry the event's id as their own idempotency key.
Failures are retried with backoff and parked after `MAX_ATTEMPTS`, at once where no
other try can help (a mail server that refuses an address for good); an operator can
release them in the admin. Who registered for it (`parked`) is told in the same
transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F

from marketplace.kernel import clock
from marketplace.kernel.mail_errors import in_short, is_for_good
from marketplace.kernel.models import Delivery, Event
from marketplace.kernel.written import insert

log = structlog.get_logger(__name__)
Subscriber = Callable[[dict[str, Any], uuid.UUID], None]
Parked = Callable[[dict[str, Any], int, str, datetime], None]  # payload, delivery, what went wrong, now
SUBSCRIBERS: dict[str, dict[str, Subscriber]] = {}
PARKED: dict[str, Parked] = {}  # by subscriber
MAX_ATTEMPTS = 10
BATCH = 200


class NotYet(Exception):
    """Raised by a subscriber that waits for a time: it is asked again then, and no attempt is counted."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


def publish(event: Any) -> Event:
    """Record an event (a frozen dataclass of ids and ISO values) in the open transaction.

    :raises RuntimeError: outside a transaction, where news could outlive a rollback.
    """
    return publish_all([event])[0]


def publish_all(events: Sequence[Any]) -> list[Event]:
    """Record several events in one statement; they are told in this order.

    :raises RuntimeError: outside a transaction, where news could outlive a rollback.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("News is published inside the transaction that makes it true.")
    request = structlog.contextvars.get_contextvars().get("request_id", "")
    return insert(
        [
            Event(
                id=uuid.uuid4(),
                name=event_name(type(event)),
                payload=_plain(asdict(event)),
                request_id=request,
                recorded_at=clock.now(),
            )
            for event in events
        ]
    )


def event_name(kind: type) -> str:
    """Return ``catalog.ListingChanged`` for the class of that name in ``catalog/events.py``."""
    return f"{kind.__module__.removesuffix('.events')}.{kind.__name__}"


def subscribe(event: str, *, name: str, parked: Parked | None = None) -> Callable[[Subscriber], Subscriber]:
    """Register ``function(payload, event_id)`` under a stable name, for events of one kind.

    :param parked: is told in the end of a delivery that was given up, so that people hear of it.
    """

    def register(function: Subscriber) -> Subscriber:
        SUBSCRIBERS.setdefault(event, {})[name] = function
        if parked is not None:
            PARKED[name] = parked
        return function

    return register


def relay(*, now: datetime | None = None) -> int:
    """Fan out and deliver until nothing is due; return the number of deliveries tried."""
    fixed = now
    tried = 0
    while True:
        turn = fixed or clock.now()  # read once: what is written now is due now, should the clock be set back
        fan_out(now=turn)
        done = deliver_due(now=turn)
        tried += done
        if not done:
            return tried


@transaction.atomic
def fan_out(*, now: datetime) -> int:
    """Write one delivery row per subscriber for events that have none yet."""
    events = list(
        Event.objects.select_for_update(skip_locked=True)
        .filter(fanned_out_at=None)
        .order_by("recorded_at")[:BATCH]
    )
    Delivery.objects.bulk_create(
        [
            Delivery(event=event, subscriber=name, not_before=now)
            for event in events
            for name in SUBSCRIBERS.get(event.name, {})
        ],
        ignore_conflicts=True,
    )
    Event.objects.filter(pk__in=[event.pk for event in events]).update(fanned_out_at=now)
    return len(events)


def deliver_due(*, now: datetime) -> int:
    """Try every delivery that is due, each in a transaction of its own; return how many."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, not_before__lte=now).order_by(
        "not_before", "id"
    )
    tried = 0
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        tried += _deliver(pk, now)
    return tried


def _deliver(pk: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            delivery = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("event")
                .filter(pk=pk, state=Delivery.State.WAITING, not_before__lte=now)
                .first()
            )
            if delivery is None:
                return False
            _subscriber_of(delivery)(delivery.event.payload, delivery.event.pk)
            Delivery.objects.filter(pk=pk).update(
                state=Delivery.State.DONE, done_at=now, attempts=F("attempts") + 1, last_error=""
            )
    except NotYet as wait:
        Delivery.objects.filter(pk=pk).update(not_before=wait.until)
    except Exception as error:
        _retry_later(pk, now, error)
    return True


def _subscriber_of(delivery: Delivery) -> Subscriber:
    try:
        return SUBSCRIBERS[delivery.event.name][delivery.subscriber]
    except KeyError:
        raise LookupError(f"Nobody is registered as {delivery.subscriber!r}.") from None


def _retry_later(pk: int, now: datetime, error: Exception) -> None:
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=pk)
        delivery.attempts += 1
        delivery.last_error = f"{type(error).__name__}: {error}"[:500]
        delivery.not_before = now + timedelta(seconds=min(2**delivery.attempts, 3600))
        if delivery.attempts >= MAX_ATTEMPTS or is_for_good(error):
            delivery.state = Delivery.State.PARKED
        delivery.save()
        if delivery.state == Delivery.State.PARKED:
            _tell_parked(delivery, in_short(error), now)
    log.exception("A subscriber failed.", subscriber=delivery.subscriber, attempts=delivery.attempts)


def _tell_parked(delivery: Delivery, why: str, now: datetime) -> None:
    """Tell who wants to know; that somebody could not be told keeps nothing from being parked."""
    tell = PARKED.get(delivery.subscriber)
    if tell is None:
        return
    try:
        with transaction.atomic():
            tell(delivery.event.payload, delivery.pk, why, now)
    except Exception as error:
        log.error(
            "Nobody was told that a delivery is parked.", delivery=delivery.pk, error=type(error).__name__
        )


def parked(*, payload: dict[str, Any]) -> list[Delivery]:
    """Return the deliveries given up of news whose payload contains this, the oldest first."""
    rows = Delivery.objects.filter(state=Delivery.State.PARKED, event__payload__contains=payload)
    return list(rows.select_related("event").order_by("pk"))


@transaction.atomic
def release(*, delivery_ids: list[int], now: datetime) -> int:
    """Put parked deliveries back in the queue; return how many."""
    rows = Delivery.objects.select_for_update().filter(pk__in=delivery_ids, state=Delivery.State.PARKED)
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    return Delivery.objects.filter(pk__in=pks).update(
        state=Delivery.State.WAITING, attempts=0, not_before=now
    )


def lag_seconds(*, now: datetime) -> float:
    """Return the age of the oldest news that somebody still waits for (0.0 if none)."""
    waiting = (
        Event.objects.filter(fanned_out_at=None).order_by("recorded_at").values_list("recorded_at", flat=True)
    )
    due = (
        Delivery.objects.filter(state=Delivery.State.WAITING)
        .order_by("not_before")
        .values_list("not_before", flat=True)
    )
    oldest = [moment for moment in (waiting.first(), due.first()) if moment]
    return max((now - min(oldest)).total_seconds(), 0.0) if oldest else 0.0


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    return value
