"""An order's page asks this app one question while there is nothing to show, and shows all there is once there is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.queries.orders import find_group
from returns.queries.on_order_page import extras_of
from tests.returns import factories
from tests.returns.factories import LATER
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_exchanging import Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def shown(group):
    return extras_of(find_group(token=group.token), "en", LATER.date())


def asked(group):
    found = find_group(token=group.token)
    with CaptureQueriesContext(connection) as queries:
        extras = extras_of(found, "en", LATER.date())
    assert (extras.steps, extras.next_things) == ((), ())
    return len(queries)


def test_an_order_that_was_just_placed_costs_one_question():
    assert asked(factories.buy([(factories.make_variant(factories.make_merchant()), 3)])) == 1


def test_an_order_that_arrived_costs_two_more_for_the_other_kinds_whatever_its_size():
    merchant = factories.make_merchant()
    small = factories.delivered()
    large = factories.delivered([(factories.make_variant(merchant), 1) for _n in range(4)])
    assert (asked(small), asked(large)) == (3, 3)


def test_a_claim_is_shown_on_its_own_order_and_on_no_other():
    group, other = factories.delivered(), factories.delivered()
    claim = claim_on(group)
    assert [[step.order for step in shown(one).steps] for one in (group, other)] == [
        [claim.order.public_id],
        [],
    ]


def test_an_exchange_is_shown():
    case = Case(price=1500)
    case.ask()
    assert [step.label for step in shown(case.group).steps] == ["Exchange"]
