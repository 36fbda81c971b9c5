"""Money in dispute: held as a sum of its own, so that the rest is paid in time. The caller holds the order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.kernel.errors import Conflict
from returns.domain.parts import Part, difference, parts_of
from returns.models import OwedRefund
from returns.operations.reckoning import reckoned
from returns.operations.refunding import owe_refund, void_owed


def open_sums(order_id: int) -> list[OwedRefund]:
    """Return what is owed for an order and not asked for yet, oldest first."""
    return [row for row in reckoned(order_id) if row.state in ("waiting", "due")]


def hold(ret: Any, line: Any, held: int, loss: str, *, now: datetime, kind: str = "value_loss") -> OwedRefund:
    """Split what is owed: the part in dispute is held, the rest stays as it is. Returns the held row.

    :param kind: as what it stands among the parts.
    :raises Conflict: when less than that is open.
    """
    rows = open_sums(ret.order_id)
    whole = sum(row.amount_minor for row in rows)
    if whole < held:
        raise Conflict("The money was paid before.", field="amount")
    first = rows[0]
    parts: tuple[Part, ...] = ()
    for row in rows:
        parts = difference((*parts, *parts_of(row.parts)), ())
        void_owed(owed_id=row.pk, now=now)
    told = {
        "order": ret.order, "subject": ret.subject, "due_on": first.due_on, "rulings": first.rulings,
        "answer": first.answer, "now": now,
    }  # fmt: skip
    lost = Part(line.public_id, 0, kind, held, "")
    owe_refund(
        **told, parts=[*parts, Part(line.public_id, 0, kind, -held, "")], key=f"{first.key}:less:{loss}",
        state=first.state,
    )  # fmt: skip
    row = owe_refund(**told, parts=[lost], key=f"{first.key}:held:{loss}", state="held")
    assert row is not None
    return row
