"""Claims, remedies and late deliveries in words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def kind_in_words(kind: str) -> str:
    return {
        "not_as_described": _("It is not as described"),
        "defective": _("It is faulty or broke"),
        "missing": _("Something is missing from the parcel"),
        "wrong": _("It is the wrong thing"),
        "damaged": _("It arrived damaged"),
        "unsafe": _("It is dangerous"),
        "not_arrived": _("It is said to have arrived, but it did not"),
    }[kind]


def remedy_in_words(remedy: str) -> str:
    """Return a remedy as the shopper asks for it."""
    return {
        "repair": _("Repair"),
        "replacement": _("Another one"),
        "price_reduction": _("Keep it and pay less"),
        "termination": _("Send it back and get the money"),
        "reject": _("Hand it back at once and get the money"),
        "final_rejection": _("Hand it back and get the money"),
        "refund": _("Money back"),
        "compensation": _("Compensation"),
    }[remedy]


def claim_state_in_words(state: str) -> str:
    return {
        "open": _("the seller answers"),
        "offered": _("the seller offers something else"),
        "refused": _("the seller refuses"),
        "resting": _("rests"),
        "escalated": _("we decide"),
        "upheld": _("not granted"),
        "remedying": _("being put right"),
        "done": _("put right"),
        "dropped": _("taken back"),
    }[state]


def remedy_state_in_words(state: str) -> str:
    return {
        "due": _("to be done"),
        "sent": _("on its way to you"),
        "done": _("done"),
        "failed": _("did not help"),
        "late": _("not done in time"),
        "refused": _("refused"),
    }[state]


def note_in_words(what: str) -> str:
    """Return what happened to a claim, as a heading of a letter and of the time line."""
    return {
        "filed": _("You told us what is wrong"),
        "added": _("You added a picture, a film or a paper"),
        "accepted": _("The seller accepts"),
        "offered": _("The seller offers something else"),
        "refused": _("The seller refuses"),
        "agreed": _("You took the offer"),
        "disputed": _("You asked us to decide"),
        "dropped": _("You took the claim back"),
        "confirmed": _("You said that it is all right"),
        "failed": _("You said that it did not help"),
        "sent": _("It is on its way to you"),
        "paid": _("The money was paid"),
        "granted": _("We decided for you"),
        "granted_by_default": _("The seller was silent, so we decided for you"),
        "upheld": _("We decided that the refusal stands"),
        "taken_over": _("The seller did not answer, so we take over"),
        "rested": _("The claim rests"),
        "quiet": _("Nothing more was heard, so it counts as put right"),
    }[what]


def letter_in_words(name: str) -> str:
    """Return what a prepared letter is for, as whoever sends it reads it."""
    return {
        "claim-pictures": _("Ask for pictures"),
        "claim-guarantee": _("What the guarantee gives"),
        "withdrawal-send-back": _("How to send it back"),
        "withdrawal-money": _("When the money comes"),
        "withdrawal-nothing-back": _("Nothing has to be sent back"),
        "withdrawal-kept-money": _("When the money comes, without a parcel"),
        "withdrawal-late": _("The time to withdraw was over"),
        "withdrawal-reasons": _("Why it does not take effect, and how to dispute it"),
        "return-arrived": _("It has arrived"),
    }[name]


def letter_title(kind: str, number: str) -> str:
    """Return the subject of a letter about a case."""
    words = {
        "claim": _("About your claim %(number)s"),
        "withdrawal": _("About your withdrawal %(number)s"),
        "exchange": _("About your exchange %(number)s"),
    }
    return words[kind.partition("_")[0]] % {"number": number}


def late_step_in_words(step: str) -> str:
    """Return what the law says can be done about a delivery now."""
    return {
        "wait": _("It is not late yet."),
        "none": _("It has arrived."),
        "set_additional_period": _(
            "It is late. Give the seller one more period; if it passes too, you can end the contract."
        ),
        "wait_for_additional_period": _(
            "You gave the seller one more period. If it passes, you can end the contract."
        ),
        "terminate_and_refund_without_delay": _("You can end the contract now and get your money back."),
        "consent_or_cancel": _("You can wait, or cancel now and get your money back."),
        "refund": _("The order has ended. Your money comes back."),
    }.get(step, "")
