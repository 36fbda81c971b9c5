"""Why a seller may end an order of which nothing has left. The shopper is told in these words, in their language."""

from __future__ import annotations

from compliance.rulebook.words import noop as _

REASONS = {
    "sold_out": _("It is sold out."),
    "damaged": _("It was damaged before it could be sent."),
    "not_deliverable": _("It cannot be sent to this address."),
    "asked": _("You asked for it."),
}
