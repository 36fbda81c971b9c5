"""An order's page asks this app one question while there is nothing to show, and shows all there is once there is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.queries.extras import Extras
from returns.queries.on_order_page import extras_of
from tests.returns import factories
from tests.returns.operations.test_claiming import claim_on
from tests.returns.operations.test_exchanging import Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def test_an_order_of_which_nothing_came_back_costs_one_question():
    group = factories.delivered()
    with CaptureQueriesContext(connection) as asked:
        found = extras_of(group.pk, group.token, "en")
    assert (found, len(asked)) == (Extras(), 1)


def test_a_claim_is_shown_on_its_own_order_and_on_no_other():
    group, other = factories.delivered(), factories.delivered()
    claim = claim_on(group)
    shown = [[step.order for step in extras_of(one.pk, one.token, "en").steps] for one in (group, other)]
    assert shown == [[claim.order.public_id], []]


def test_an_exchange_is_shown():
    case = Case(price=1500)
    case.ask()
    assert [step.label for step in extras_of(case.group.pk, case.group.token, "en").steps] == ["Exchange"]
