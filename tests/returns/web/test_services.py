"""A service as its buyer meets it: since when it runs, and what a withdrawal costs on this day."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from tests.returns.factories import BOUGHT
from tests.returns.operations.test_services import begin, buy, course
from tests.returns.web.test_claims import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]


@pytest.mark.parametrize(("asks", "said"), [(True, True), (False, False)])
def test_before_it_is_declared_the_page_says_how_many_days_are_paid(client, asks, said):
    cache.clear()
    group = buy(course())
    if asks:
        begin(group)
    with time_machine.travel(BOUGHT + timedelta(days=4), tick=False):
        page = page_of(client.get(reverse("withdraw-order", args=[group.token])))
    assert ("you pay for 4 of its 30 days" in page) == said
