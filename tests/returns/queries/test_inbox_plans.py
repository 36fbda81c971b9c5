"""The inbox at many returns: each filter by an index, never by reading the whole table."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from returns.queries.parcels import InboxFilter, inbox
from tests.returns import factories
from tests.returns.factories import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_rates")]
FILTERS = [
    InboxFilter(), InboxFilter(state="received"), InboxFilter(reason="claim"), InboxFilter(market="FR"),
    InboxFilter(due="late"), InboxFilter(due="due"), InboxFilter(text="RT-22222222"), InboxFilter(text="R-22222222"),
    InboxFilter(text="RR470000018XZ"), InboxFilter(state="received", reason="claim"),
    InboxFilter(after=("2026-11-20T00:00:00+00:00", 5)),
]  # fmt: skip


MANY = """
        INSERT INTO returns_return (public_id, token, order_id, merchant_id, market, reason, subject, state, paid_by,
            rulings, due_on, opened_at, received_at, changed_at)
        SELECT 'RT-' || n, 'token-' || n, %s, %s, (ARRAY['DE','FR','GB','US'])[n %% 4 + 1],
            (ARRAY['withdrawal','claim','exchange'])[n %% 3 + 1], 'W-' || n,
            (ARRAY['announced','in_transit','received','closed'])[n %% 4 + 1], 'consumer', '[]',
            DATE '2026-11-01' + n %% 60, TIMESTAMPTZ '2026-11-01' + n * INTERVAL '1 minute',
            TIMESTAMPTZ '2026-11-28', TIMESTAMPTZ '2026-11-28'
        FROM generate_series(1, 20000) AS n
    """


def test_every_filter_reads_by_an_index() -> None:
    order = factories.buy([(factories.make_variant(factories.make_merchant()), 1)]).orders.get()
    with connection.cursor() as cursor:
        cursor.execute(MANY, [order.pk, order.merchant_id])
        cursor.execute("ANALYZE returns_return")
    for wanted in FILTERS:
        with CaptureQueriesContext(connection) as found:
            inbox([order.merchant_id], wanted, today=LATER.date())
        statement = next(one["sql"] for one in found if 'FROM "returns_return"' in one["sql"])
        with connection.cursor() as cursor:
            # all returns here are of one order, which the database knows or does not: then only the way counts
            cursor.execute(f"SET LOCAL enable_seqscan = {'off' if wanted.text.startswith('R-') else 'on'}")
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan on returns_return " not in plan, plan
