"""What was promised beyond the law is read from what was frozen; the order's page asks a fixed number of questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from returns.queries.claims import Promise, extras_of, promises_of
from tests.returns import factories
from tests.returns.factories import make_merchant, make_variant
from tests.returns.operations.test_claiming import claim_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def test_guarantees_beyond_the_law_are_those_of_the_day_of_the_contract():
    told = {"guarantee_months": 30, "durability_guarantee_months": 60}
    variant = make_variant(make_merchant(), disclosures=told)
    group = factories.delivered([(variant, 1)])
    variant.listing.disclosures = {}
    variant.listing.save()
    line = group.orders.get().lines.get()
    assert promises_of(line) == (Promise("seller", 30), Promise("producer", 60))
    claim = claim_on(group)
    assert claim.answer["answer"]["extended_because"] == "seller_promise"


def test_the_orders_page_asks_the_same_number_of_questions_for_one_claim_and_three():
    group = factories.delivered()
    counts = []
    for key in ("k1", "k2", "k3"):
        claim_on(group, key=key)
        with CaptureQueriesContext(connection) as asked:
            extras_of(group.pk, group.token, "en")
        counts.append(len(asked))
    assert counts[0] == counts[2] <= 3
