"""Orders of another shop taken over as history: all at once or nothing, the same source twice is once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.db import transaction

from marketplace.kernel.errors import Invalid
from orders.domain.histories import History
from orders.models import HistoricLine, HistoricOddity, HistoricOrder, HistorySource

T = TypeVar("T")
CHUNK = 2_000


@transaction.atomic
def take_history(
    *, slug: str, format: str, attribution: str, history: History, now: datetime
) -> HistorySource:
    """Store what was read.

    :raises Invalid: if a source of this name was taken before.
    """
    source, is_new = HistorySource.objects.get_or_create(
        slug=slug,
        defaults={
            "format": format,
            "attribution": attribution,
            "zone": history.zone.key,
            "files": {name: asdict(count) for name, count in history.files.items()},
            "imported_at": now,
        },
    )
    if not is_new:
        raise Invalid(
            "The history %(slug)s was taken over on %(day)s.",
            field="slug",
            slug=slug,
            day=source.imported_at.date(),
        )
    ids = {}
    for chunk in _chunks(_orders(source, history)):
        ids |= {row.number: row.pk for row in HistoricOrder.objects.bulk_create(chunk)}
    for lines in _chunks(_lines(history, ids)):
        HistoricLine.objects.bulk_create(lines)
    for odd in _chunks(_oddities(source, history)):
        HistoricOddity.objects.bulk_create(odd)
    return source


def drop_history(*, slug: str) -> None:
    """Take a history away again, whole; nothing else rests on it.

    :raises Invalid: if there is none of this name.
    """
    deleted, _each = HistorySource.objects.filter(slug=slug).delete()
    if not deleted:
        raise Invalid("There is no history called %(slug)s.", field="slug", slug=slug)


def _chunks(rows: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _orders(source: HistorySource, history: History) -> Iterator[HistoricOrder]:
    for order in history.orders.values():
        yield HistoricOrder(
            source=source, number=order.number, kind=order.kind, buyer=order.buyer, market=order.market,
            region=order.region, currency=order.currency, total=order.total, state=order.state,
            placed_at=order.placed_at, shipped_at=order.shipped_at, delivered_at=order.delivered_at,
            promised_on=order.promised_on, is_late=order.is_late(history.zone), payments=order.payments,
            reviews=order.reviews,
        )  # fmt: skip


def _lines(history: History, ids: dict[str, int]) -> Iterator[HistoricLine]:
    for order in history.orders.values():
        for line in order.lines:
            yield HistoricLine(
                order_id=ids[order.number], row=line.row, code=line.code, title=line.title, kind=line.kind,
                seller=line.seller, quantity=line.quantity, unit_price=line.unit_price, freight=line.freight,
                cancels=line.cancels,
            )  # fmt: skip


def _oddities(source: HistorySource, history: History) -> Iterator[HistoricOddity]:
    for odd in history.oddities:
        yield HistoricOddity(
            source=source, file=odd.file, row=odd.row, code=odd.code, order=odd.order, said=odd.said[:300]
        )
