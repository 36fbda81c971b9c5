"""The price of a label is taken off what comes back, and given back if the label is not used; the caller holds the return."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from returns.domain import policy
from returns.domain.parts import parts_of
from returns.models import OwedRefund, ReturnParcel
from returns.operations.refunding import owe_refund, void_owed
from returns.queries.labels import CHARGED, label_part, owed_rows, taken_off


def settle_labels(*, ret: Any, now: datetime) -> OwedRefund | None:
    """Bring what is owed in line with what the labels of a locked return cost; return the row that says it now.

    A sum that is not asked for yet is replaced by one with the label in it. What was taken off a sum that is on
    its way, or paid, comes back by a sum of its own.
    """
    rows = owed_rows(ret)
    live = ReturnParcel.objects.filter(ret__order=ret.order_id, ret__subject=ret.subject, state__in=CHARGED)
    charged = live.aggregate(sum=Sum("price_minor"))["sum"] or 0
    more = charged - sum(taken_off(row) for row in rows)
    if more == 0:
        return None
    number = OwedRefund.objects.filter(order_id=ret.order_id, subject=ret.subject).count()
    key = f"{ret.subject}:{ret.order.public_id}:label:{number}"
    part = label_part(ret, -more)
    able = [row for row in rows if row.state in ("waiting", "due") and row.amount_minor > more]
    if able:
        row = max(able, key=lambda one: one.amount_minor)
        void_owed(owed_id=row.pk, now=now)
        return owe_refund(
            order=row.order, subject=row.subject, parts=[*parts_of(row.parts), part], due_on=row.due_on,
            rulings=row.rulings, key=key, now=now, state=row.state, answer=row.answer,
        )  # fmt: skip
    if more > 0:  # nothing is left to take it off
        return None
    today = now.astimezone(ZoneInfo(ret.order.group.time_zone)).date()
    return owe_refund(
        order=ret.order, subject=ret.subject, parts=[part], due_on=today + policy.LABEL_PAID, rulings=[], key=key,
        now=now,
    )  # fmt: skip
