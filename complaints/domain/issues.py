"""When complaints look like one and the same cause. Pure."""

from __future__ import annotations

from datetime import timedelta

from complaints.domain.states import Table

ISSUE_STATES = ("open", "closed")
ISSUE: Table = {
    ("open", "close"): "closed",
    ("closed", "reopen"): "open",
}
WINDOW = timedelta(days=30)  # how far back complaints are looked at
FEWEST = 3  # complaints that are alike before they are shown as one
