"""Facts about complaints that stand in the way of what somebody wanted."""

from __future__ import annotations

from typing import ClassVar

from compliance.rulebook.words import noop as _
from marketplace.kernel.errors import Conflict, Invalid, NotAllowed


class WrongState(Conflict):
    code: ClassVar[str] = "complaint_wrong_state"
    title: ClassVar[str] = _("This complaint has moved on; that step is no longer possible.")


class NewerMessages(Conflict):
    """The ticket changed since the writer looked; the text is kept as a draft."""

    code: ClassVar[str] = "newer_messages"
    title: ClassVar[str] = _(
        "Somebody wrote or changed something since you opened this. Your text is kept; read the news and send again."
    )


class NothingNext(Conflict):
    code: ClassVar[str] = "nothing_next"
    title: ClassVar[str] = _("There is no complaint waiting that fits your languages and skills.")


class TooLateToUndo(Conflict):
    code: ClassVar[str] = "too_late_to_undo"
    title: ClassVar[str] = _(
        "This cannot be undone any more: something happened since, or its minute is over."
    )


class NotYours(NotAllowed):
    code: ClassVar[str] = "not_yours"
    title: ClassVar[str] = _("A colleague has this complaint. Take it over first.")


class SecondPairOfEyes(Conflict):
    code: ClassVar[str] = "second_pair_of_eyes"
    title: ClassVar[str] = _("This sum needs a colleague's agreement. It waits for one now.")


class DecisionOvertaken(Conflict):
    code: ClassVar[str] = "decision_overtaken"
    title: ClassVar[str] = _("A newer decision took the place of this one. Nothing was paid for it.")


class GestureOver(Conflict):
    code: ClassVar[str] = "gesture_over"
    title: ClassVar[str] = _("This was settled already; look at what stands there now.")


class CaseMoved(Conflict):
    code: ClassVar[str] = "case_moved"
    title: ClassVar[str] = _("This case has moved on; look at what stands there now.")


class CaseWaits(Conflict):
    code: ClassVar[str] = "case_waits"
    title: ClassVar[str] = _("A decision on this waits for a colleague already.")


class OfferOver(Conflict):
    code: ClassVar[str] = "offer_over"
    title: ClassVar[str] = _("This offer is no longer on the table. Look at what stands there now.")


class RoomClosed(Conflict):
    code: ClassVar[str] = "room_closed"
    title: ClassVar[str] = _("The room is closed. What was agreed or decided stands on the complaint.")


class NoOrder(Invalid):
    """A remedy that is carried out on an order, for a complaint that names none."""

    code: ClassVar[str] = "no_order"
    title: ClassVar[str] = _("This complaint names no order, so nothing can be paid or sent for it.")


class Incomplete(Invalid):
    code: ClassVar[str] = "incomplete"
    title: ClassVar[str] = _("Something is still missing.")
