"""What can stand in the way after the sale, as facts with data. A declaration of withdrawal is never refused.

::

    Invalid
    ├── NothingChosen          no line, or no quantity
    ├── BadCount               a count that is not a whole number from 0
    └── BadEvidence            a file that cannot be kept: reason
    Conflict
    ├── TooManyAnnounced       more would be sent back than was bought: line, left
    ├── TooManyClaimed         more pieces are claimed than were bought: line, left
    ├── NotOpenByLaw           the law does not open this remedy now: remedy, opened
    ├── NotEndable             a late order cannot be ended yet: next_step
    ├── ReturnChanged          somebody else recorded something meanwhile
    ├── NotInspectable         a unit that is not here cannot be inspected: reception
    ├── NothingOwed            there is no refund to pay here: state
    ├── NotExchangeable        this cannot be exchanged: reason
    ├── LetterChanged          the letter reads otherwise than it was seen
    ├── LabelPriceChanged      a label costs another sum than was shown: price_minor
    ├── LabelTooDear           a label costs more than comes back
    └── DifferenceChanged      the difference in price is another than was shown: difference_minor
"""

from typing import ClassVar

from marketplace.kernel.errors import Conflict, Invalid


class NothingChosen(Invalid):
    code: ClassVar[str] = "nothing_chosen"
    title: ClassVar[str] = "Choose at least one thing."


class BadCount(Invalid):
    code: ClassVar[str] = "bad_count"
    title: ClassVar[str] = "A count is a whole number from 0."


class BadEvidence(Invalid):
    code: ClassVar[str] = "bad_evidence"
    title: ClassVar[str] = "This file cannot be kept."


class TooManyAnnounced(Conflict):
    code: ClassVar[str] = "too_many_announced"
    title: ClassVar[str] = "More would be sent back than was bought."


class ReturnChanged(Conflict):
    code: ClassVar[str] = "return_changed"
    title: ClassVar[str] = "Somebody recorded something about this return meanwhile. Please look at it again."


class NotInspectable(Conflict):
    code: ClassVar[str] = "not_inspectable"
    title: ClassVar[str] = "What has not arrived cannot be inspected."


class NothingOwed(Conflict):
    code: ClassVar[str] = "nothing_owed"
    title: ClassVar[str] = "There is no refund to pay here."


class TooManyClaimed(Conflict):
    code: ClassVar[str] = "too_many_claimed"
    title: ClassVar[str] = "More pieces would be claimed than you have."


class NotOpenByLaw(Conflict):
    code: ClassVar[str] = "not_open_by_law"
    title: ClassVar[str] = "The law does not open this at the moment."


class NotEndable(Conflict):
    code: ClassVar[str] = "not_endable"
    title: ClassVar[str] = "The order cannot be ended yet."


class NotExchangeable(Conflict):
    code: ClassVar[str] = "not_exchangeable"
    title: ClassVar[str] = "This cannot be exchanged."


class LetterChanged(Conflict):
    code: ClassVar[str] = "letter_changed"
    title: ClassVar[str] = "The letter reads otherwise by now. Please look at it again."


class DifferenceChanged(Conflict):
    code: ClassVar[str] = "difference_changed"
    title: ClassVar[str] = "The price has changed meanwhile. Please look at the difference again."


class LabelPriceChanged(Conflict):
    code: ClassVar[str] = "label_price_changed"
    title: ClassVar[str] = "The label costs another sum than was shown. Please look again."


class LabelTooDear(Conflict):
    code: ClassVar[str] = "label_too_dear"
    title: ClassVar[str] = (
        "Our label costs more than what comes back to you. Please send it by your own means."
    )
