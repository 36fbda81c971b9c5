"""A process killed at any step of buying loses no money and doubles no order: the next run ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from catalog.models import Stock
from orders import operations
from orders.models import Order, Payment
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]
STEPS = {  # and how the payment stands then: the authorisation is written with its order, never before it
    "before the provider was asked": "created",
    "after it was authorised": "created",
    "before the order": "created",
    "in the middle of placing": "created",
    "between order and capture": "authorised",
    "after the capture": "authorised",
}


def environment(fake: StripeFake) -> dict[str, str]:
    """Return an environment in which a process uses this test's database and stand-in."""
    database = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.test",
        "DATABASE_URL": url,
        "REDIS_URL": django_settings.REDIS_URL,
        "STRIPE_API_BASE": fake.base,
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("step", STEPS)
def test_what_was_begun_is_ended(step: str, stripe_fake: StripeFake) -> None:
    load_rates()
    variant = make_variant(make_merchant(), stock=3)
    checkout = make_checkout([(variant, 1)])
    script = Path(__file__).with_name("dying_buyer.py")
    process = subprocess.run(
        [sys.executable, str(script), str(checkout.pk), checkout.quote_digest, step, NOW.isoformat()],
        env=environment(stripe_fake), capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    placed = STEPS[step] == "authorised"
    assert (Payment.objects.get().state, Order.objects.exists()) == (STEPS[step], placed)

    for minutes in (2, 3, 40):
        operations.reconcile_payments(now=NOW + timedelta(minutes=minutes))
        operations.release_expired_checkouts(now=NOW + timedelta(minutes=minutes))

    total = checkout.quote["total_minor"]
    assert list(Order.objects.values_list("state", "total_minor")) == [("confirmed", total)]
    assert list(Payment.objects.values_list("state", "captured_minor")) == [("captured", total)]
    assert stripe_fake.captured_total() == total
    stock = Stock.objects.get(variant=variant)
    assert (stock.on_hand, stock.reserved) == (2, 0)
