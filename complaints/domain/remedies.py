"""What can be given in a complaint, and what each of it does to the order. Pure."""

from __future__ import annotations

from complaints.domain import topics
from complaints.domain.states import Table
from compliance.rulebook.words import noop as _

# Beyond what people ask for: what an agent or the parties may give.
GIVEN = {
    **topics.REMEDIES,
    "goodwill": _("A sum as a gesture"),
    "return_label": _("A label to send it back, at no cost"),
}
OF_SUM = ("price_reduction", "goodwill")  # always a part: somebody names the sum
MONEY = ("refund", *OF_SUM)
GOODS = (
    "return_label",
    "repair",
    "replacement",
    "exchange",
)  # opened with the seller, of one line of the order
GESTURES = ("goodwill", "return_label")  # what the desk may give in passing, without a decision
ON_ORDER = (*MONEY, *GOODS)
WHOLE_ORDER = "order"  # in the place of a line: all of them, also where the complaint is about one

# `choosing`: an exchange whose new piece the shopper has yet to choose
SETTLEMENT_STATES = ("pending", "paid", "failed", "done", "choosing")
SETTLEMENT: Table = {
    ("pending", "pay"): "paid",
    ("pending", "fail"): "failed",
    ("paid", "fail"): "failed",  # the bank sent it back afterwards
    ("failed", "retry"): "pending",
    ("choosing", "choose"): "done",
}
