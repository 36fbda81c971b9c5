"""Scheduled work: one run a slot, with a row that says what it did."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings

from marketplace.kernel.models import JobRun
from orders import tasks
from orders.models import Checkout, Order
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant, pay

pytestmark = pytest.mark.django_db


def test_every_task_is_in_the_schedule() -> None:
    scheduled = {task for task, _ in settings.SCHEDULED_JOBS.values()}
    assert {tasks.release_expired_checkouts.name, tasks.reconcile_payments.name} <= scheduled


def test_lapsed_checkouts_are_closed_once_a_slot() -> None:
    load_rates()
    make_checkout([(make_variant(make_merchant()), 1)])
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        tasks.release_expired_checkouts()
        tasks.release_expired_checkouts()
    assert Checkout.objects.get().state == "expired"
    assert [run.detail for run in JobRun.objects.filter(name="release-reservations")] == [{"checkouts": 1}]


def test_payments_left_half_way_are_ended() -> None:
    load_rates()
    pay(make_checkout([(make_variant(make_merchant()), 1)]), "card_slow")
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        tasks.reconcile_payments()
    assert Order.objects.get().state == "confirmed"
    assert JobRun.objects.get(name="retry-payments").detail["settled"] == 1
