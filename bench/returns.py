"""Returns: opening, receiving and refunding against the raw SQL of the same writes; the inbox at a million.

    bin/bench returns [--size 200] [--commands 40] [--returns 1000000] [--only commands|inbox]

*Commands.* Every step of a fresh, delivered order is done twice: once with its writes recorded and rolled back,
then either by the command again or by replaying exactly those statements with their values through the driver,
in turns. Both commit. *Inbox.* So many returns of one merchant are written by SQL; the first page, the next page
and every filter are asked through the same function as the page, with their number of queries, the median time
and the plan: a sequential scan over returns is printed as a fault.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench import load, pages
from bench.orders import _play, _ready_order, _record, _set_up, _timed

FILL = """
    INSERT INTO returns_return (public_id, token, order_id, merchant_id, market, reason, subject, state, paid_by,
        rulings, due_on, opened_at, received_at, changed_at)
    SELECT 'RT-B' || n, 'bench-' || n, %s, %s, (ARRAY['DE','FR','GB','US'])[n %% 4 + 1],
        (ARRAY['withdrawal','claim','exchange'])[n %% 3 + 1], 'W-B' || n,
        (ARRAY['announced','in_transit','received','closed','closed','closed'])[n %% 6 + 1], 'consumer', '[]',
        DATE '2024-01-01' + n %% 1200, TIMESTAMPTZ '2024-01-01' + n * INTERVAL '1 minute',
        TIMESTAMPTZ '2026-11-28', TIMESTAMPTZ '2026-11-28'
    FROM generate_series(1, %s) AS n
"""
LINES = """
    INSERT INTO returns_returnline (ret_id, line_id, announced, received)
    SELECT id, %s, 1, 0 FROM returns_return WHERE token LIKE 'bench-%%'
"""


def press_commands(size: int, options: argparse.Namespace) -> None:
    """Print the median time of declaring (with opening), receiving and refunding, of their writes, and the ratio."""
    url, _ = pages.prepare(size)
    _set_up(url)
    ours: dict[str, list[float]] = {}
    floor: dict[str, list[float]] = {}
    for turn in range(options.commands):
        for name, command in _steps():
            if turn % 2:
                ours.setdefault(name, []).append(_timed(command))
            else:
                replay = _record(command)
                floor.setdefault(name, []).append(_timed(lambda replay=replay: _play(replay)))
    for name in ours:
        mine, bare = load.median(ours[name]), load.median(floor[name])
        print(
            f"{name:<22} {1 / mine:6.1f} /s  {mine * 1000:6.1f} ms   writes as raw SQL {bare * 1000:6.1f} ms"
            f"   ratio {mine / bare:.1f}",
            flush=True,
        )


def _steps() -> Any:
    """Yield the steps of one order's way back: each once, in order."""
    from django.db.models import F

    from marketplace.kernel import clock
    from orders import operations as orders
    from orders.models import Order, Payment
    from returns import operations
    from returns.models import OwedRefund, Return

    now = clock.now()
    placed = _ready_order(1)()
    group = placed if hasattr(placed, "orders") else placed.group
    order = Order.objects.filter(group=group).get()
    Order.objects.filter(pk=order.pk).update(state="confirmed")
    Payment.objects.filter(group=group).update(state="captured", captured_minor=F("amount_minor"))
    line = order.lines.get().public_id
    parcel = orders.ship_parcel(
        order_id=order.pk, packed=[orders.Packed(line, 1)], carrier="other", tracking_number="", recorded_by="b", now=now,
    )  # fmt: skip
    orders.record_delivery(
        parcel_id=parcel.pk, delivered_at=now, received_by="consumer", recorded_by="b", now=now
    )
    declared = operations.Declared(name="A", email="a@example.com", language="en", lines={line: 1})
    later = now + timedelta(seconds=1)
    yield (
        "declare and open",
        lambda: operations.declare_withdrawal(
            group=group, declared=declared, key=f"b:{group.public_id}", declared_at=later, now=later
        ),
    )
    if not Return.objects.filter(
        order=order
    ).exists():  # its writes were replayed, with keys of the recording
        return
    ret = Return.objects.get(order=order)
    counted = {line: operations.Counted(good=1)}
    yield (
        "receive",
        lambda: operations.receive_return(
            return_id=ret.pk, counted=counted, complete=True, by="b", now=later + timedelta(days=1)
        ),
    )
    owed = OwedRefund.objects.get(order=order)
    yield (
        "ask for the refund",
        lambda: operations.request_owed(owed_id=owed.pk, now=later + timedelta(days=1)),
    )


def press_inbox(size: int, options: argparse.Namespace) -> None:
    """Print queries, median time and plan of the inbox's first page and of every filter."""
    url, _ = pages.prepare(size)
    _set_up(url)
    merchant = _filled(options.returns)
    for name, wanted in _filters():
        _look(name, merchant, wanted)


def _filled(count: int) -> int:
    from django.db import connection

    from orders.models import Order
    from returns.models import Return

    if Return.objects.filter(token__startswith="bench-").count() < count:
        order = Order.objects.order_by("pk").first()
        if order is None:
            next(iter(_steps()))
            order = Order.objects.order_by("pk").first()
        assert order is not None
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(
                "DELETE FROM returns_returnline WHERE ret_id IN (SELECT id FROM returns_return WHERE token LIKE 'bench-%')"
            )
            cursor.execute("DELETE FROM returns_return WHERE token LIKE 'bench-%'")
            cursor.execute(FILL, [order.pk, order.merchant_id, count])
            cursor.execute(LINES, [order.lines.order_by("pk").first().pk])  # type: ignore[union-attr]
            cursor.execute("ANALYZE returns_return")
            cursor.execute("ANALYZE returns_returnline")
    return Return.objects.filter(token__startswith="bench-").values_list("merchant_id", flat=True)[0]


def _filters() -> list[tuple[str, Any]]:
    from returns.queries.parcels import InboxFilter

    return [
        ("first page", InboxFilter()),
        ("far page", InboxFilter(after=("2024-06-01T00:00:00+00:00", 500))),
        ("state", InboxFilter(state="received")),
        ("reason", InboxFilter(reason="claim")),
        ("country", InboxFilter(market="FR")),
        ("late", InboxFilter(due="late")),
        ("nearest due", InboxFilter(due="due")),
        ("state and reason", InboxFilter(state="received", reason="claim")),
        ("return's number", InboxFilter(text="RT-B777")),
        ("order's number", InboxFilter(text="R-22222222")),
        ("parcel's number", InboxFilter(text="RR470000018XZ")),
    ]


def _look(name: str, merchant: int, wanted: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from marketplace.kernel import clock
    from returns.queries.parcels import inbox

    today = clock.today()
    work: Callable[[], Any] = lambda: inbox([merchant], wanted, today=today)  # noqa: E731
    with CaptureQueriesContext(connection) as found:
        page = work()
    times = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    statement = next(one["sql"] for one in found if 'FROM "returns_return"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    fault = "   SEQUENTIAL SCAN" if "Seq Scan on returns_return" in plan else ""
    print(
        f"inbox {name:<18} {len(page.rows):3} rows  {len(found)} queries  {load.median(times) * 1000:7.1f} ms{fault}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--commands", type=int, default=40)
    parser.add_argument("--returns", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["commands", "inbox"])
    options = parser.parse_args()
    if options.only != "inbox":
        press_commands(options.size, options)
    if options.only != "commands":
        press_inbox(options.size, options)


if __name__ == "__main__":
    main()
