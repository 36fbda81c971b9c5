"""An order ended by its seller, or with its payment: what was owed of it is paid with it, and no more can be owed.

`orders` calls this inside the transaction that ends the order (`orders.operations.endings`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rulebook.words import noop as _
from orders.queries.law import rulings_of
from returns.domain import policy
from returns.domain.parts import Part
from returns.models import OwedRefund
from returns.operations.opening import lock_tallies
from returns.operations.refunding import (
    key_of_end,
    live_of,
    mark_requested,
    owe_refund,
    release_owed,
    request_owed,
    void_owed,
)
from returns.operations.settling import settle
from returns.queries import claim_law

OPEN = ("waiting", "held", "due")


def ask_for_owed(*, order: Any, now: datetime) -> None:
    """Ask for every sum that is owed of an order; nothing is waited for any more."""
    rows = OwedRefund.objects.filter(order=order, state__in=OPEN).order_by("pk")
    for pk, state in list(rows.values_list("pk", "state")):
        if state != "due":
            release_owed(owed_id=pk, due_on=_day(order, now), now=now)
        request_owed(owed_id=pk, now=now)


def note_ended(*, order: Any, refund: Any, is_paid: bool, now: datetime) -> None:
    """Count all pieces of an ended order as given up; owe what has not gone back of it, or nothing if nobody paid."""
    for tally in lock_tallies(list(order.lines.order_by("pk").values_list("pk", flat=True))):
        tally.withdrawn, tally.changed_at = tally.bought, now
        tally.save(update_fields=["withdrawn", "changed_at"])
    if is_paid:
        _owe_rest(order, refund, now)
        return
    owed = [row for row in live_of(order.pk) if row.state in OPEN]
    for row in owed:
        void_owed(owed_id=row.pk, now=now)
    for subject in dict.fromkeys(row.subject for row in owed):
        settle(subject=subject, now=now)


def _owe_rest(order: Any, refund: Any, now: datetime) -> None:
    """Owe what goes back by the refund, and what a cardholder's bank holds: that is asked for once it is back."""
    today = _day(order, now)
    deadline = claim_law.refund_deadline(order, reason="cancelled", on=today)
    told = deadline.answer["due_on"]
    shared: dict[str, Any] = {
        "order": order,
        "subject": order.public_id,
        "due_on": date.fromisoformat(told) if told else today + policy.REFUND_SOON,
        "rulings": rulings_of([deadline]),
        "answer": {"deadline": deadline.as_json()},
        "now": now,
    }
    because = _("Nothing was sent, so all that you paid comes back.")
    before = sum(row.amount_minor for row in live_of(order.pk) if not row.payment)
    here = refund.amount_minor if refund is not None else 0
    if refund is not None:
        owed = owe_refund(**shared, parts=[Part("", 0, "goods", here, because)], key=key_of_end(order))
        mark_requested(owed, refund=refund.public_id, now=now)
    if (rest := order.total_minor - before - here) > 0:
        owe_refund(**shared, parts=[Part("", 0, "goods", rest, because)], key=f"{key_of_end(order)}:rest")


def _day(order: Any, now: datetime) -> date:
    return now.astimezone(ZoneInfo(order.group.time_zone)).date()
