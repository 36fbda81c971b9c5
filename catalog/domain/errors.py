"""Facts the catalogue refuses with.

::

    Invalid
    ├── BadIdentifier       a GTIN, ISBN or HS code that cannot be one        identifier, value, reason
    ├── BadOptions          a variant that does not fit the listing's options
    ├── BadDisclosure       a disclosure that the field registry does not know or take
    ├── BadPicture          a file that is not a picture we take             reason
    ├── BadCursor           a place in a list that we did not hand out
    ├── BadText             no title, or a language we do not know
    └── BadVoice            a review, question or answer without what it needs
    NotAllowed
    └── NotReceived         somebody who did not receive the goods wants to speak of them
    Conflict
    ├── OutOfStock          less on the shelf than asked for                 shortages
    ├── ReservationLost     what was held is no longer held                  holder
    ├── NotPublishable      the listing lacks what a product page needs      missing
    ├── WrongState          the action does not fit the listing's state      state, action
    ├── NotAReduction       the new price is not below the present one
    ├── UnlawfulReduction   its prior price is not the law's             markets, prior_minor, currency
    ├── ChangedMeanwhile    somebody changed it since; nothing was undone
    ├── SpokenAlready       there is a review of this line already
    └── CodeTaken           the merchant has another listing or variant of that code
"""

from __future__ import annotations

from marketplace.kernel.errors import Conflict, Invalid, NotAllowed


class BadIdentifier(Invalid):
    code, title = "bad_identifier", "This number cannot be right."


class BadOptions(Invalid):
    code, title = "bad_options", "The variants do not fit the options."


class BadDisclosure(Invalid):
    code, title = "bad_disclosure", "This detail is not written as it must be."


class BadPicture(Invalid):
    code, title = "bad_picture", "This file is not a picture we can take."


class BadPaper(Invalid):
    code, title = "bad_paper", "This file is not a document we can take."


class BadCursor(Invalid):
    code, title = "bad_cursor", "This is not a place in the list."


class BadText(Invalid):
    code, title = "bad_text", "The words of the listing are not complete."


class OutOfStock(Conflict):
    code, title = "out_of_stock", "There is less left than you asked for."


class ReservationLost(Conflict):
    code, title = "reservation_lost", "What we held for you is no longer held."


class NotPublishable(Conflict):
    code, title = "not_publishable", "The listing is not complete enough to be shown."


class WrongState(Conflict):
    code, title = "wrong_state", "The listing is in a state that does not allow this."


class NotAReduction(Conflict):
    code, title = "not_a_reduction", "A reduction must be below the present price."


class UnlawfulReduction(Conflict):
    code, title = "unlawful_reduction", "The law does not allow this reduction."


class ChangedMeanwhile(Conflict):
    code, title = "changed_meanwhile", "This was changed again since then, so nothing was undone."


class CodeTaken(Conflict):
    code, title = "code_taken", "You have another entry under this code."


class BadVoice(Invalid):
    code, title = "bad_voice", "Something is missing in what you wrote."


class NotReceived(NotAllowed):
    code, title = "not_received", "Only somebody who received these goods here can write about them."


class SpokenAlready(Conflict):
    code, title = "spoken_already", "You have reviewed this already. You can change what you wrote."
