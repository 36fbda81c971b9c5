"""Which ways back the pieces of an order have left: what can still be withdrawn from, what can still be exchanged.

A declaration is never refused, so the way to it stays as long as the contract goes on for a single piece, late or
exempt as it may be: it is judged there, with reasons. It goes once nothing is left that a declaration could end.
Money that came back without an end of the contract takes the exchange away, but not a right that still runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from catalog.queries.siblings import siblings_of_all
from orders.queries.after_sales import paid_back_lines
from orders.queries.extras import OpenWays
from returns.domain.exchanges import EXCHANGE_COUNTED
from returns.models import Exchange, LineTally
from returns.queries import exchanges
from returns.queries.claim_law import delivered_on
from returns.queries.withdrawals import may_run, right_of


@dataclass(frozen=True, slots=True)
class _Read:
    """What is asked of the database once for all lines of a checkout, by the line's or the merchant's key."""

    tallies: Mapping[int, LineTally] = field(default_factory=dict)
    exchanges: Mapping[int, Sequence[Exchange]] = field(default_factory=dict)
    promises: Mapping[int, exchanges.Promise] = field(default_factory=dict)
    paid_back: frozenset[int] = frozenset()


def open_ways(group: Any, today: date, there: set[str]) -> tuple[OpenWays, ...]:
    """Return the open ways of each order of a checkout (with lines, parcels and refunds).

    :param there: what this app has rows of about it: returns, claims, exchanges, promises. Nothing is asked in vain:
        no query while nothing arrived, two once something did, at most seven.
    """
    orders = list(group.orders.all())
    read = _read(orders, there)
    wanted = {
        line.pk: line
        for order in orders
        for line in order.lines.all()
        if order.state != "cancelled" and _may_exchange(read, order, line, today)
    }
    siblings = siblings_of_all(one.variant_id for one in wanted.values() if one.variant_id) if wanted else {}
    others = {pk for pk, line in wanted.items() if len(siblings.get(line.variant_id, ())) > 1}
    return tuple(_ways(read, order, today, others) for order in orders)


def _read(orders: Sequence[Any], there: set[str]) -> _Read:
    lines = [line for order in orders for line in order.lines.all()]
    tallies = LineTally.objects.filter(line__in=lines) if there - {"promises"} else ()
    made: dict[int, list[Exchange]] = {}
    if "exchanges" in there:
        for row in Exchange.objects.filter(line__in=lines, state__in=EXCHANGE_COUNTED):
            made.setdefault(row.line_id, []).append(row)
    merchants = {order.merchant_id for order in orders}
    return _Read(
        tallies={tally.line_id: tally for tally in tallies},
        exchanges=made,
        promises=exchanges.promises_of(merchants) if "promises" in there else {},
        paid_back=paid_back_lines(orders),
    )


def _may_exchange(read: _Read, order: Any, line: Any, today: date) -> bool:
    promise = read.promises.get(order.merchant_id) or exchanges.NO_PROMISE
    arrived = delivered_on(order, line)
    until = arrived + timedelta(days=promise.days) if arrived else None
    left = exchanges.left_to_exchange(line, read.tallies.get(line.pk), read.exchanges.get(line.pk, ()))
    return left > 0 and line.pk not in read.paid_back and not exchanges.why_not(promise, until, today)


def _ways(read: _Read, order: Any, today: date, others: set[int]) -> OpenWays:
    if order.state == "cancelled":
        return OpenWays(order.public_id, False, False, frozenset(), why=_cancelled())
    lines = list(order.lines.all())
    ended = {line.pk: read.tallies[line.pk].withdrawn for line in lines if line.pk in read.tallies}
    going_on = [line for line in lines if ended.get(line.pk, 0) < line.quantity]
    may_withdraw = any(
        line.pk not in read.paid_back or may_run(right_of(order, line), today) for line in going_on
    )
    may_exchange = any(line.pk in others for line in lines)
    return OpenWays(
        order=order.public_id,
        may_withdraw=may_withdraw,
        may_exchange=may_exchange,
        open_lines=frozenset(line.public_id for line in going_on),
        ended={line.public_id: ended[line.pk] for line in lines if ended.get(line.pk)},
        why="" if may_withdraw or may_exchange else _over() if not going_on else _paid_back(),
    )


def _cancelled() -> str:
    return _("This order was cancelled, so nothing is left to withdraw from or to exchange.")


def _over() -> str:
    return _(
        "The contract has ended for everything here, so nothing is left to withdraw from or to exchange."
    )


def _paid_back() -> str:
    return _("You got your money back for this and the time to withdraw is over, so nothing is left to do.")
