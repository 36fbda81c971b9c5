"""What becomes of a suggestion."""

from __future__ import annotations

from complaints.domain.states import Table

NEW, SHOWN, PLANNED, DONE, DECLINED, HIDDEN = "new", "shown", "planned", "done", "declined", "hidden"
SUGGESTION_STATES = (NEW, SHOWN, PLANNED, DONE, DECLINED, HIDDEN)
PUBLIC = (SHOWN, PLANNED, DONE, DECLINED)
VOTED_ON = (SHOWN, PLANNED)
NEEDS_ANSWER = ("plan", "do", "decline")
SUGGESTION: Table = {
    (NEW, "show"): SHOWN,
    (HIDDEN, "show"): SHOWN,
    **{(state, "plan"): PLANNED for state in (NEW, SHOWN, DECLINED)},
    **{(state, "do"): DONE for state in (NEW, SHOWN, PLANNED, DECLINED)},
    **{(state, "decline"): DECLINED for state in (NEW, SHOWN, PLANNED)},
    **{(state, "hide"): HIDDEN for state in (NEW, SHOWN, PLANNED, DONE, DECLINED)},
}
