"""What follows by itself: what is due is paid after the inspection, what is done is settled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from returns.domain.states import RESELLABLE_GRADES, RETURN, WITHDRAWAL, may, next_state
from returns.models import OwedRefund, Return, ReturnUnit, Withdrawal
from returns.operations.opening import locked_return
from returns.operations.refunding import request_owed


def pay_for(*, subject: str, order: str, now: datetime) -> int:
    """Ask for everything that is due for a subject and an order (public ids); return how many."""
    rows = OwedRefund.objects.filter(subject=subject, order__public_id=order, state="due").order_by("pk")
    return sum(
        request_owed(owed_id=pk, now=now).state == "requested"
        for pk in list(rows.values_list("pk", flat=True))
    )


def pay_inspected(*, ret: str, now: datetime) -> int:
    """Pay at once for a return (its public id) of which every piece is accepted and as good as new.

    What is claimed need not be as new: it is faulty. Else, where something is worn or refused, or nothing came at
    all, the merchant has until the last day to claim a loss with evidence; then the job pays what is due.
    """
    found = Return.objects.select_related("order").get(public_id=ret)
    here = ReturnUnit.objects.filter(return_line__ret=found, reception="received")
    good = (
        {"acceptance": "accepted"}
        if found.reason == "claim"
        else {"acceptance": "accepted", "grade__in": RESELLABLE_GRADES}
    )
    if not here.exists() or here.exclude(**good).exists():
        return 0
    return pay_for(subject=found.subject, order=found.order.public_id, now=now)


@transaction.atomic
def settle(*, subject: str, now: datetime) -> Withdrawal | None:
    """Settle a withdrawal of which everything is paid, and close its returns that were looked at."""
    if OwedRefund.objects.filter(subject=subject, state__in=["waiting", "held", "due", "requested"]).exists():
        return None
    for pk in list(
        Return.objects.filter(subject=subject, state="inspected").order_by("pk").values_list("pk", flat=True)
    ):
        ret = locked_return(pk)
        if may(RETURN, ret.state, "close"):
            ret.state = next_state(RETURN, ret.state, "close")
            ret.closed_at, ret.due_on, ret.changed_at = now, None, now
            ret.save(update_fields=["state", "closed_at", "due_on", "changed_at"])
    found = Withdrawal.objects.select_for_update().filter(public_id=subject).first()
    disputed = found is not None and found.lines.filter(state="disputed").exists()
    if found is not None and not disputed and may(WITHDRAWAL, found.state, "settle"):
        found.state = next_state(WITHDRAWAL, found.state, "settle")
        found.save(update_fields=["state"])
    return found
