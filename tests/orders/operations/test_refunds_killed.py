"""Staff, worker and web server die by SIGKILL at random moments while refunds run: every refund exactly once.

The provider waits with some refunds until its message, loses some of its answers, and delivers its messages
until they are taken. RIGHTFUL_REFUNDS sets how many refunds there are (40 in the everyday run; 1000 is the long
form), RIGHTFUL_SEED the random moments.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orders import operations
from orders.models import Order, Payment, Refund
from orders.operations import checking
from orders.queries.books import trial_balance
from tests.fakes.stripe_server import StripeFake
from tests.orders.factories import NOW, load_rates, make_checkout, make_merchant, make_variant
from tests.orders.operations.test_killed import environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REFUNDS = int(os.environ.get("RIGHTFUL_REFUNDS", "40"))
SEED = int(os.environ.get("RIGHTFUL_SEED", "7"))
EACH = 20  # refunds of an order
SCRIPT = Path(__file__).with_name("refunding.py")


def bought() -> None:
    checkout = make_checkout([(make_variant(make_merchant()), 2)])
    operations.submit_order(
        checkout_id=checkout.pk,
        quote_digest=checkout.quote_digest,
        provider="stripe",
        method={"token": "pm_card_visa"},
        return_url="http://testserver/back",
        now=NOW,
    )


@contextmanager
def running(fake: StripeFake, kind: str, kills: int, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run one kind of process; what it logs is not kept, because a pipe that nobody reads would stop it."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), kind, str(kills), str(seed), str(EACH)],
        env=environment(fake), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.communicate()


def deliver(fake: StripeFake, url: str, told: int) -> int:
    """Deliver messages in order until one is not taken; return how many were."""
    while told < len(fake.events):
        try:
            fake.send(url, fake.events[told])
        except OSError:  # the server is dead at this moment; the provider tries again later
            return told
        told += 1
    return told


def disturb(fake: StripeFake, chance: random.Random) -> None:
    """Let the provider be itself: slow refunds end, new ones wait or not, answers get lost or not."""
    for ref in [ref for ref, one in list(fake.refunds.items()) if one["status"] == "pending"]:
        fake.end_refund(ref)
    fake.refunds_wait = chance.random() < 0.3
    fake.lose_answers_of = {"refund"} if chance.random() < 0.2 else set()


def test_every_refund_is_paid_exactly_once_whoever_dies(stripe_fake: StripeFake):
    load_rates()
    for _ in range(REFUNDS // EACH):
        bought()
    chance, kills = random.Random(SEED), max(4, REFUNDS // 8)
    with (
        running(stripe_fake, "web", kills, SEED) as web,
        running(stripe_fake, "staff", kills, SEED + 1) as staff,
        running(stripe_fake, "worker", kills, SEED + 2) as worker,
    ):
        assert web.stdout is not None
        url = f"http://127.0.0.1:{int(web.stdout.readline())}/webhooks/payments/stripe"
        told, until = 0, time.monotonic() + 60 + REFUNDS * 3
        while staff.poll() is None or worker.poll() is None or told < len(stripe_fake.events):
            assert time.monotonic() < until, (staff.poll(), worker.poll(), told, len(stripe_fake.events))
            disturb(stripe_fake, chance)
            told = deliver(stripe_fake, url, told)
            time.sleep(0.05)  # the provider's own pace; what is waited for is the processes' end
        assert (staff.returncode, worker.returncode) == (0, 0)

    assert list(Refund.objects.values_list("state", flat=True).distinct()) == ["done"]
    ours = sorted((row.public_id, row.amount_minor) for row in Refund.objects.all())
    theirs = sorted((one["metadata"]["refund"], one["amount"]) for one in stripe_fake.refunds.values())
    assert ours == theirs
    assert len(ours) == Order.objects.count() * EACH
    kept = sum(row.captured_minor - row.refunded_minor for row in Payment.objects.all())
    assert (stripe_fake.captured_total(), stripe_fake.balance()) == (kept, kept)
    assert trial_balance().is_zero
    assert checking.check_books(now=NOW).differences == ()
