from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.db import connection, transaction

from marketplace.kernel import outbox
from marketplace.kernel.models import Delivery, Event, JobRun

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class ParcelShipped:
    parcel_id: str
    shipped_at: datetime


NAME = "tests.kernel.test_outbox.ParcelShipped"


@pytest.fixture
def heard(monkeypatch):
    """Return the list that our one subscriber writes into."""
    calls: list[str] = []
    monkeypatch.setattr(
        outbox,
        "SUBSCRIBERS",
        {outbox.event_name(ParcelShipped): {"ear": lambda p, _: calls.append(p["parcel_id"])}},
    )
    return calls


def publish(parcel_id="P-1"):
    with transaction.atomic():
        return outbox.publish(ParcelShipped(parcel_id, NOON))


@pytest.mark.django_db(transaction=True)
def test_news_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError):
        outbox.publish(ParcelShipped("P-1", NOON))


@pytest.mark.django_db(transaction=True)
def test_news_of_a_transaction_that_failed_never_existed():
    def fail_after_publishing():
        with transaction.atomic():
            outbox.publish(ParcelShipped("P-1", NOON))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_publishing()

    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_hears_once_however_often_the_relay_runs(heard):
    publish()

    outbox.relay()
    outbox.relay()

    assert heard == ["P-1"]


@pytest.mark.django_db(transaction=True)
def test_a_failing_subscriber_is_tried_again_later_and_parked_in_the_end(monkeypatch):
    def fail(payload, event_id):
        raise ConnectionError("mail server down")

    monkeypatch.setattr(outbox, "SUBSCRIBERS", {outbox.event_name(ParcelShipped): {"mail": fail}})
    publish()
    moment = datetime.now(tz=UTC)
    waits = []
    for _ in range(outbox.MAX_ATTEMPTS):
        outbox.relay(now=moment)
        delivery = Delivery.objects.get()
        waits.append((delivery.not_before - moment).total_seconds())
        moment = delivery.not_before

    assert (delivery.state, waits[:4]) == ("parked", [2.0, 4.0, 8.0, 16.0])


@pytest.mark.django_db(transaction=True)
def test_what_was_parked_can_be_released(heard):
    publish()
    outbox.fan_out(now=NOON)
    Delivery.objects.update(state="parked", attempts=10)

    outbox.release(delivery_ids=[Delivery.objects.get().pk], now=NOON)
    outbox.deliver_due(now=NOON)

    assert heard == ["P-1"]


@pytest.mark.django_db(transaction=True)
def test_the_effect_of_a_subscriber_that_fails_later_is_undone(monkeypatch):
    def half(payload, event_id):
        JobRun.objects.create(name="effect", slot=NOON, started_at=NOON)
        raise ValueError("second half failed")

    monkeypatch.setattr(outbox, "SUBSCRIBERS", {outbox.event_name(ParcelShipped): {"half": half}})
    publish()

    outbox.relay()

    assert JobRun.objects.filter(name="effect").count() == 0


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_eight_relays_at_once_hand_out_everything_once(heard):
    for number in range(60):
        publish(f"P-{number}")

    run_parallel(8, outbox.relay)

    assert sorted(heard) == sorted(f"P-{number}" for number in range(60))


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_the_same_news_would_be_handed_out_twice(heard, monkeypatch):
    """The negative control: the test above can see the race it guards against."""
    gate = threading.Barrier(2, timeout=10)
    publish()
    outbox.fan_out(now=NOON)

    def unlocked():
        delivery = Delivery.objects.select_related("event").get(state="waiting")
        gate.wait()
        outbox.SUBSCRIBERS[delivery.event.name]["ear"](delivery.event.payload, delivery.event.pk)
        Delivery.objects.filter(pk=delivery.pk).update(state="done")

    run_parallel(2, unlocked)

    assert heard == ["P-1", "P-1"]


@pytest.mark.django_db(transaction=True)
def test_the_lag_is_the_age_of_the_oldest_news_that_waits(heard):
    event = publish()

    assert outbox.lag_seconds(now=event.recorded_at + timedelta(seconds=90)) == 90.0


def run_parallel(count, work):
    def body():
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=body) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_is_set_back_meanwhile_leaves_no_news_lying(heard, monkeypatch):
    publish()
    readings = iter(NOON - timedelta(seconds=n) for n in range(100))
    monkeypatch.setattr(outbox.clock, "now", lambda: next(readings))

    outbox.relay()

    assert (heard, Delivery.objects.get().state) == (["P-1"], Delivery.State.DONE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "state", "told"), [(550, "parked", ["P-1"]), (451, "waiting", [])])
def test_what_a_mail_server_refuses_for_good_is_parked_at_once_and_told(monkeypatch, code, state, told):
    heard: list[str] = []

    def fail(payload, event_id):
        raise SMTPRecipientsRefused({"a@x.example": (code, b"no")})

    monkeypatch.setattr(outbox, "SUBSCRIBERS", {outbox.event_name(ParcelShipped): {"mail": fail}})
    monkeypatch.setattr(
        outbox, "PARKED", {"mail": lambda payload, pk, why, now: heard.append(payload["parcel_id"])}
    )
    publish()
    outbox.relay()
    assert (Delivery.objects.get().state, Delivery.objects.get().attempts, heard) == (state, 1, told)


@pytest.mark.django_db(transaction=True)
def test_that_nobody_could_be_told_keeps_nothing_from_being_parked(monkeypatch):
    def fail(*args):
        raise SMTPRecipientsRefused({"a@x.example": (550, b"no")})

    monkeypatch.setattr(outbox, "SUBSCRIBERS", {outbox.event_name(ParcelShipped): {"mail": fail}})
    monkeypatch.setattr(outbox, "PARKED", {"mail": fail})
    publish()
    outbox.relay()
    [one] = outbox.parked(payload={"parcel_id": "P-1"})
    assert (one.state, outbox.parked(payload={"parcel_id": "P-2"})) == ("parked", [])
