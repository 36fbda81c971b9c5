"""What an order's page shows of exchanges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from returns.queries.exchanges import extras_of
from tests.returns.operations.test_exchanging import Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


def test_the_difference_is_due_on_the_shoppers_own_day():
    """It is agreed half an hour after midnight in Berlin, while the day before goes on in London."""
    case = Case(price=1500)
    case.ask(now=datetime(2026, 11, 28, 23, 30, tzinfo=UTC))
    (thing,) = extras_of(case.group.pk, case.group.token, "en").next_things
    assert thing.text == "Pay the difference of your exchange by Tuesday, 1 December 2026."
