"""Something goes back: announced here, whatever the reason. Withdrawals, claims and exchanges call this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q

from marketplace.kernel import outbox
from orders.queries import after_sales
from returns.domain.errors import NothingChosen, TooManyAnnounced
from returns.domain.states import RECEPTION, RETURN, may, next_state
from returns.events import ReturnOpened
from returns.models import ClaimRemedy, Exchange, LineTally, Return, ReturnLine, ReturnUnit
from returns.operations.labels import settle_labels
from returns.queries.exchanges import in_hand


@transaction.atomic
def open_return(
    *,
    order: Any,
    lines: Mapping[str, int],
    reason: str,
    subject: str,
    paid_by: str,
    now: datetime,
    send_back_by: date | None = None,
    due_on: date | None = None,
    rulings: list[dict[str, Any]] | None = None,
) -> Return:
    """Announce that pieces of an order go back to its merchant.

    :param lines: how many of each line, by the order line's public id.
    :param reason: withdrawal, claim, exchange or unannounced.
    :param subject: the plain public id of what it belongs to ("W-7Q2K9F3M").
    :param paid_by: consumer, merchant or marketplace.
    :param due_on: by when the merchant has to act, if that is known already.
    :raises NothingChosen: for no line, or no quantity.
    :raises TooManyAnnounced: if more would be on the way back than was bought.
    """
    wanted = {line: count for line, count in lines.items() if count > 0}
    if not wanted or len(wanted) != len(lines):
        raise NothingChosen(field="lines")
    (order,) = after_sales.lock_orders([order.pk])
    rows = {line.public_id: line for line in order.lines.filter(public_id__in=wanted).order_by("pk")}
    if rows.keys() != wanted.keys():
        raise NothingChosen("This is not a line of the order.", field="lines")
    count_returning({rows[line].pk: count for line, count in wanted.items()}, now=now)
    ret = Return.objects.create(
        order=order,
        merchant_id=order.merchant_id,
        market=order.group.market,
        reason=reason,
        subject=subject,
        paid_by=paid_by,
        rulings=rulings or [],
        send_back_by=send_back_by,
        due_on=due_on,
        opened_at=now,
        changed_at=now,
    )
    made = ReturnLine.objects.bulk_create(
        [ReturnLine(ret=ret, line=rows[line], announced=count) for line, count in wanted.items()]
    )
    ReturnUnit.objects.bulk_create(
        [
            ReturnUnit(return_line=line, variant_id=variant)
            for line in made
            for variant in _pieces(line.line, line.announced, reason)
        ]
    )
    outbox.publish(ReturnOpened(ret.public_id, order.public_id, subject, reason))
    return ret


def _pieces(line: Any, count: int, reason: str) -> list[int | None]:
    """Return which variant each piece is: what came in exchange goes back first, but is not exchanged again."""
    return [None] * count if reason == "exchange" else in_hand(line)[:count]


def count_returning(deltas: Mapping[int, int], *, now: datetime) -> None:
    """Count pieces that begin (or cease) to go back, by the order line's key, in the open transaction.

    :raises TooManyAnnounced: if more would be on the way back than was bought.
    """
    for tally in lock_tallies(deltas):
        left = tally.bought - tally.returning
        if deltas[tally.line_id] > left:
            raise TooManyAnnounced(field="lines", line=tally.line.public_id, left=left)
        LineTally.objects.filter(pk=tally.pk).update(
            returning=F("returning") + deltas[tally.line_id], changed_at=now
        )


def lock_tallies(line_ids: Iterable[int]) -> list[LineTally]:
    """Return the tallies of order lines, made if need be, locked in the order of their lines."""
    ids = sorted(set(line_ids))
    known = set(LineTally.objects.filter(line_id__in=ids).values_list("line_id", flat=True))
    if len(known) < len(ids):
        bought = after_sales.bought_quantities([pk for pk in ids if pk not in known])
        LineTally.objects.bulk_create(
            [LineTally(line_id=pk, bought=count) for pk, count in sorted(bought.items())],
            ignore_conflicts=True,
        )
    rows = LineTally.objects.select_for_update(of=("self",)).select_related("line")
    return list(rows.filter(line_id__in=ids).order_by("line_id"))


def pieces_of(returns: Iterable[Return]) -> dict[int, int]:
    """Return how many pieces of which order line go back by these returns; what was called off does not count."""
    units = ReturnUnit.objects.filter(return_line__ret__in=list(returns))
    lines = units.exclude(reception__in=["cancelled", "excess", "sent_back"]).values_list("return_line__line")
    return dict(lines.annotate(Count("pk")).order_by("return_line__line"))


@transaction.atomic
def cancel_return(*, return_id: int, now: datetime) -> Return:
    """Call a return off that has not been sent; what was declared stays declared.

    :raises WrongState: once it is on its way.
    """
    ret = locked_return(return_id)
    ret.state = next_state(RETURN, ret.state, "cancel")
    ret.changed_at = now
    ret.save(update_fields=["state", "changed_at"])
    freed: dict[int, int] = {}
    for unit in units_of(ret):
        if may(RECEPTION, unit.reception, "cancel"):
            unit.reception = next_state(RECEPTION, unit.reception, "cancel")
            unit.save(update_fields=["reception"])
            line_id = unit.return_line.line_id
            freed[line_id] = freed.get(line_id, 0) - 1
    ret.parcels.filter(state="booked").update(state="cancelled")
    settle_labels(ret=ret, now=now)
    count_returning({} if came_again(ret) else freed, now=now)
    return ret


def counted_of(ret: Return) -> dict[int, int]:
    """Return how many pieces of which order line (its key) still count as going back by a return."""
    lines = ret.lines.annotate(off=Count("units", filter=Q(units__reception="cancelled")))
    return {line.line_id: line.announced - line.off for line in lines}


def count_after_all(ret: Return, line_id: int, *, now: datetime) -> bool:
    """Count a piece that was called off and came all the same; tell whether there is room for it."""
    if came_again(ret):
        return True
    try:
        count_returning({line_id: 1}, now=now)
    except TooManyAnnounced:  # it went back another way meanwhile
        return False
    return True


def came_again(ret: Return) -> bool:
    """Tell whether the pieces of a return were sent anew, so that they ceased to count when that left."""
    repaired = ClaimRemedy.objects.filter(ret=ret, sent_at__isnull=False)
    return repaired.exists() or Exchange.objects.filter(ret=ret, shipped_at__isnull=False).exists()


def locked_return(return_id: int) -> Return:
    """Lock a return behind its order, and return it with its order."""
    order_id = Return.objects.values_list("order_id", flat=True).get(pk=return_id)
    after_sales.lock_orders([order_id])
    rows = Return.objects.select_for_update(of=("self",)).select_related("order__group", "merchant")
    return rows.get(pk=return_id)


def units_of(ret: Return) -> list[ReturnUnit]:
    """Return a return's units, locked in the order of their keys."""
    rows = ReturnUnit.objects.select_for_update(of=("self",)).select_related("return_line__line")
    return list(rows.filter(return_line__ret=ret).order_by("pk"))
