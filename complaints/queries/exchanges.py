"""What may be had instead of a thing that a complaint is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rulebook.words import noop as _
from orders.queries import after_sales
from returns.queries.exchanges import Choice, choice_of

WHY_NOT = {
    "not_offered": _("The seller offers no exchange."),
    "not_delivered": _("It has not arrived yet; only what has arrived is exchanged."),
    "too_late": _("The time in which the seller exchanges it is over."),
    "none_left": _("No piece of it is left to exchange."),
    "no_other": _("There is nothing else of it to have at the moment."),
}


def exchange_choice(order: Any, line: str, *, language: str, now: datetime) -> Choice:
    """Return what may be had instead of a line (public id) of an order today, or why nothing may."""
    whole = after_sales.order_with_parts(order.pk)
    row = next(one for one in whole.lines.all() if one.public_id == line)
    today = now.astimezone(ZoneInfo(whole.group.time_zone)).date()
    return choice_of(whole, row, today=today, language=language)
