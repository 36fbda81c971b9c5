"""The demo's purchases stand in every stage, and loading them again changes nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from catalog.demo import loading as range_
from catalog.management.commands.load_demo import PEOPLE
from catalog.models import Question, Review
from marketplace.accounts.models import User
from marketplace.kernel import clock, outbox
from orders.models import Order
from orders.queries.books import trial_balance
from returns.demo.loading import load
from returns.models import Claim, Exchange, Return

pytestmark = pytest.mark.django_db(transaction=True)  # as the command runs: no transaction around it
SOLD = (
    "leselicht-clip-lamp", "havel-table-lamp", "moka-pot", "staithes-jumper", "flannel-shirt", "kirkgate-derby",
    "rain-umbrella", "olive-soap", "crane-silk-scarf", "trail-backpack", "teddy-bear-mis",
)  # fmt: skip


def test_purchases_stand_in_every_stage_and_the_books_balance():
    for email, name, _role in PEOPLE:
        User.objects.create_user(email, "secret", name=name)
    now = clock.now()
    range_.load(now=now, only=SOLD, pictures=1)
    counts = [load(now=now), load(now=now)]
    outbox.relay()
    assert counts == [{"orders": 15, "reviews": 7}] * 2
    assert Counter(Return.objects.values_list("state", flat=True)) == {
        "label_issued": 1, "received": 1, "inspected": 1, "announced": 1,
    }  # fmt: skip
    assert sorted(Claim.objects.values_list("kind", "state")) == [
        ("defective", "open"),
        ("not_as_described", "offered"),
    ]
    assert (Exchange.objects.count(), Question.objects.count(), Review.objects.exclude(reply="").count()) == (
        1,
        2,
        2,
    )
    assert Order.objects.exclude(state="closed").count() == 15
    assert trial_balance().is_zero
