"""What the orders ask: which pieces are not to be sent any more, and why a line must not be paid out yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F

from compliance.rulebook.words import noop as _
from returns.domain.claims import CLAIM_OPEN
from returns.domain.states import RETURN_OPEN
from returns.models import Claim, LineTally, OwedRefund, ReturnLine, WithdrawalLine
from returns.queries import exchanges


def withdrawn_before_sending(orders: Sequence[Any]) -> Mapping[str, int]:
    """Return the pieces of some orders that were withdrawn from and are not on their way back: they never left."""
    bound = LineTally.objects.filter(line__order__in=orders, withdrawn__gt=F("ended_after"))
    gone = dict(bound.values_list("line__public_id", F("withdrawn") - F("ended_after")))
    if not gone:
        return {}
    back = ReturnLine.objects.filter(line__order__in=orders, ret__reason="withdrawal")
    for line, count in back.values_list("line__public_id", "announced"):
        gone[line] = gone.get(line, 0) - count
    return {line: count for line, count in gone.items() if count > 0}


def holds(lines: Sequence[str], today: date) -> Mapping[str, str]:
    """Return why lines wait: a return on its way, a refund that is owed, a dispute, an exchange, a claim. Five queries."""
    found: dict[str, str] = {}
    disputed = WithdrawalLine.objects.filter(line__public_id__in=lines, state="disputed")
    for line in disputed.values_list("line__public_id", flat=True):
        found[line] = _("a withdrawal is disputed")
    owed = OwedRefund.objects.filter(
        order__lines__public_id__in=lines, state__in=["waiting", "held", "due", "requested"]
    )
    named: dict[str, set[str]] = {}
    for order, parts in owed.values_list("order_id", "parts").distinct():
        named.setdefault(str(order), set()).update(part["line"] for part in parts)
    for whose in named.values():
        for line in lines:
            if line in whose or "" in whose:
                found.setdefault(line, _("a refund is owed"))
    back = ReturnLine.objects.filter(line__public_id__in=lines, ret__state__in=RETURN_OPEN)
    for line in back.values_list("line__public_id", flat=True):
        found.setdefault(line, _("a return is open"))
    for line in exchanges.holds(lines):
        found.setdefault(line, _("an exchange is open"))
    claimed = Claim.objects.filter(line__public_id__in=lines, state__in=CLAIM_OPEN)
    for line in claimed.values_list("line__public_id", flat=True):
        found.setdefault(line, _("a claim is open"))
    return found
